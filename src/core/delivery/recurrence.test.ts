/** Dates of recurring deliveries: clocks that change, months of all lengths, leap years. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";

import { findTimeZone } from "../../platform/time-zone.ts";
import { DAY, formatInstant, HOUR, MINUTE } from "../time.ts";
import {
  nextRuns,
  type Recurrence,
  RECURRENCE_UNITS,
  runsBetween,
  runsFrom,
  splitDue,
  WEEKDAYS,
} from "./recurrence.ts";
import { formatLocal } from "./schedule.ts";

const date = (text: string) => Date.parse(`${text}T00:00:00Z`);
const offsetOf = (zone: string) => findTimeZone(zone)!.offsetAt;

const DAILY: Recurrence = {
  unit: "day",
  every: 1,
  weekdays: [],
  dayOfMonth: null,
  firstDate: date("2026-01-01"),
  lastDate: null,
  time: 9 * HOUR,
};

function local(zone: string, rule: Partial<Recurrence>, from: string, count: number) {
  const runs = nextRuns({ ...DAILY, ...rule }, offsetOf(zone), Date.parse(from), count);
  return runs.map((at) => formatLocal(at, offsetOf(zone)).slice(0, 16));
}

describe("which dates", () => {
  test.each<[string, Partial<Recurrence>, string, string[]]>([
    ["every day", {}, "2026-02-27T12:00:00Z", ["2026-02-28", "2026-03-01", "2026-03-02"]],
    ["a leap day", {}, "2028-02-28T12:00:00Z", ["2028-02-29", "2028-03-01", "2028-03-02"]],
    ["not before the first date", {}, "2020-01-01T00:00:00Z", ["2026-01-01", "2026-01-02", "2026-01-03"]],
    ["every third day", { every: 3 }, "2026-01-02T00:00:00Z", ["2026-01-04", "2026-01-07", "2026-01-10"]],
    [
      "the weekday of the first date",
      { unit: "week" },
      "2026-01-02T00:00:00Z",
      ["2026-01-08", "2026-01-15", "2026-01-22"],
    ],
    [
      "weekdays, in their order, those before the first date left out",
      { unit: "week", weekdays: ["friday", "monday"] },
      "2025-12-01T00:00:00Z",
      ["2026-01-02", "2026-01-05", "2026-01-09"],
    ],
    [
      "every other week",
      { unit: "week", every: 2, weekdays: ["monday", "sunday"] },
      "2025-12-01T00:00:00Z",
      ["2026-01-04", "2026-01-12", "2026-01-18"],
    ],
    [
      "the 31st, or the last day",
      { unit: "month", firstDate: date("2027-12-31") },
      "2027-12-01T00:00:00Z",
      ["2027-12-31", "2028-01-31", "2028-02-29", "2028-03-31", "2028-04-30"],
    ],
    [
      "the 30th of February",
      { unit: "month", firstDate: date("2026-01-15"), dayOfMonth: 30 },
      "2026-01-01T00:00:00Z",
      ["2026-01-30", "2026-02-28", "2026-03-30"],
    ],
    [
      "a day of the month that has gone by before the first date",
      { unit: "month", firstDate: date("2026-01-15"), dayOfMonth: 3 },
      "2026-01-01T00:00:00Z",
      ["2026-02-03", "2026-03-03"],
    ],
    [
      "once in twelve months, on a leap day",
      { unit: "month", every: 12, firstDate: date("2028-02-29") },
      "2028-03-01T00:00:00Z",
      ["2029-02-28", "2030-02-28", "2031-02-28", "2032-02-29"],
    ],
    ["up to the last date", { lastDate: date("2026-01-03") }, "2026-01-02T00:00:00Z", ["2026-01-02", "2026-01-03"]],
    ["none after it", { lastDate: date("2026-01-03") }, "2026-01-03T10:00:00Z", []],
    ["far in the future", { every: 7 }, "2999-01-01T12:00:00Z", ["2999-01-03", "2999-01-10"]],
  ])("%s", (_, rule, from, dates) => {
    const count = rule.lastDate === undefined ? dates.length : 99;
    expect(local("UTC", rule, from, count)).toEqual(dates.map((day) => `${day}T09:00`));
  });
});

test("the clocks of the zone say the time, in summer and in winter", () => {
  const rule = { ...DAILY, unit: "week" as const, firstDate: date("2026-03-23") };
  const runs = nextRuns(rule, offsetOf("Europe/Paris"), rule.firstDate, 2);
  expect(runs.map(formatInstant)).toEqual(["2026-03-23T08:00:00.000Z", "2026-03-30T07:00:00.000Z"]);
});

test("a time that the clocks leave out is the moment it would have been; of one that comes twice it is the first", () => {
  const at = (time: number, from: string) => local("Europe/Paris", { time }, from, 2);
  expect(at(2.5 * HOUR, "2026-03-28T12:00:00Z")).toEqual(["2026-03-29T03:30", "2026-03-30T02:30"]);
  const [first] = nextRuns(
    { ...DAILY, time: 2.5 * HOUR },
    offsetOf("Europe/Paris"),
    Date.parse("2026-10-24T12:00:00Z"),
    1,
  );
  expect(formatInstant(first!)).toBe("2026-10-25T00:30:00.000Z");
});

test("where a whole day was left out, there is one run on the day after it", () => {
  expect(local("Pacific/Apia", { firstDate: date("2011-12-29") }, "2011-12-01T00:00:00Z", 3)).toEqual([
    "2011-12-29T09:00",
    "2011-12-31T09:00",
    "2012-01-01T09:00",
  ]);
});

test("of what was missed the first ones are named, both ends included", () => {
  const runs = runsBetween(DAILY, offsetOf("UTC"), {
    from: Date.parse("2026-01-02T09:00:00Z"),
    to: Date.parse("2026-01-04T09:00:00Z"),
    most: 10,
  });
  expect(runs.map((at) => formatInstant(at).slice(8, 10))).toEqual(["02", "03", "04"]);
  expect(runsBetween(DAILY, offsetOf("UTC"), { from: runs[0]!, to: runs[2]!, most: 2 })).toEqual(runs.slice(0, 2));
  expect(runsBetween(DAILY, offsetOf("UTC"), { from: runs[2]! + 1, to: runs[2]! + 1, most: 2 })).toEqual([]);
});

test.each([
  [[], { missed: [], run: null }],
  [[95], { missed: [], run: 95 }],
  [[90], { missed: [], run: 90 }],
  [[89], { missed: [89], run: null }],
  [[50, 95, 100], { missed: [50, 95], run: 100 }],
  [[50, 60], { missed: [50, 60], run: null }],
])("of %j at 100, with 10 to spare: %j", (due, split) => {
  expect(splitDue(due, 100, 10)).toEqual(split);
});

const ZONES = [
  "UTC",
  "Europe/Paris",
  "America/St_Johns",
  "Australia/Lord_Howe",
  "Pacific/Apia",
  "Pacific/Kiritimati",
  "Africa/Casablanca",
];
const rules = fc.record({
  unit: fc.constantFrom(...RECURRENCE_UNITS),
  every: fc.integer({ min: 1, max: 60 }),
  weekdays: fc.uniqueArray(fc.constantFrom(...WEEKDAYS)),
  dayOfMonth: fc.option(fc.integer({ min: 1, max: 31 })),
  firstDate: fc.integer({ min: 14_000, max: 25_000 }).map((day) => day * DAY),
  lastDate: fc.constant(null),
  time: fc.integer({ min: 0, max: 24 * 60 - 1 }).map((minutes) => minutes * MINUTE),
});

test("dates grow, keep to the rule, and are the same from wherever they are counted", () => {
  fc.assert(
    fc.property(rules, fc.constantFrom(...ZONES), fc.integer({ min: 0, max: 3000 }), (rule, zone, later) => {
      const offsetAt = offsetOf(zone);
      const all = nextRuns(rule, offsetAt, rule.firstDate - 2 * DAY, 30);
      expect(all).toHaveLength(30);
      const shown = all.map((at) => formatLocal(at, offsetAt));
      for (const [i, at] of all.entries()) {
        if (i > 0) expect(at).toBeGreaterThan(all[i - 1]!);
        // Only a change of the clocks moves a run away from its time.
        const moved = offsetAt(at - DAY) !== offsetAt(at + DAY);
        if (!moved) expect(Date.parse(`${shown[i]}Z`) % DAY).toBe(rule.time);
      }
      expect(new Set(shown.map((text) => text.slice(0, 10))).size).toBe(all.length);
      const from = all[0]! + later * HOUR;
      const onwards = all.filter((at) => at >= from);
      const counted = runsFrom(rule, offsetAt, from);
      for (const at of onwards) expect(counted.next().value).toBe(at);
    }),
    { numRuns: 300 },
  );
});
