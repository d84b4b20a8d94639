import fc from "fast-check";
import { describe, expect, test } from "vitest";

import { DAY, HOUR, type Instant, MINUTE } from "../time.ts";
import {
  curveOf,
  DEFAULT_WARM_UP,
  grantOf,
  hourlyAllowance,
  isSendingDay,
  stepOf,
  utcDate,
  utcHour,
  type WarmUpDay,
  type WarmUpStep,
  type WarmUpWord,
} from "./warm-up.ts";

const CURVE = [200, 500, 1000, 2000, 5000];
const START: WarmUpWord = { state: "warming", nextDay: 1, since: 100 };
const dayOf = (day: number, counts: Partial<WarmUpDay> = {}): WarmUpDay => ({
  date: 110,
  day,
  allowance: CURVE[day - 1] ?? 0,
  accepted: CURVE[day - 1] ?? 1,
  deferred: 0,
  refused: 0,
  complaints: 0,
  ...counts,
});

describe("the curve", () => {
  test("grows, from 200 to 10 million", () => {
    expect(DEFAULT_WARM_UP[0]).toBe(200);
    expect(DEFAULT_WARM_UP.at(-1)).toBe(10_000_000);
    expect(DEFAULT_WARM_UP).toEqual([...new Set(DEFAULT_WARM_UP)].toSorted((a, b) => a - b));
  });

  test("is the provider's own where it has one", () => {
    expect(curveOf({ warmUp: [1, 2] })).toEqual([1, 2]);
    expect(curveOf({ warmUp: null })).toBe(DEFAULT_WARM_UP);
    expect(curveOf(undefined)).toBe(DEFAULT_WARM_UP);
  });
});

describe("the step of a date", () => {
  const next = (last: WarmUpDay | null, today = 111, word = START, curve: readonly number[] = CURVE) => {
    const { day, allowance, state } = stepOf(curve, word, last, today);
    return `${day} ${allowance} ${state}`;
  };

  test.each<[what: string, last: WarmUpDay | null, expected: string]>([
    ["no mail yet", null, "1 200 warming"],
    ["a good day", dayOf(1), "2 500 warming"],
    ["a good day before the last", dayOf(4), "5 5000 warming"],
    ["the last day", dayOf(5), "6 0 done"],
    ["a day when it was done", dayOf(6), "6 0 done"],
    ["20 % deferred", dayOf(3, { accepted: 800, deferred: 200 }), "4 2000 warming"],
    ["more than 20 % deferred", dayOf(3, { accepted: 790, deferred: 210 }), "3 1000 held"],
    ["more than 40 % deferred", dayOf(3, { accepted: 590, deferred: 410 }), "2 500 held"],
    ["5 % refused", dayOf(3, { accepted: 950, refused: 50 }), "4 2000 warming"],
    ["more than 5 % refused", dayOf(3, { accepted: 940, refused: 60 }), "3 1000 held"],
    ["more than 10 % refused", dayOf(3, { accepted: 890, refused: 110 }), "2 500 held"],
    ["0.2 % complaints", dayOf(3, { complaints: 2 }), "4 2000 warming"],
    ["more than 0.2 % complaints", dayOf(3, { complaints: 3 }), "3 1000 held"],
    ["more than 0.4 % complaints", dayOf(3, { complaints: 5 }), "2 500 held"],
    ["nothing but deferrals", dayOf(3, { accepted: 0, deferred: 1000 }), "2 500 held"],
    ["a bad first day", dayOf(1, { accepted: 0, deferred: 200 }), "1 200 held"],
    ["one complaint among few", dayOf(1, { accepted: 20, complaints: 1 }), "2 500 warming"],
    ["four refusals among few", dayOf(1, { accepted: 16, refused: 4 }), "2 500 warming"],
    ["nine deferrals among few", dayOf(1, { accepted: 11, deferred: 9 }), "2 500 warming"],
    [
      "complaints without acceptances",
      dayOf(2, { accepted: 0, refused: 0, deferred: 50, complaints: 9 }),
      "1 200 held",
    ],
    ["bad days when it was done", dayOf(6, { accepted: 0, refused: 900 }), "6 0 done"],
    ["days before the word", dayOf(4, { date: 99 }), "1 200 warming"],
  ])("after %s", (_what, last, expected) => expect(next(last)).toBe(expected));

  test.each<[what: string, word: Partial<WarmUpWord>, last: WarmUpDay | null, expected: string]>([
    ["held keeps the step", { state: "held" }, dayOf(3), "3 1000 held"],
    [
      "held does not keep it from going back",
      { state: "held" },
      dayOf(3, { accepted: 0, deferred: 900 }),
      "2 500 held",
    ],
    ["held at the end keeps the last step", { state: "held" }, dayOf(6), "5 5000 held"],
    ["held before the first mail", { state: "held" }, null, "1 200 held"],
    ["finished has no limit", { state: "done" }, dayOf(1), "6 0 done"],
    ["set to a day", { nextDay: 4, since: 111 }, dayOf(1), "4 2000 warming"],
    ["set past a curve that became shorter", { nextDay: 40, since: 111 }, null, "6 0 done"],
  ])("an operator's word: %s", (_what, word, last, expected) => {
    expect(next(last, 111, { ...START, ...word })).toBe(expected);
  });

  test.each([
    [29, "21 1250000 warming"],
    [30, "14 250000 warming"],
    [59, "14 250000 warming"],
    [60, "7 20000 warming"],
    [90, "1 200 warming"],
    [4000, "1 200 warming"],
  ])("after a pause of %i days", (pause, expected) => {
    expect(next(dayOf(20, { accepted: 1_000_000, allowance: 1_000_000 }), 110 + pause, START, DEFAULT_WARM_UP)).toBe(
      expected,
    );
  });

  test("after a pause what was done is not done any more, unless an operator said so", () => {
    const last = dayOf(30, { accepted: 1 });
    expect(next(last, 110 + 30, START, DEFAULT_WARM_UP)).toBe("23 2000000 warming");
    expect(next(last, 110 + 30, { ...START, state: "done" }, DEFAULT_WARM_UP)).toBe("30 0 done");
  });

  test("a date before the word or the last day, as a clock that goes back makes it, is no pause", () => {
    expect(next(null, 0)).toBe("1 200 warming");
    expect(next(dayOf(2), 0)).toBe("3 1000 warming");
  });

  test("without a curve there is nothing to warm up", () => {
    expect(next(null, 111, START, [])).toBe("1 0 done");
    expect(next(null, 111, { ...START, state: "held" }, [])).toBe("1 0 done");
  });
});

test.each([
  [200, 20, 0, 0, true],
  [200, 19, 0, 0, false],
  [200, 10, 9, 1, true],
  [0, 1, 0, 0, true],
  [0, 0, 0, 0, false],
])("of %i, with %i accepted, %i deferred, %i refused: sending day %s", (allowance, accepted, deferred, refused, is) => {
  expect(isSendingDay({ allowance, accepted, deferred, refused, complaints: 0 })).toBe(is);
});

test.each([
  [Date.UTC(1970, 0, 1), 0, 0],
  [Date.UTC(2026, 1, 28, 23, 59, 59, 999), 20_512, 23],
  [Date.UTC(2026, 2, 1), 20_513, 0],
  [-1, -1, 23],
])("%i is in the hour of a date", (at, date, hour) => expect([utcDate(at), utcHour(at)]).toEqual([date, hour]));

describe("a share of the allowance", () => {
  const NOON = 20_000 * DAY + 12 * HOUR;
  const step: WarmUpStep = { day: 1, allowance: 200, state: "warming" };

  test.each([
    ["at first", 0, 0, 10, { granted: 10, remainingToday: 190, nextAt: null }],
    ["all of the hour", 0, 0, 25, { granted: 25, remainingToday: 175, nextAt: NOON + HOUR }],
    ["more than the hour has", 0, 20, 90, { granted: 5, remainingToday: 195, nextAt: NOON + HOUR }],
    ["more than the day has", 190, 0, 90, { granted: 10, remainingToday: 0, nextAt: NOON + 12 * HOUR }],
    ["when the day has none", 200, 0, 1, { granted: 0, remainingToday: 0, nextAt: NOON + 12 * HOUR }],
    ["when more was taken than there is now", 900, 90, 1, { granted: 0, remainingToday: 0, nextAt: NOON + 12 * HOUR }],
    ["half a message", 0, 0, 0.5, { granted: 0, remainingToday: 200, nextAt: null }],
  ])("%s", (_what, reserved, thisHour, want, expected) => {
    expect(grantOf(step, { reserved, thisHour }, want, NOON + 5 * MINUTE)).toEqual(expected);
  });

  test("is as much as is wanted when it is done, and asked for again tomorrow", () => {
    expect(grantOf({ day: 9, allowance: 0, state: "done" }, { reserved: 5, thisHour: 5 }, 1e6, NOON)).toEqual({
      granted: 1e6,
      remainingToday: Infinity,
      nextAt: NOON + 12 * HOUR,
    });
  });

  test("of a small allowance is at least one an hour", () => {
    expect([hourlyAllowance(1), hourlyAllowance(8), hourlyAllowance(9), hourlyAllowance(200)]).toEqual([1, 1, 2, 25]);
  });
});

/** Rows by date, kept as the store keeps them. */
class Memory {
  readonly rows = new Map<number, WarmUpDay & { step: WarmUpStep; hours: number[] }>();
  readonly #word: WarmUpWord;

  constructor(start: Instant) {
    this.#word = { state: "warming", nextDay: 1, since: utcDate(start) - 1 };
  }

  reserve(want: number, now: Instant) {
    const date = utcDate(now);
    const before = [...this.rows.values()].filter((row) => row.date < date && isSendingDay(row));
    const last = before.toSorted((a, b) => b.date - a.date)[0] ?? null;
    const known = this.rows.get(date);
    const step = known?.step ?? stepOf(CURVE, this.#word, last, date);
    const row = known ?? {
      ...dayOf(step.day, { date, accepted: 0 }),
      step,
      hours: Array.from({ length: 24 }, () => 0),
    };
    this.rows.set(date, row);
    const reserved = row.hours.reduce((a, b) => a + b, 0);
    const hour = utcHour(now);
    const share = grantOf(step, { reserved, thisHour: row.hours[hour] ?? 0 }, want, now);
    if (step.state !== "done") row.hours[hour] = (row.hours[hour] ?? 0) + share.granted;
    this.rows.set(date, { ...row, accepted: row.accepted + share.granted });
    return { step, ...share };
  }
}

describe("clocks that jump", () => {
  const start = 20_000 * DAY + 9 * HOUR;
  const moves = fc.array(
    fc.record({
      want: fc.integer({ min: 1, max: 3000 }),
      by: fc.oneof(fc.integer({ min: 0, max: 3 * HOUR }), fc.constantFrom(DAY, -DAY, HOUR, -HOUR)),
    }),
    { minLength: 1, maxLength: 200 },
  );

  test("get no second allowance for a date or an hour, and no step without a sending day", () => {
    fc.assert(
      fc.property(moves, (steps) => {
        const memory = new Memory(start);
        let now = start;
        for (const { want, by } of steps) {
          now += by;
          const { step, nextAt } = memory.reserve(want, now);
          const sendingDays = [...memory.rows.values()].filter((row) => row.date < utcDate(now) && isSendingDay(row));
          expect(step.day).toBeLessThanOrEqual(sendingDays.length + 1);
          if (nextAt !== null) expect(nextAt - now).toBeLessThanOrEqual(DAY);
        }
        for (const { step, hours } of memory.rows.values()) {
          if (step.state === "done") continue;
          expect(hours.reduce((a, b) => a + b, 0)).toBeLessThanOrEqual(step.allowance);
          for (const hour of hours) expect(hour).toBeLessThanOrEqual(hourlyAllowance(step.allowance));
        }
      }),
    );
  });

  test("do not block: once a clock goes right, whoever asks when told gets something before the first date that it has not seen ends", () => {
    fc.assert(
      fc.property(moves, (steps) => {
        const memory = new Memory(start);
        let now = start;
        for (const { want, by } of steps) memory.reserve(want, (now += by));
        const until = (Math.max(...memory.rows.keys()) + 1) * DAY;
        let granted = 0;
        while (granted === 0) {
          const share = memory.reserve(1, now);
          granted = share.granted;
          if (granted > 0) break;
          expect(share.nextAt).toBeGreaterThan(now);
          now = share.nextAt ?? until;
          expect(now).toBeLessThanOrEqual(until);
        }
      }),
    );
  });
});
