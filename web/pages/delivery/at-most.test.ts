/** Two ticks a second, the newest value always, the last one never lost. */
import { afterEach, beforeEach, expect, test, vi } from "vitest";

import { atMost } from "./at-most.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test("the first value passes at once, then one per interval, the newest", () => {
  const seen: number[] = [];
  const gate = atMost<number>(500, (value) => seen.push(value), Date.now);
  gate.offer(1);
  gate.offer(2);
  gate.offer(3);
  expect(seen).toEqual([1]);
  vi.advanceTimersByTime(499);
  expect(seen).toEqual([1]);
  vi.advanceTimersByTime(1);
  expect(seen).toEqual([1, 3]);
  vi.advanceTimersByTime(5000);
  expect(seen).toEqual([1, 3]);
});

test("at a hundred values a second the screen ticks at most twice a second", () => {
  let ticks = 0;
  const gate = atMost<number>(500, () => ticks++, Date.now);
  for (let index = 0; index < 1000; index++) {
    gate.offer(index);
    vi.advanceTimersByTime(10);
  }
  expect(ticks).toBeLessThanOrEqual(21);
  expect(ticks).toBeGreaterThanOrEqual(19);
});

test("nothing comes after stop", () => {
  const seen: number[] = [];
  const gate = atMost<number>(500, (value) => seen.push(value), Date.now);
  gate.offer(1);
  gate.offer(2);
  gate.stop();
  vi.advanceTimersByTime(1000);
  expect(seen).toEqual([1]);
});
