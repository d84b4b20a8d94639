import { expect, test } from "vitest";

import { createRateMeter } from "./rate.ts";

test.each<[string, [at: number, done: number][], number | null]>([
  ["one sample tells nothing", [[0, 5]], null],
  [
    "less than a second tells nothing",
    [
      [0, 0],
      [900, 90],
    ],
    null,
  ],
  [
    "two samples",
    [
      [0, 0],
      [2000, 100],
    ],
    50,
  ],
  [
    "what was done before the first sample does not count",
    [
      [0, 1000],
      [1000, 1010],
    ],
    10,
  ],
  [
    "the window slides: the fast start is forgotten",
    [
      [0, 0],
      [1000, 9000],
      [6000, 9000],
      [11_500, 9050],
    ],
    4.8,
  ],
  [
    "a standstill is 0, not unknown",
    [
      [0, 10],
      [5000, 10],
    ],
    0,
  ],
  [
    "a new analysis starts again",
    [
      [0, 500],
      [5000, 0],
    ],
    null,
  ],
])("%s", (_name, samples, expected) => {
  const meter = createRateMeter();
  const rates = samples.map(([at, done]) => meter.sample(at, done));
  expect(rates.at(-1)).toBe(expected);
});
