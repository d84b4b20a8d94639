/** Hours that come twice or not at all, in zones of many kinds; offsets as the server has them. */
import fc from "fast-check";
import { expect, test } from "vitest";

import { findTimeZone } from "../../../src/platform/time-zone.ts";
import { occurrenceOf, offsetIn, offsetWord, readLocal } from "./local-time.ts";

const iso = (at: number) => new Date(at).toISOString();

test.each([
  ["Europe/Paris", "2026-10-25T01:59", "2026-10-24T23:59:00.000Z"],
  ["Europe/Paris", "2026-10-25T03:00", "2026-10-25T02:00:00.000Z"],
  ["Europe/Paris", "2026-03-29T03:00", "2026-03-29T01:00:00.000Z"],
  ["America/New_York", "2026-07-20T09:00", "2026-07-20T13:00:00.000Z"],
  ["Australia/Lord_Howe", "2026-04-05T02:00", "2026-04-04T15:30:00.000Z"],
  // Without summer time since 2021; west of the date line until 2011.
  ["Pacific/Apia", "2026-04-05T03:30", "2026-04-04T14:30:00.000Z"],
  ["Pacific/Apia", "2011-12-29T12:00", "2011-12-29T22:00:00.000Z"],
])("%s %s is %s, once", (zone, text, at) => {
  expect(readLocal(text, zone)).toEqual({ kind: "once", at: Date.parse(at) });
});

test.each([
  [
    "Europe/Paris",
    "2026-10-25T02:30",
    "2026-10-25T00:30:00.000Z",
    "UTC+02:00",
    "2026-10-25T01:30:00.000Z",
    "UTC+01:00",
  ],
  [
    "America/New_York",
    "2026-11-01T01:00",
    "2026-11-01T05:00:00.000Z",
    "UTC−04:00",
    "2026-11-01T06:00:00.000Z",
    "UTC−05:00",
  ],
  // Half an hour only.
  [
    "Australia/Lord_Howe",
    "2026-04-05T01:45",
    "2026-04-04T14:45:00.000Z",
    "UTC+11:00",
    "2026-04-04T15:15:00.000Z",
    "UTC+10:30",
  ],
  [
    "Pacific/Apia",
    "2012-04-01T03:30",
    "2012-03-31T13:30:00.000Z",
    "UTC+14:00",
    "2012-03-31T14:30:00.000Z",
    "UTC+13:00",
  ],
])("%s %s comes twice", (zone, text, earlier, before, later, after) => {
  const time = readLocal(text, zone);
  if (time.kind !== "twice") throw new Error(time.kind);
  expect([iso(time.earlier), offsetWord(time.earlier, zone)]).toEqual([earlier, before]);
  expect([iso(time.later), offsetWord(time.later, zone)]).toEqual([later, after]);
  expect(occurrenceOf(time, time.later)).toBe("later");
  expect(occurrenceOf(time, time.earlier)).toBe("earlier");
});

test.each([
  ["Europe/Paris", "2026-03-29T02:30", "2026-03-29T03:30"],
  ["America/New_York", "2026-03-08T02:00", "2026-03-08T03:00"],
  ["Australia/Lord_Howe", "2026-10-04T02:15", "2026-10-04T02:45"],
  // A whole day.
  ["Pacific/Apia", "2011-12-30T12:00", "2011-12-31T12:00"],
])("%s %s is left out by the clocks: %s", (zone, text, next) => {
  expect(readLocal(text, zone)).toEqual({ kind: "gap", next });
  expect(readLocal(next, zone).kind).toBe("once");
});

test.each(["", "2026-02-30T09:00", "tomorrow"])("%j is no time", (text) => {
  expect(readLocal(text, "Europe/Paris")).toEqual({ kind: "none" });
});

test("clocks are ahead by as much as the server says", () => {
  const zones = fc.constantFrom("Europe/Paris", "America/New_York", "Australia/Lord_Howe", "Pacific/Apia", "UTC");
  fc.assert(
    fc.property(zones, fc.integer({ min: Date.UTC(2011, 0), max: Date.UTC(2030, 0) }), (zone, at) => {
      expect(offsetIn(zone)(at)).toBe(findTimeZone(zone)?.offsetAt(at));
    }),
    { numRuns: 200 },
  );
});
