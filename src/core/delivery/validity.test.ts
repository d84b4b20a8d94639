import { describe, expect, test } from "vitest";
import { DAY, HOUR, MINUTE, parseDuration, SECOND } from "../time.ts";
import { effectiveValidity, formatDuration, mayAttempt, validityFrom } from "./validity.ts";

test.each([
  [5 * DAY, 84 * HOUR, 84 * HOUR],
  [DAY, 84 * HOUR, DAY],
  [DAY, DAY, DAY],
])("%i ms under a cap of %i ms", (validity, cap, expected) => expect(effectiveValidity(validity, cap)).toBe(expected));

test.each([
  ["the period", 2 * DAY, null, 2 * DAY],
  ["the date, though the period is shorter", DAY, 1000 + 2 * DAY, 2 * DAY],
  ["the cap, though the date is later", DAY, 1000 + 9 * DAY, 84 * HOUR],
  ["nothing: the date is over", DAY, 900, -100],
])("from a start at 1000: %s", (_, period, until, expected) => {
  expect(validityFrom({ period, until }, 84 * HOUR, 1000)).toBe(expected);
});

test.each([
  [999, true],
  [1000, false],
  [1001, false],
])("an attempt at %i, valid until 1000: %s", (now, may) => expect(mayAttempt(1000, now)).toBe(may));

describe("durations as settings write them", () => {
  test.each([
    [5 * DAY, "5d"],
    [84 * HOUR, "84h"],
    [90 * MINUTE, "90m"],
    [61 * SECOND, "61s"],
  ])("%i ms", (duration, text) => {
    expect(formatDuration(duration)).toBe(text);
    expect(parseDuration(text)).toBe(duration);
  });
});
