/** The formats, where a wrong digit would tell the operator something untrue. */
import { expect, test } from "vitest";

import { createFormats } from "./format.ts";

const en = createFormats("en-US", "UTC");
const NOW = Date.parse("2026-03-01T12:00:00Z");

test.each([
  [0, 10, "0%"],
  [10, 10, "100%"],
  [99_999, 100_000, "99.9%"],
  [1, 100_000, "0.1%"],
  [1, 3, "33.3%"],
])("%i of %i is written %s", (part, base, text) => {
  expect(en.percent(part, base)).toBe(text);
});

test("a share of nothing is not known", () => {
  expect(en.percent(0, 0)).toBeNull();
});

test.each([
  ["2026-03-01T11:59:58Z", "2 sec. ago"],
  ["2026-03-01T11:58:30Z", "1 min. ago"],
  ["2026-03-01T09:00:00Z", "3 hr. ago"],
  ["2026-02-27T11:00:00Z", "2 days ago"],
  ["2026-03-01T12:12:00Z", "in 12 min."],
])("%s is %s", (iso, text) => {
  expect(en.relative(iso, NOW)).toBe(text);
});

test.each([
  [0.25, "250ms"],
  [59, "59s"],
  [61, "1m 1s"],
  [3725, "1h 2m"],
  [200_000, "2d 7h"],
])("%d seconds are written %s", (seconds, text) => {
  expect(en.duration(seconds)).toBe(text);
});

test("clock is 24-hour in every locale, and dates carry their zone", () => {
  expect(en.clock("2026-03-01T00:05:09Z")).toBe("00:05:09");
  expect(en.dateTime("2026-03-01T15:05:09Z")).toContain("UTC");
  expect(en.moment("2026-03-01T15:05:09Z")).toBe("Mar 1, 15:05");
});

test("sizes are in bytes, then in thousands of them", () => {
  expect([298, 1612, 102_400].map(en.bytes)).toEqual(["298 B", "1.6 kB", "102.4 kB"]);
});

test("numbers follow the locale", () => {
  expect(createFormats("fr-FR").int(95_188)).toBe("95\u202f188");
  expect(en.int(95_188)).toBe("95,188");
});

test("a rate that is not known stays not known", () => {
  expect(en.rate(null)).toBeNull();
  expect(en.rate(4.25)).toBe("4.3");
  expect(en.rate(2513.4)).toBe("2,513");
});
