import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { DAY, HOUR, MINUTE, SECOND } from "../time.ts";
import { planRetry } from "./retry-plan.ts";

const NOW = 1_800_000_000_000;
const base = { attempt: 1, now: NOW, validUntil: NOW + 5 * DAY, hint: null, random: 0.5 };

function wait(request: Partial<Parameters<typeof planRetry>[0]>): number | "expired" {
  const plan = planRetry({ ...base, ...request });
  return plan.kind === "retry" ? plan.at - NOW : "expired";
}

describe("planRetry", () => {
  it.each([
    [1, 5 * MINUTE],
    [2, 15 * MINUTE],
    [3, 40 * MINUTE],
    [4, 90 * MINUTE],
    [5, 3 * HOUR],
    [6, 6 * HOUR],
    [7, 6 * HOUR],
    [50, 6 * HOUR],
  ])("waits after attempt %i", (attempt, expected) => {
    expect(wait({ attempt })).toBe(expected);
  });

  it("spreads the wait by a fifth", () => {
    expect(wait({ random: 0 })).toBe(4 * MINUTE);
    expect(wait({ random: 0.999_999 })).toBeCloseTo(6 * MINUTE, -2);
  });

  it.each([
    [SECOND, 30 * SECOND],
    [4 * MINUTE, 4 * MINUTE],
    [2 * DAY, 6 * HOUR],
  ])("obeys a hint of %i ms within bounds", (hint, expected) => {
    expect(wait({ hint })).toBe(expected);
  });

  it.each([
    // What is left, and the last attempt: 2 % before the end, at least a second, at most a minute.
    [4 * MINUTE, 4 * MINUTE - 4.8 * SECOND],
    [20 * SECOND, 19 * SECOND],
    [1.5 * SECOND, 0.5 * SECOND],
    [1.4 * SECOND, "expired"],
    [0, "expired"],
    [-HOUR, "expired"],
  ])("makes a last attempt with %i ms left", (left, expected) => {
    expect(wait({ validUntil: NOW + left })).toBe(expected);
  });

  it("keeps a minute before the end of a long period", () => {
    expect(wait({ attempt: 9, validUntil: NOW + 5 * HOUR })).toBe(5 * HOUR - MINUTE);
  });

  const request = fc.record({
    attempt: fc.integer({ min: 1, max: 200 }),
    now: fc.integer({ min: 0, max: 4e12 }),
    left: fc.integer({ min: -DAY, max: 30 * DAY }),
    hint: fc.option(fc.integer({ min: 1, max: 10 * DAY })),
    random: fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
  });

  it("plans strictly after now and before the end", () => {
    fc.assert(
      fc.property(request, ({ left, ...r }) => {
        const validUntil = r.now + left;
        const plan = planRetry({ ...r, validUntil });
        const at = plan.kind === "retry" ? plan.at : null;
        expect(at === null ? left < 2 * SECOND : r.now < at && at < validUntil).toBe(true);
      }),
    );
  });

  it("comes to an end, with the last attempt near the end", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 2 * SECOND, max: 10 * DAY }),
        fc.array(fc.double({ min: 0, max: 0.999, noNaN: true }), { minLength: 1 }),
        (left, jitters) => {
          const validUntil = NOW + left;
          let now = NOW;
          for (let attempt = 1; ; attempt++) {
            const random = jitters[attempt % jitters.length] ?? 0;
            const plan = planRetry({ attempt, now, validUntil, hint: null, random });
            if (plan.kind === "expired") break;
            now = plan.at;
            expect(attempt).toBeLessThan(120);
          }
          expect(validUntil - now).toBeLessThan(2 * SECOND);
        },
      ),
    );
  });
});
