/** What a lane's controller knows: plain JSON, saved and restored with the lane. */
import { DAY, type Duration, type Instant } from "../time.ts";
import type { Range } from "./rule.ts";

/** Longer waits are restrictions, which people see and can end. */
export const LONGEST_WAIT: Duration = DAY;

export type ControllerLimits = {
  readonly connections: Range;
  /** Null: the rule has no limit; the controller makes its own when the site asks for one. */
  readonly messagesPerHour: Range | null;
};

export type Controller = {
  /** Allowed now. */
  readonly connections: number;
  /** Null: no limit. */
  readonly messagesPerHour: number | null;
  readonly suspendedUntil: Instant;
  /** No further connection is opened before; those that are open go on. */
  readonly openAfter: Instant;
  /** Failures to get a session since the last success. */
  readonly failures: number;
  /** Last change of the state; a clock that shows less has gone back. */
  readonly at: Instant;
  readonly loweredAt: Instant;
  /** When connections and rate went up last, or what forbids it happened. */
  readonly raisedAt: Instant;
  readonly rateRaisedAt: Instant;
  /** After a suspension: doubling until these are reached. */
  readonly slowStart: { readonly connections: number; readonly messagesPerHour: number | null } | null;
  /** The rate at which the site complained last, where the rule has no limit and `messagesPerHour` is the controller's own. */
  readonly complainedAt: number | null;
  /** The most that the rule allowed when it was looked at last: a lane that stood there follows when the rule changes. */
  readonly most: { readonly connections: number; readonly messagesPerHour: number | null };
};

/** The same waits on a clock that went back; the same object otherwise. */
export function rebased(c: Controller, now: Instant): Controller {
  if (now >= c.at) return c;
  const by = c.at - now;
  return {
    ...c,
    at: now,
    suspendedUntil: c.suspendedUntil - by,
    openAfter: c.openAfter - by,
    loweredAt: c.loweredAt - by,
    raisedAt: c.raisedAt - by,
    rateRaisedAt: c.rateRaisedAt - by,
  };
}

/** The least that still lets something through: a lane without a connection would never grow again. */
export function leastOf({ min, max }: Range): number {
  return Math.min(max, Math.max(1, min));
}

/** A range that contradicts itself counts as its upper end. */
export function within(range: Range, value: number): number {
  return Math.max(leastOf(range), Math.min(range.max, value));
}

export function slowStartWithin(slowStart: Controller["slowStart"], limits: ControllerLimits): Controller["slowStart"] {
  if (slowStart === null) return null;
  const { messagesPerHour: range } = limits;
  const rate = slowStart.messagesPerHour;
  return {
    connections: Math.min(slowStart.connections, limits.connections.max),
    messagesPerHour: rate === null || range === null ? rate : Math.min(rate, range.max),
  };
}
