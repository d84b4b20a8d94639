import { expect, test } from "vitest";

import { DAY, SECOND } from "../../src/core/time.ts";
import { VirtualClock } from "./clock.ts";
import { randomOf } from "./random.ts";

const START = Date.parse("2026-11-21T09:00:00Z");

test("events come in the order of their time, and of their making where that is the same", async () => {
  const clock = new VirtualClock(START);
  const random = randomOf(7);
  const seen: { at: number; made: number }[] = [];
  for (let made = 0; made < 2000; made++) {
    clock.after(random.int(0, 300), () => seen.push({ at: clock.steady(), made }));
  }
  await clock.run(START + SECOND);
  expect(seen).toHaveLength(2000);
  expect(seen).toEqual(seen.toSorted((a, b) => a.at - b.at || a.made - b.made));
  expect(clock.steady()).toBe(START + SECOND);
});

test("promises settle between two events, however long the chain", async () => {
  const clock = new VirtualClock(START);
  const seen: string[] = [];
  const chain = async () => {
    for (let i = 0; i < 500; i++) await Promise.resolve();
    seen.push("chain");
  };
  clock.after(1, () => void chain());
  clock.after(1, () => seen.push("next"));
  await clock.run(START + SECOND);
  expect(seen).toEqual(["chain", "next"]);
});

test("a jump moves the wall clock and no timer", async () => {
  const clock = new VirtualClock(START);
  let firedAt = 0;
  clock.after(10 * SECOND, () => (firedAt = clock.steady()));
  clock.after(SECOND, () => clock.jump(-DAY));
  await clock.run(START + 20 * SECOND);
  expect(firedAt).toBe(START + 10 * SECOND);
  expect(clock.wall()).toBe(START + 20 * SECOND - DAY);
});

test("what a killed process waited for does not come", async () => {
  const clock = new VirtualClock(START);
  const { timers, kill } = clock.timers();
  let fired = 0;
  timers.set(() => fired++, 10);
  timers.clear(timers.set(() => fired++, 10));
  timers.set(() => fired++, 30);
  clock.after(20, kill);
  await clock.run(START + SECOND);
  expect(fired).toBe(1);
});
