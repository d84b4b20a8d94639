import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { DAY, HOUR, MINUTE, SECOND } from "../time.ts";
import {
  accepted,
  type Controller,
  type ControllerLimits,
  connectionRefused,
  fewerConnections,
  initialController,
  rebased,
  restoreController,
  siteFailed,
  suspended,
  throttled,
} from "./controller.ts";

const NOW = Date.UTC(2026, 2, 1);
const RATED: ControllerLimits = { connections: { min: 2, max: 20 }, messagesPerHour: { min: 100, max: 10_000 } };

const range = fc
  .tuple(fc.integer({ min: 1, max: 300 }), fc.integer({ min: 0, max: 300 }))
  .map(([min, more]) => ({ min, max: min + more }));
const rates = fc
  .tuple(fc.integer({ min: 1, max: 50_000 }), fc.integer({ min: 0, max: 500_000 }))
  .map(([min, more]) => ({ min, max: min + more }));
const limitsOf: fc.Arbitrary<ControllerLimits> = fc.record({ connections: range, messagesPerHour: fc.option(rates) });

type Step = { readonly kind: string; readonly wait: number; readonly n: number };
const stepOf = (waits: fc.Arbitrary<number>): fc.Arbitrary<Step> =>
  fc.record({
    kind: fc.constantFrom("accepted", "throttled", "fewer", "refused", "failed", "suspended"),
    wait: waits,
    n: fc.integer({ min: 0, max: 20_000 }),
  });
const forward = fc.oneof(fc.integer({ min: 0, max: 90 * SECOND }), fc.integer({ min: 0, max: 2 * HOUR }));
const anyWay = fc.oneof(forward, fc.constantFrom(-DAY, DAY, -HOUR));

function apply(c: Controller, limits: ControllerLimits, { kind, n }: Step, now: number): Controller {
  switch (kind) {
    case "accepted":
      return accepted(c, limits, now);
    case "throttled":
      return throttled(c, limits, { perHour: n, open: n % 50 }, now);
    case "fewer":
      return fewerConnections(c, limits, n % 10, now);
    case "refused":
      return connectionRefused(c, limits, n % 50, now);
    case "failed":
      return siteFailed(c, limits, now);
    default:
      return suspended(c, limits, now + n * SECOND, now);
  }
}

function expectInside(c: Controller, limits: ControllerLimits): void {
  expect(c.connections).toBeGreaterThanOrEqual(limits.connections.min);
  expect(c.connections).toBeLessThanOrEqual(limits.connections.max);
  if (limits.messagesPerHour === null) return;
  expect(c.messagesPerHour).toBeGreaterThanOrEqual(limits.messagesPerHour.min);
  expect(c.messagesPerHour).toBeLessThanOrEqual(limits.messagesPerHour.max);
}

describe("whatever happens", () => {
  it("inside the rule, no wait above a day, and the same after being stored, on clocks that jump", () => {
    fc.assert(
      fc.property(limitsOf, fc.array(stepOf(anyWay), { maxLength: 60 }), (limits, steps) => {
        let now = NOW;
        let c = initialController(limits, now);
        for (const step of steps) {
          now += step.wait;
          c = apply(c, limits, step, now);
          expectInside(c, limits);
          expect(rebased(c, now).suspendedUntil).toBeLessThanOrEqual(now + DAY);
          expect(restoreController(JSON.parse(JSON.stringify(c)), limits, now)).toEqual(c);
        }
      }),
    );
  });

  it("throttling and reactions never lower twice within a minute", () => {
    const steps = fc.array(
      stepOf(forward).filter(({ kind }) => kind === "accepted" || kind === "throttled" || kind === "fewer"),
      { maxLength: 80 },
    );
    fc.assert(
      fc.property(limitsOf, steps, (limits, list) => {
        let now = NOW;
        let c = initialController(limits, now);
        let loweredAt = Number.NEGATIVE_INFINITY;
        for (const step of list) {
          now += step.wait;
          const next = apply(c, limits, step, now);
          const isLower =
            next.connections < c.connections || (next.messagesPerHour ?? Infinity) < (c.messagesPerHour ?? Infinity);
          if (isLower) {
            expect(now - loweredAt).toBeGreaterThanOrEqual(MINUTE);
            loweredAt = now;
          }
          c = next;
        }
      }),
    );
  });

  it("clean acceptance only goes up, one connection a minute at most outside a slow start, and reaches the most in time", () => {
    fc.assert(
      fc.property(limitsOf, fc.array(stepOf(forward), { maxLength: 30 }), (limits, steps) => {
        let now = NOW;
        let c = initialController(limits, now);
        for (const step of steps) {
          now += step.wait;
          c = apply(c, limits, step, now);
        }
        const { max, min } = limits.connections;
        // A day of suspension at most, one connection a minute, 20 steps of 5 minutes for the rate and their slow start before.
        const minutes = Math.max(0, c.suspendedUntil - now) / MINUTE + 2 + Math.max(max - min, 20 * 5 + 30);
        for (let minute = 0; minute <= minutes; minute++) {
          now += MINUTE;
          const next = accepted(c, limits, now);
          expect(next.connections).toBeGreaterThanOrEqual(c.connections);
          expect(next.messagesPerHour ?? Infinity).toBeGreaterThanOrEqual(c.messagesPerHour ?? Infinity);
          if (c.slowStart === null) {
            const step = Math.max(1, Math.floor(max / 100));
            expect(next.connections - c.connections).toBeLessThanOrEqual(step);
          }
          c = next;
        }
        expect(c.connections).toBe(max);
        expect(c.messagesPerHour).toBe(limits.messagesPerHour?.max ?? null);
      }),
    );
  });
});

describe("what was stored", () => {
  const stored = (change: Record<string, unknown>) => ({ ...initialController(RATED, NOW), ...change });
  it.each<[string, unknown]>([
    ["null", null],
    ["a text", "{}"],
    ["a list", [1]],
    ["nothing in it", {}],
    ["connections as a text", stored({ connections: "20" })],
    ["connections below zero", stored({ connections: -1 })],
    ["connections without end", stored({ connections: Number.POSITIVE_INFINITY })],
    ["half a connection", stored({ connections: 1.5 })],
    ["no rate at all", stored({ messagesPerHour: undefined })],
    ["an instant that is none", stored({ suspendedUntil: Number.NaN })],
    ["an instant beyond all dates", stored({ raisedAt: 1e300 })],
    ["a slow start of something else", stored({ slowStart: 5 })],
    ["an own rate without a rate", stored({ complainedAt: 100, messagesPerHour: null })],
    ["no most", stored({ most: null })],
  ])("%s is no state", (_, json) => {
    expect(restoreController(json, RATED, NOW)).toBeNull();
  });

  it("moves into the rule of today, and never allows more than was stored", () => {
    const json = stored({ connections: 500, messagesPerHour: 7, suspendedUntil: NOW + 30 * DAY, unheardOf: "x" });
    const c = restoreController(json, RATED, NOW);
    expect(c).toMatchObject({ connections: 20, messagesPerHour: 100, suspendedUntil: NOW + DAY });
    expect(c).not.toHaveProperty("unheardOf");
    const wider: ControllerLimits = { connections: { min: 1, max: 50 }, messagesPerHour: { min: 1, max: 90_000 } };
    expect(restoreController(initialController(RATED, NOW), wider, NOW)).toMatchObject({
      connections: 20,
      messagesPerHour: 10_000,
    });
  });

  it("whatever is read gives null or a state inside the rule", () => {
    const keys = Object.keys(initialController(RATED, NOW));
    const hostile = fc.dictionary(
      fc.constantFrom(...keys),
      fc.oneof(fc.integer(), fc.double(), fc.constant(null), fc.object(), fc.maxSafeInteger()),
    );
    fc.assert(
      fc.property(hostile, limitsOf, (change, limits) => {
        const c = restoreController({ ...initialController(RATED, NOW), ...change }, limits, NOW);
        if (c === null) return;
        expectInside(c, limits);
        expect(c.suspendedUntil).toBeLessThanOrEqual(NOW + DAY);
        expectInside(accepted(c, limits, NOW + HOUR), limits);
      }),
    );
  });
});
