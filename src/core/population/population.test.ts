/** The decisions about who gets a message: shares, which messages count against pressure, what day a capacity is for. */
import { describe, expect, test } from "vitest";
import fc from "fast-check";

import { calendarPeriod, formatInstant } from "../time.ts";
import { lineAt, lineProblems } from "./capacity.ts";
import { goesFirst, pressureSpan, type Grouping } from "./pressure.ts";
import { shareOf } from "./share.ts";

const at = (day: string) => Date.parse(`${day}T10:00:00Z`);
const days = (span: { from: number; to: number }) => [formatInstant(span.from), formatInstant(span.to)];

test.each([
  [100, 10, 10],
  [105, 10, 11],
  [104, 10, 10],
  [3, 50, 2],
  [1000, 0.1, 1],
  [1000, 0.05, 1],
  [1000, 0.04, 0],
  [0, 50, 0],
  [7, 100, 7],
  [1_000_000_000, 33.333, 333_330_000],
])("of %s people, %s %% are %s", (people, percent, share) => {
  expect(shareOf(people, percent)).toBe(share);
});

test("a share is never more than there are, and grows with its percentage", () => {
  fc.assert(
    fc.property(fc.nat(2_000_000), fc.integer({ min: 1, max: 100_000 }), fc.nat(1000), (people, thousandths, more) => {
      const share = shareOf(people, thousandths / 1000);
      expect(share).toBeLessThanOrEqual(people);
      expect(shareOf(people, Math.min(100, (thousandths + more) / 1000))).toBeGreaterThanOrEqual(share);
    }),
  );
});

test.each<[Grouping, string, string]>([
  ["none", "2026-05-29T10:00:00.000Z", "2026-06-26T10:00:00.000Z"],
  ["day", "2026-05-29T00:00:00.000Z", "2026-06-27T00:00:00.000Z"],
  ["week", "2026-05-25T00:00:00.000Z", "2026-06-29T00:00:00.000Z"],
  ["month", "2026-05-01T00:00:00.000Z", "2026-07-01T00:00:00.000Z"],
  ["quarter", "2026-04-01T00:00:00.000Z", "2026-07-01T00:00:00.000Z"],
  ["year", "2026-01-01T00:00:00.000Z", "2027-01-01T00:00:00.000Z"],
])("14 days around 12 June by %s begin on %s", (grouping, from, to) => {
  expect(days(pressureSpan(at("2026-06-12"), 14, grouping))).toEqual([from, to]);
});

test("calendar periods follow each other without gaps", () => {
  const units = fc.constantFrom("day", "week", "month", "quarter", "year");
  const instants = fc.date({ min: new Date("1990-01-01"), max: new Date("2090-01-01"), noInvalidDate: true });
  fc.assert(
    fc.property(units, instants, (unit, date) => {
      const { from, to } = calendarPeriod(date.getTime(), unit as "day");
      expect(from <= date.getTime() && date.getTime() < to).toBe(true);
      expect(calendarPeriod(to, unit as "day").from).toBe(to);
      expect(calendarPeriod(from - 1, unit as "day").to).toBe(from);
    }),
  );
});

test.each([
  ["a heavier one", { at: 9, weight: 6 }, true],
  ["a lighter one", { at: 1, weight: 4 }, false],
  ["an equal one that is earlier", { at: 4, weight: 5 }, true],
  ["an equal one on the same date that was analysed before", { analysed: 2 }, true],
  ["an equal one on the same date that was analysed after", { analysed: 4 }, false],
  ["an equal one on the same date, analysed in the same moment, made before", { id: 6 }, true],
  ["an equal one that is later", { at: 6, weight: 5 }, false],
])("%s", (_, other, first) => {
  const mine = { at: 5, weight: 5, analysed: 3, id: 7 };
  expect(goesFirst({ ...mine, id: 8, ...other }, mine)).toBe(first);
});

test("of two deliveries one goes first, never both and never none", () => {
  const planned = fc.record({ at: fc.nat(2), weight: fc.nat(2), analysed: fc.nat(2) });
  fc.assert(
    fc.property(planned, planned, (a, b) => {
      const [one, two] = [
        { ...a, id: 1 },
        { ...b, id: 2 },
      ];
      expect(goesFirst(one, two)).toBe(!goesFirst(two, one));
    }),
  );
});

describe("availability", () => {
  const lines = [
    { from: "2026-06-01", to: "2026-06-07", messages: 100 },
    { from: "2026-06-08", to: "2026-06-08", messages: 5 },
  ];
  test.each([
    ["2026-05-31T23:59:59.999Z", null],
    ["2026-06-01T00:00:00.000Z", 100],
    ["2026-06-07T23:59:59.999Z", 100],
    ["2026-06-08T00:00:00.000Z", 5],
    ["2026-06-09T00:00:00.000Z", null],
  ])("at %s", (instant, messages) => {
    expect(lineAt(lines, Date.parse(instant))?.messages ?? null).toBe(messages);
  });

  test("lines that end before they begin or overlap are named", () => {
    expect(lineProblems(lines)).toEqual([]);
    const backwards = { from: "2026-07-02", to: "2026-07-01", messages: 1 };
    expect(lineProblems([...lines, { ...lines[0]!, from: "2026-06-07" }, backwards])).toEqual([
      { index: 2, code: "overlaps" },
      { index: 3, code: "ends-before-it-begins" },
    ]);
  });
});
