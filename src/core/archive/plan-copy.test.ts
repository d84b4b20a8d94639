import fc from "fast-check";
import { describe, expect, test } from "vitest";

import { DAY, HOUR, MINUTE, SECOND } from "../time.ts";
import { planCopy } from "./plan-copy.ts";

const NOW = Date.parse("2026-05-04T13:00:00Z");
const request = (changes: Partial<Parameters<typeof planCopy>[0]> = {}) => ({
  attempt: 1,
  now: NOW,
  dueSince: NOW,
  giveUpAfter: 7 * DAY,
  hint: null,
  random: 0.5,
  ...changes,
});

test.each([
  [1, 5 * SECOND],
  [2, 30 * SECOND],
  [3, 2 * MINUTE],
  [4, 10 * MINUTE],
  [5, HOUR],
  [99, HOUR],
])("after attempt %i the next one comes %i ms later", (attempt, wait) => {
  expect(planCopy(request({ attempt }))).toEqual({ kind: "retry", at: NOW + wait });
});

describe("what the reply asks for", () => {
  test.each([
    [300 * SECOND, 300 * SECOND],
    [0, SECOND],
    [DAY, 6 * HOUR],
  ])("%i ms becomes %i ms", (hint, wait) => {
    expect(planCopy(request({ hint }))).toEqual({ kind: "retry", at: NOW + wait });
  });
});

test("the last attempt lies at the limit, and after it the copy is given up", () => {
  const dueSince = NOW - 7 * DAY + MINUTE;
  expect(planCopy(request({ attempt: 9, dueSince }))).toEqual({ kind: "retry", at: NOW + MINUTE });
  expect(planCopy(request({ attempt: 9, dueSince: NOW - 7 * DAY }))).toEqual({ kind: "given-up" });
});

test("never beyond the limit, never in the past, and given up at some time", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 500 }),
      fc.integer({ min: 0, max: 8 * DAY }),
      fc.option(fc.integer({ min: 0, max: 2 * DAY })),
      fc.double({ min: 0, max: 0.999, noNaN: true }),
      (attempt, age, hint, random) => {
        const plan = planCopy(request({ attempt, dueSince: NOW - age, hint, random }));
        if (plan.kind === "given-up") expect(age).toBeGreaterThanOrEqual(7 * DAY);
        else {
          expect(plan.at).toBeGreaterThan(NOW);
          expect(plan.at).toBeLessThanOrEqual(NOW - age + 7 * DAY);
        }
      },
    ),
  );
});
