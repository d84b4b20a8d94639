import { describe, expect, test } from "vitest";
import { DAY, HOUR, MINUTE, parseDuration, SECOND } from "../time.ts";
import { effectiveValidity, formatDuration, mayAttempt } from "./validity.ts";

test.each([
  [5 * DAY, 84 * HOUR, 84 * HOUR],
  [DAY, 84 * HOUR, DAY],
  [DAY, DAY, DAY],
])("%i ms under a cap of %i ms", (validity, cap, expected) => expect(effectiveValidity(validity, cap)).toBe(expected));

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
