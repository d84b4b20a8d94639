/** Dates in time zones: summer time begins and ends, and what is no date at all. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";

import { findTimeZone } from "../../platform/time-zone.ts";
import { DAY, formatInstant, HOUR, MINUTE } from "../time.ts";
import { formatLocal, instantsOf, MOST_AHEAD, readSchedule, type WantedSchedule } from "./schedule.ts";

const NOW = Date.parse("2026-01-15T12:00:00Z");

function read(zone: string, wanted: Partial<WantedSchedule> & { at: string }) {
  const { offsetAt } = findTimeZone(zone)!;
  const result = readSchedule({ occurrence: "earlier", notLaterThan: null, ...wanted }, offsetAt, HOUR, NOW);
  return result.kind === "invalid" ? result : [formatInstant(result.at), formatInstant(result.notAfter)];
}

test.each([
  ["Europe/Paris", "2026-01-20T09:00", "2026-01-20T08:00:00.000Z"],
  ["Europe/Paris", "2026-07-20T09:00:30", "2026-07-20T07:00:30.000Z"],
  ["America/New_York", "2026-07-20 09:00", "2026-07-20T13:00:00.000Z"],
  ["Asia/Kathmandu", "2026-07-20T09:00", "2026-07-20T03:15:00.000Z"],
  ["Australia/Lord_Howe", "2026-04-05T03:00", "2026-04-04T16:30:00.000Z"],
  ["UTC", "2026-07-20T09:00", "2026-07-20T09:00:00.000Z"],
  // What says its offset needs no zone.
  ["Europe/Paris", "2026-07-20T09:00:00Z", "2026-07-20T09:00:00.000Z"],
  ["Europe/Paris", "2026-07-20T09:00:00.250+05:30", "2026-07-20T03:30:00.250Z"],
])("%s: %s is %s", (zone, at, instant) => {
  const after = formatInstant(Date.parse(instant) + HOUR);
  expect(read(zone, { at })).toEqual([instant, after]);
});

describe("the night in which summer time begins", () => {
  test.each([
    ["Europe/Paris", "2026-03-29T02:30", "2026-03-29T03:30:00"],
    ["America/New_York", "2026-03-08T02:00", "2026-03-08T03:00:00"],
    ["Australia/Lord_Howe", "2026-10-04T02:15", "2026-10-04T02:45:00"],
  ])("%s: %s is no time; %s is", (zone, at, next) => {
    expect(read(zone, { at })).toMatchObject({ kind: "invalid", field: "at", code: "time-gap" });
    expect(read(zone, { at })).toMatchObject({ message: expect.stringContaining(next) as string });
    expect(read(zone, { at: next })).toHaveLength(2);
  });

  test("the moments around it are an hour apart by the clocks, and none in truth", () => {
    const [before] = read("Europe/Paris", { at: "2026-03-29T01:59:59" }) as string[];
    const [after] = read("Europe/Paris", { at: "2026-03-29T03:00" }) as string[];
    expect(Date.parse(after!) - Date.parse(before!)).toBe(1000);
  });
});

describe("the night in which summer time ends", () => {
  test("an hour that comes twice is the first one, unless the second is said", () => {
    const at = "2026-10-25T02:30";
    expect(read("Europe/Paris", { at })).toEqual(["2026-10-25T00:30:00.000Z", "2026-10-25T01:30:00.000Z"]);
    expect(read("Europe/Paris", { at, occurrence: "later" })).toEqual([
      "2026-10-25T01:30:00.000Z",
      "2026-10-25T02:30:00.000Z",
    ]);
  });

  test("not later than the same time by the clocks is its second coming", () => {
    const at = "2026-10-25T02:30";
    expect(read("Europe/Paris", { at, notLaterThan: at })).toEqual([
      "2026-10-25T00:30:00.000Z",
      "2026-10-25T01:30:00.000Z",
    ]);
  });
});

test.each([
  ["2026-01-15T11:59:59Z", null, "at", "past"],
  ["2026-01-10T09:00", null, "at", "past"],
  [formatInstant(NOW + MOST_AHEAD + MINUTE), null, "at", "too-far"],
  ["2026-02-30T09:00", null, "at", "invalid-time"],
  ["2026-02-20T24:30", null, "at", "invalid-time"],
  ["2026-02-20T09:00+25:00", null, "at", "invalid-time"],
  ["2026-02-20T09:00:00+24:00", null, "at", "invalid-time"],
  ["tomorrow", null, "at", "invalid-time"],
  ["", null, "at", "invalid-time"],
  ["2026-02-20T09:00", "2026-02-20T09:00", "notLaterThan", "before-start"],
  ["2026-02-20T09:00", "2026-02-20T08:00:00Z", "notLaterThan", "before-start"],
  ["2026-02-20T09:00", "soon", "notLaterThan", "invalid-time"],
])("%s, not later than %s: %s is refused as %s", (at, notLaterThan, field, code) => {
  expect(read("Europe/Paris", { at, notLaterThan })).toMatchObject({ kind: "invalid", field, code });
});

const zones = fc.constantFrom(
  "Europe/Paris",
  "America/New_York",
  "Africa/Casablanca",
  "Australia/Lord_Howe",
  "Asia/Tehran",
  "Pacific/Apia",
  "America/St_Johns",
  "Pacific/Kiritimati",
);

test("every instant is among those that its own clocks name, and there are never more than two", () => {
  fc.assert(
    fc.property(zones, fc.integer({ min: Date.UTC(2011, 0), max: Date.UTC(2027, 0) }), (zone, at) => {
      const { offsetAt } = findTimeZone(zone)!;
      const second = Math.floor(at / 1000) * 1000;
      const found = instantsOf(second + offsetAt(second), offsetAt);
      expect(found).toContain(second);
      expect(found.length).toBeLessThanOrEqual(2);
      expect(formatLocal(second, offsetAt)).toBe(formatInstant(second + offsetAt(second)).slice(0, 19));
    }),
  );
});

test("a day that a zone left out has no instants", () => {
  const { offsetAt } = findTimeZone("Pacific/Apia")!;
  expect(instantsOf(Date.UTC(2011, 11, 30, 12), offsetAt)).toEqual([]);
  expect(instantsOf(Date.UTC(2011, 11, 30, 12) + DAY, offsetAt)).toHaveLength(1);
});

test.each(["Mars/Olympus", "+02:00", "", "Europe/Paris ", "'; drop table", "x".repeat(70)])("%j is no zone", (name) => {
  expect(findTimeZone(name)).toBeNull();
});
