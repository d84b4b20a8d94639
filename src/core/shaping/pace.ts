/**
 * How fast a lane may go after trouble: fewer connections, or none until an instant. Pure; the lane keeps the state.
 * Trouble here is trouble of the site as a whole (it cannot be reached, it refuses us at the greeting, it asks us to slow
 * down), never the answer to one recipient.
 */
import { MINUTE, SECOND, type Duration, type Instant } from "../time.ts";

export type Pace = {
  /** Connections allowed now, at most the limit of the rule. */
  readonly connections: number;
  readonly suspendedUntil: Instant;
  /** Failures to get a session since the last success. */
  readonly failures: number;
  readonly raisedAt: Instant;
};

/** After a failure to get a session: so long at first, twice as long each time in a row, at most the longest. */
export type Rest = { readonly first: Duration; readonly longest: Duration };

const REST: Rest = { first: 30 * SECOND, longest: 15 * MINUTE };
const SLOW_DOWN: Duration = 10 * SECOND;
const RAISE_EVERY: Duration = MINUTE;

export function initialPace(limit: number, now: Instant): Pace {
  return { connections: limit, suspendedUntil: 0, failures: 0, raisedAt: now };
}

/** No host of the site gave us a session: wait, twice as long each time in a row. */
export function siteFailed(pace: Pace, now: Instant, rest: Rest = REST): Pace {
  const wait = Math.min(rest.longest, rest.first * 2 ** Math.min(pace.failures, 16));
  return { ...pace, failures: pace.failures + 1, suspendedUntil: now + wait };
}

/** A further connection was refused while `open` others work: that many is what the site allows. */
export function connectionRefused(pace: Pace, open: number, now: Instant): Pace {
  return { ...pace, connections: Math.max(1, Math.min(pace.connections, open)), raisedAt: now };
}

/** The site asked us to slow down. */
export function slowDown(pace: Pace, now: Instant): Pace {
  return {
    ...pace,
    connections: Math.max(1, Math.floor(pace.connections / 2)),
    suspendedUntil: Math.max(pace.suspendedUntil, now + SLOW_DOWN),
    raisedAt: now,
  };
}

/** A message was accepted: one connection more, at most once a minute, up to the limit. */
export function accepted(pace: Pace, limit: number, now: Instant): Pace {
  const raise = pace.connections < limit && now - pace.raisedAt >= RAISE_EVERY;
  if (!raise && pace.failures === 0) return pace;
  return {
    ...pace,
    failures: 0,
    connections: raise ? pace.connections + 1 : pace.connections,
    raisedAt: raise ? now : pace.raisedAt,
  };
}
