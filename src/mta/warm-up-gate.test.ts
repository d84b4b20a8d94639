import { expect, test } from "vitest";

import { HOUR, MINUTE } from "../core/time.ts";
import { createWarmUpGate, type Grant } from "./warm-up-gate.ts";

/** A database with `daily` messages; answers come when `answer` is called. */
function warmUp(daily: number) {
  let left = daily;
  let now = 0;
  const asked: (() => void)[] = [];
  const back: number[] = [];
  const gate = createWarmUpGate({
    reserve: (want) =>
      new Promise<Grant>((resolve) => {
        asked.push(() => {
          const granted = Math.min(want, left);
          left -= granted;
          resolve({ granted, remainingToday: left, nextAt: left === 0 ? now + HOUR : null });
        });
      }),
    giveBack: (unused) => {
      back.push(unused);
      left += unused;
      return Promise.resolve();
    },
    onError: (error) => {
      throw error;
    },
    onGranted: () => {},
    steady: () => now,
    now: () => now,
  });
  const answer = async () => {
    for (const reply of asked.splice(0)) reply();
    await Promise.resolve();
    await Promise.resolve();
  };
  const send = async (messages: number) => {
    let sent = 0;
    for (let i = 0; i < messages; i++) {
      if (gate.wait(now) !== null) await answer();
      if (gate.wait(now) !== null) break;
      gate.take();
      sent++;
    }
    return sent;
  };
  return { gate, send, answer, back, left: () => left, pass: (ms: number) => void (now += ms) };
}

test("no more leaves than was granted, and the end says when to ask again", async () => {
  const { send, gate } = warmUp(35);
  expect(await send(100)).toBe(35);
  expect(gate.exhaustedUntil(0)).toBe(HOUR);
  expect(gate.wait(1000)).toBe(HOUR);
});

test("what is granted and not used goes back after a while", async () => {
  const { send, gate, back, left, pass } = warmUp(100);
  expect(await send(3)).toBe(3);
  await gate.giveBack(0, false);
  expect(back).toEqual([]);
  pass(2 * MINUTE);
  await gate.giveBack(2 * MINUTE, false);
  expect(back).toEqual([7]);
  expect(left()).toBe(97);
});

test("what was asked for before a change is not spent after it", async () => {
  const { gate, answer, back } = warmUp(100);
  gate.wait(0);
  gate.forget();
  await answer();
  expect(back).toEqual([10]);
  expect(gate.wait(0)).not.toBeNull();
});

test("what is forgotten goes back, because it was counted", async () => {
  const { send, gate, left } = warmUp(100);
  expect(await send(3)).toBe(3);
  gate.forget();
  await Promise.resolve();
  expect(left()).toBe(97);
});

test("at the end all goes back, and whoever closes can wait for it", async () => {
  const { send, gate, left } = warmUp(100);
  await send(1);
  await gate.giveBack(0, true);
  expect(left()).toBe(99);
});

test("a source that is gone is not asked about with every message", async () => {
  let asked = 0;
  const gate = createWarmUpGate({
    reserve: () => {
      asked++;
      return Promise.resolve({ granted: 0, remainingToday: 0, nextAt: null });
    },
    giveBack: () => Promise.resolve(),
    onError: () => {},
    onGranted: () => {},
    steady: () => MINUTE,
    now: () => MINUTE,
  });
  for (let i = 0; i < 100; i++) {
    gate.wait(MINUTE);
    await Promise.resolve();
  }
  expect(asked).toBe(1);
});
