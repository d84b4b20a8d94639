import fc from "fast-check";
import { describe, expect, test } from "vitest";

import { HOUR, MINUTE, SECOND } from "../time.ts";
import { createThrottle, releaseConnection, takeConnection, takeMessage, type ThrottleLimits } from "./throttle.ts";

const NO_LIMITS: ThrottleLimits = { connections: null, messagesPerHour: null, connectionsPerMinute: null };
const limits = (given: Partial<ThrottleLimits>): ThrottleLimits => ({ ...NO_LIMITS, ...given });

describe("throttles", () => {
  test("a connection counts in all of them or in none", () => {
    const wide = createThrottle(0);
    const narrow = createThrottle(0);
    const all = [
      { throttle: wide, limits: limits({ connections: 5 }) },
      { throttle: narrow, limits: limits({ connections: 1 }) },
    ];
    expect(takeConnection(all, 0)).toBeNull();
    expect(takeConnection(all, 0)).toEqual({ until: Number.POSITIVE_INFINITY, constraint: "connections" });
    expect([wide.open, narrow.open]).toEqual([1, 1]);
    releaseConnection(all);
    expect(takeConnection(all, 0)).toBeNull();
  });

  test("a message that one refuses takes nothing from the others", () => {
    const quick = createThrottle(0);
    const slow = createThrottle(0);
    const all = [
      { throttle: quick, limits: limits({ messagesPerHour: 3600 }) },
      { throttle: slow, limits: limits({ messagesPerHour: 60 }) },
    ];
    expect(takeMessage(all, SECOND)).toMatchObject({ constraint: "rate" });
    expect(takeMessage(all, MINUTE)).toBeNull();
    expect(takeMessage([{ throttle: quick, limits: limits({ messagesPerHour: 3600 }) }], MINUTE + SECOND)).toBeNull();
  });

  test("without limits everything passes", () => {
    const throttle = createThrottle(0);
    for (let i = 0; i < 100; i++) expect(takeMessage([{ throttle, limits: NO_LIMITS }], 0)).toBeNull();
  });

  test("no window holds more than its rate and one second's burst, whatever is asked when", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 100_000 }),
        fc.integer({ min: 1, max: 100_000 }),
        fc.array(fc.integer({ min: 0, max: 5000 }), { minLength: 1, maxLength: 300 }),
        (own, shared, steps) => {
          const all = [own, shared].map((perHour) => ({
            throttle: createThrottle(0),
            limits: limits({ messagesPerHour: perHour }),
          }));
          const taken: number[] = [];
          let now = 0;
          for (const step of steps) {
            now += step;
            while (takeMessage(all, now) === null) taken.push(now);
          }
          const perHour = Math.min(own, shared);
          for (const [first, from] of taken.entries()) {
            for (let last = first; last < taken.length; last++) {
              const window = (taken[last] ?? 0) - from;
              const most = (perHour * window) / HOUR + Math.max(1, (perHour * SECOND) / HOUR);
              expect(last - first + 1).toBeLessThanOrEqual(most + 1e-6);
            }
          }
        },
      ),
      { numRuns: 50 },
    );
  });
});
