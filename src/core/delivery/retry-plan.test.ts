import fc from "fast-check";
import { describe, expect, it, test } from "vitest";
import { DAY, HOUR, MINUTE, SECOND } from "../time.ts";
import { planRetry, readRetries, type Retries } from "./retry-plan.ts";

const NOW = 1_800_000_000_000;
const ADAPTIVE: Retries = { mode: "adaptive" };
const FIXED: Retries = { mode: "fixed", count: 5, period: HOUR };
const base = {
  retries: ADAPTIVE,
  attempt: 1,
  firstAttemptAt: NOW,
  now: NOW,
  validUntil: NOW + 5 * DAY,
  hint: null,
  random: 0.5,
};

function wait(request: Partial<Parameters<typeof planRetry>[0]>): number | "expired" {
  const plan = planRetry({ ...base, ...request });
  return plan.kind === "retry" ? plan.at - (request.now ?? NOW) : "expired";
}

/** All attempts of one message, from the first. */
function attempts(retries: Retries, length: number, randoms: readonly number[], hint: number | null = null): number[] {
  const times = [NOW];
  for (let now = NOW; times.length < 2000; times.push(now)) {
    const random = randoms[times.length % randoms.length] ?? 0;
    const request = {
      retries,
      attempt: times.length,
      firstAttemptAt: NOW,
      now,
      validUntil: NOW + length,
      hint,
      random,
    };
    const plan = planRetry(request);
    if (plan.kind === "expired") return times;
    now = plan.at;
  }
  throw new Error("no end of attempts");
}

const anyRandoms = fc.array(fc.double({ min: 0, max: 0.999_999, noNaN: true }), { minLength: 1, maxLength: 50 });

test.each([
  [undefined, ADAPTIVE],
  [{ mode: "adaptive" as const }, ADAPTIVE],
  [
    { mode: "fixed" as const, count: 3, period: "90m" },
    { mode: "fixed", count: 3, period: 90 * MINUTE },
  ],
])("settings %j", (stored, expected) => expect(readRetries(stored)).toEqual(expected));

describe("adaptive", () => {
  it.each([
    [1, 5 * MINUTE, 10 * MINUTE],
    [2, 12 * MINUTE, 18 * MINUTE],
    [3, 32 * MINUTE, 48 * MINUTE],
    [4, 72 * MINUTE, 108 * MINUTE],
    [5, 144 * MINUTE, 216 * MINUTE],
    [6, 288 * MINUTE, 432 * MINUTE],
    [50, 288 * MINUTE, 432 * MINUTE],
  ])("waits after attempt %i", (attempt, shortest, longest) => {
    expect(wait({ attempt, random: 0 })).toBe(shortest);
    expect(wait({ attempt, random: 0.999_999_9 })).toBeCloseTo(longest, -2);
  });

  it.each([
    [SECOND, 30 * SECOND, MINUTE],
    [4 * MINUTE, 4 * MINUTE, 6 * MINUTE],
    [5 * HOUR, 5 * HOUR, 5.5 * HOUR],
    [2 * DAY, 6 * HOUR, 6.5 * HOUR],
  ])("obeys a hint of %i ms within bounds", (hint, shortest, longest) => {
    expect(wait({ hint, random: 0 })).toBe(shortest);
    expect(wait({ hint, random: 0.999_999_9 })).toBeCloseTo(longest, -2);
  });

  it("waits longer all the same for a server that always asks for a little", () => {
    expect(wait({ hint: MINUTE, attempt: 5 })).toBeLessThan(2 * MINUTE);
    expect(wait({ hint: MINUTE, attempt: 6 })).toBe(6 * HOUR);
    expect(wait({ hint: 10 * HOUR, attempt: 6, random: 0 })).toBe(6 * HOUR);
    expect(attempts(ADAPTIVE, 5 * DAY, [0], 30 * SECOND).length).toBeLessThan(40);
  });

  it.each([
    // The whole, and the last attempt: 2 % before the end, at least a second, at most a minute, and up to 5 % before that.
    [4 * MINUTE, [4 * MINUTE - 16.8 * SECOND, 4 * MINUTE - 4.8 * SECOND]],
    [20 * SECOND, [18 * SECOND, 19 * SECOND]],
    [2 * SECOND, [0.9 * SECOND, SECOND]],
    [1.5 * SECOND, "expired"],
    [0, "expired"],
    [-HOUR, "expired"],
  ])("makes a last attempt with %i ms left", (left, expected) => {
    const [early, late] = [
      wait({ validUntil: NOW + left, random: 0.999_999 }),
      wait({ validUntil: NOW + left, random: 0 }),
    ];
    if (expected === "expired") expect([early, late]).toEqual(["expired", "expired"]);
    else expect([early, late]).toEqual([expect.closeTo(Number(expected[0]), -1), expected[1]]);
  });

  it("keeps a minute before the end of a long period, and asks nobody twice in its last minutes", () => {
    const now = NOW + 5 * DAY - HOUR;
    expect(wait({ attempt: 9, now, random: 0 })).toBe(HOUR - MINUTE);
    expect(wait({ attempt: 9, now, random: 0.5 })).toBe(HOUR - 6 * MINUTE);
    expect(wait({ attempt: 9, now: NOW + 5 * DAY - 10 * MINUTE })).toBe("expired");
  });

  it("comes to an end, with the last attempt near it", () => {
    fc.assert(
      fc.property(fc.integer({ min: 2 * SECOND, max: 10 * DAY }), anyRandoms, (length, randoms) => {
        const times = attempts(ADAPTIVE, length, randoms);
        const last = times.at(-1) ?? 0;
        expect(times.length).toBeLessThan(120);
        expect(NOW + length - last).toBeLessThanOrEqual(Math.min(11 * MINUTE, SECOND + length * 0.07) + SECOND);
      }),
    );
  });
});

describe("fixed", () => {
  it("five on the first day at least an hour apart, then one a day until the end", () => {
    const hours = attempts(FIXED, 3.5 * DAY, [0]).map((at) => (at - NOW) / HOUR);
    expect(hours).toEqual([0, 1, 2, 3, 4, 5, 24, 48, 72]);
  });

  it.each([
    ["a period that does not fit so often", { mode: "fixed", count: 5, period: 9 * HOUR }, 3 * DAY, [0, 9, 18, 27, 48]],
    ["a period of more than a day", { mode: "fixed", count: 5, period: 30 * HOUR }, 4 * DAY, [0, 30, 60, 90]],
    ["a validity shorter than a period", FIXED, 50 * MINUTE, [0]],
    ["no attempt at the end itself", FIXED, 2 * HOUR, [0, 1]],
  ] as const)("%s", (_, retries, length, hours) => {
    expect(attempts(retries, length, [0]).map((at) => (at - NOW) / HOUR)).toEqual(hours);
  });

  it("a hint makes no wait shorter, but longer", () => {
    expect(wait({ retries: FIXED, hint: 5 * MINUTE, random: 0 })).toBe(HOUR);
    expect(wait({ retries: FIXED, hint: 3 * HOUR, random: 0 })).toBe(3 * HOUR);
  });

  it("a clock that was set back starts no new first day", () => {
    expect(wait({ retries: FIXED, attempt: 6, now: NOW - DAY, random: 0 })).toBe(DAY);
    expect(wait({ retries: FIXED, attempt: 6, now: NOW + 3 * DAY + HOUR, random: 0 })).toBe(23 * HOUR);
  });

  it("keeps its count, its period and one a day, whatever it is", () => {
    const fixed = fc.record({
      count: fc.integer({ min: 1, max: 100 }),
      period: fc.integer({ min: SECOND, max: 40 * HOUR }),
    });
    fc.assert(
      fc.property(
        fixed,
        fc.integer({ min: SECOND, max: 20 * DAY }),
        anyRandoms,
        ({ count, period }, length, randoms) => {
          const times = attempts({ mode: "fixed", count, period }, length, randoms);
          const days = times.map((at) => Math.floor((at - NOW) / DAY));
          for (const [i, at] of times.entries())
            if (i > 0) expect(at - (times[i - 1] ?? 0)).toBeGreaterThanOrEqual(period);
          expect(days.filter((day) => day === 0).length).toBeLessThanOrEqual(count + 1);
          const later = days.filter((day) => day > 0);
          expect(new Set(later).size).toBe(later.length);
        },
      ),
    );
  });
});

describe("in both modes", () => {
  const request = fc.record({
    retries: fc.constantFrom(ADAPTIVE, FIXED, { mode: "fixed", count: 100, period: SECOND } as const),
    attempt: fc.integer({ min: 1, max: 200 }),
    now: fc.integer({ min: 1e12, max: 4e12 }),
    since: fc.integer({ min: -DAY, max: 30 * DAY }),
    left: fc.integer({ min: -DAY, max: 30 * DAY }),
    hint: fc.option(fc.integer({ min: 1, max: 10 * DAY })),
    random: fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
  });

  it("plans strictly after now and before the end", () => {
    fc.assert(
      fc.property(request, ({ left, since, ...r }) => {
        const validUntil = r.now + left;
        const plan = planRetry({ ...r, firstAttemptAt: r.now - since, validUntil });
        expect(plan.kind === "expired" || (r.now < plan.at && plan.at < validUntil)).toBe(true);
      }),
      { numRuns: 2000 },
    );
  });

  it.each([
    ["after the first attempt", {}],
    ["after the third", { attempt: 3 }],
    ["with the same hint", { hint: 5 * MINUTE }],
    ["for the last time", { attempt: 9, firstAttemptAt: NOW - 5 * DAY, validUntil: NOW + HOUR }],
    ["by the hour", { retries: FIXED }],
    ["by the day", { retries: FIXED, attempt: 6 }],
  ])("200,000 messages deferred at one instant do not come back together, %s", (_, given) => {
    const perSecond = new Map<number, number>();
    const count = 200_000;
    for (let i = 0; i < count; i++) {
      // Evenly, as chance is on the whole.
      const planned = wait({ ...given, random: i / count });
      if (planned === "expired") throw new Error("expired");
      const second = Math.floor(planned / SECOND);
      perSecond.set(second, (perSecond.get(second) ?? 0) + 1);
    }
    expect(perSecond.size).toBeGreaterThanOrEqual(150);
    expect(Math.max(...perSecond.values())).toBeLessThanOrEqual((1.1 * count) / 150);
  });
});
