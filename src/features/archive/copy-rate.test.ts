import { expect, test } from "vitest";

import { MINUTE, SECOND } from "../../core/time.ts";
import { createCopyRate } from "./copy-rate.ts";

test("is not known at first, then what was archived since, per minute", () => {
  const rate = createCopyRate();
  expect(rate.sample(0, 100)).toBeNull();
  expect(rate.sample(SECOND / 2, 110)).toBeNull();
  expect(rate.sample(30 * SECOND, 300)).toBe(400);
});

test("looks back one minute", () => {
  const rate = createCopyRate();
  for (let s = 0; s <= 120; s += 10) rate.sample(s * SECOND, s < 60 ? s * 10 : 600);
  expect(rate.sample(2 * MINUTE + 10 * SECOND, 600)).toBe(0);
});

test("starts again after nobody looked for more than a minute, and when copies were withdrawn", () => {
  const rate = createCopyRate();
  rate.sample(0, 0);
  expect(rate.sample(10 * MINUTE, 5000)).toBeNull();
  expect(rate.sample(10 * MINUTE + 2 * SECOND, 5010)).toBe(300);
  expect(rate.sample(10 * MINUTE + 4 * SECOND, 5000)).toBeNull();
});
