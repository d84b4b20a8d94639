import { expect, test } from "vitest";

import { HOUR, SECOND } from "../core/time.ts";
import { createSpeedGate } from "./speed-gate.ts";

test("a delivery without a speed passes, one with a speed takes its turn, and a change counts at once", () => {
  const speeds = new Map<number, number | null>([
    [1, null],
    [2, 3600],
  ]);
  const gate = createSpeedGate((id) => speeds.get(id) ?? null);
  expect(gate.wait(1, "entering", 0)).toBeNull();
  expect(gate.wait(2, "entering", 0)).toBe(SECOND);
  expect(gate.wait(2, "entering", SECOND)).toBeNull();
  gate.take(2, "entering", SECOND);
  expect(gate.wait(2, "entering", SECOND)).toBe(2 * SECOND);
  speeds.set(2, null);
  expect(gate.wait(2, "entering", SECOND)).toBeNull();
});

test("in an hour no more than the speed leaves, wherever it is asked", () => {
  const gate = createSpeedGate(() => 1000);
  let left = 0;
  for (let now = 0; now <= HOUR; now += 100) {
    while (gate.wait(1, "leaving", now) === null) {
      gate.take(1, "leaving", now);
      left++;
    }
  }
  expect(left).toBeGreaterThan(990);
  expect(left).toBeLessThanOrEqual(1001);
});

test("entering and leaving are asked apart: what was made is not counted twice", () => {
  const gate = createSpeedGate(() => 3600);
  gate.wait(1, "entering", 0);
  gate.wait(1, "leaving", 0);
  gate.take(1, "entering", SECOND);
  expect(gate.wait(1, "leaving", SECOND)).toBeNull();
});

test("a slow delivery holds a minute's worth in memory, at least ten", () => {
  const speeds = [60, 60_000, null];
  expect(speeds.map((speed) => createSpeedGate(() => speed).windowOf(1))).toEqual([10, 1000, Number.POSITIVE_INFINITY]);
});
