/**
 * Moves a lane between the least and the most that its MX rule allows: up a little for clean acceptance, down by half when the
 * site asks for it (additive increase, multiplicative decrease), from the least after a suspension. Trouble here is trouble of the
 * site with this source, never the answer to one recipient. Pure; the lane keeps the state, which is plain JSON.
 *
 * All instants of a state move along when the clock goes back (`rebased`): a wait never becomes longer than it was meant to be.
 */
import { MINUTE, SECOND, type Duration, type Instant } from "../time.ts";
import {
  type Controller,
  type ControllerLimits,
  leastOf,
  LONGEST_WAIT,
  rebased,
  slowStartWithin,
  within,
} from "./controller-state.ts";
import { grown, ownRateAfterThrottle, OWN_RATE_LEAST } from "./controller-steps.ts";
import type { Range } from "./rule.ts";

export { restoreController } from "./controller-restore.ts";
export { type Controller, type ControllerLimits, rebased } from "./controller-state.ts";

/** After a failure to get a session: so long at first, twice as long each time in a row, at most the longest. */
export type Rest = { readonly first: Duration; readonly longest: Duration };

const REST: Rest = { first: 30 * SECOND, longest: 15 * MINUTE };
/** Replies to what is on the wire arrive within this time and count as one. */
const SLOW_DOWN: Duration = 10 * SECOND;
const LOWER_EVERY: Duration = MINUTE;
/** From this failure in a row on a site is believed to be down, and comes back through a slow start. */
const DOWN_FAILURES = 3;

export function initialController(limits: ControllerLimits, now: Instant): Controller {
  const connections = limits.connections.max;
  const messagesPerHour = limits.messagesPerHour?.max ?? null;
  return {
    connections,
    messagesPerHour,
    suspendedUntil: 0,
    openAfter: 0,
    failures: 0,
    at: now,
    loweredAt: now - LOWER_EVERY,
    raisedAt: now,
    rateRaisedAt: now,
    slowStart: null,
    complainedAt: null,
    most: { connections, messagesPerHour },
  };
}

/** The site took a message. The same object unless a step is due. */
export function accepted(state: Controller, limits: ControllerLimits, now: Instant): Controller {
  const c = rebased(state, now);
  const up = grown(c, limits, now);
  if (up === null) return c.failures === 0 ? c : { ...c, failures: 0, at: now };
  const { slowStart } = c;
  const isStarting =
    slowStart !== null &&
    (up.connections < slowStart.connections ||
      (up.messagesPerHour !== null && up.messagesPerHour < (slowStart.messagesPerHour ?? 0)));
  return {
    ...c,
    ...up,
    failures: 0,
    at: now,
    raisedAt: up.connections === c.connections ? c.raisedAt : now,
    rateRaisedAt: up.messagesPerHour === c.messagesPerHour ? c.rateRaisedAt : now,
    slowStart: isStarting ? slowStart : null,
    complainedAt: up.messagesPerHour === null ? null : c.complainedAt,
  };
}

/**
 * The site asked for less: half of everything, at most once a minute, and a rest of 10 s for what is on its way.
 * `observed`: what the lane did when it complained: messages an hour and open connections.
 */
export function throttled(
  state: Controller,
  limits: ControllerLimits,
  observed: { readonly perHour: number; readonly open: number },
  now: Instant,
): Controller {
  const c = unclean(rebased(state, now), now);
  const rested = { ...c, suspendedUntil: Math.max(c.suspendedUntil, now + SLOW_DOWN) };
  if (now - c.loweredAt < LOWER_EVERY) return rested;
  const half = Math.min(Math.floor(c.connections / 2), Math.max(1, observed.open));
  const connections = within(limits.connections, half);
  const lowered = { ...rested, connections, slowStart: null, loweredAt: now };
  if (limits.messagesPerHour !== null && c.complainedAt === null) {
    const { max } = limits.messagesPerHour;
    const messagesPerHour = within(limits.messagesPerHour, Math.floor((c.messagesPerHour ?? max) / 2));
    return { ...lowered, messagesPerHour };
  }
  const isLeast = c.connections <= limits.connections.min;
  return { ...lowered, ...ownRateAfterThrottle(c, observed.perHour, isLeast) };
}

/** A reaction takes connections away, at most once a minute. */
export function fewerConnections(state: Controller, limits: ControllerLimits, by: number, now: Instant): Controller {
  const c = unclean(rebased(state, now), now);
  if (now - c.loweredAt < LOWER_EVERY) return c;
  const connections = within(limits.connections, Math.min(c.connections, c.connections - by));
  return { ...c, connections, slowStart: null, loweredAt: now };
}

/** A further connection was refused while `open` others work: that many is what the site allows. Measured, so it holds at once. */
export function connectionRefused(state: Controller, limits: ControllerLimits, open: number, now: Instant): Controller {
  const c = unclean(rebased(state, now), now);
  const openAfter = Math.max(c.openAfter, now + SLOW_DOWN);
  const connections = Math.min(c.connections, within(limits.connections, Math.max(1, open)));
  if (connections === c.connections) return { ...c, openAfter };
  return { ...c, connections, openAfter, slowStart: null, loweredAt: now };
}

/** No host of the site gave us a session: wait, twice as long each time in a row. */
export function siteFailed(state: Controller, limits: ControllerLimits, now: Instant, rest: Rest = REST): Controller {
  const c = rebased(state, now);
  const failures = c.failures + 1;
  const until = now + Math.min(rest.longest, rest.first * 2 ** Math.min(c.failures, 16));
  if (failures >= DOWN_FAILURES) return { ...suspended(c, limits, until, now), failures };
  const suspendedUntil = Math.max(c.suspendedUntil, Math.min(until, now + LONGEST_WAIT));
  return { ...unclean(c, now), failures, suspendedUntil };
}

/**
 * Nothing leaves before `until`, at most a day ahead; then a slow start. An instant that is over ends the suspension, with the slow
 * start. Suspended again before anything was accepted, the lane still remembers what it had.
 */
export function suspended(state: Controller, limits: ControllerLimits, until: Instant, now: Instant): Controller {
  const c = rebased(state, now);
  const end = until <= now ? now : Math.max(c.suspendedUntil, Math.min(until, now + LONGEST_WAIT));
  const waits = {
    at: now,
    suspendedUntil: end,
    openAfter: Math.min(c.openAfter, end),
    raisedAt: end,
    rateRaisedAt: end,
  };
  const least = leastOf(limits.connections);
  if (c.slowStart !== null && c.connections <= least) return { ...c, ...waits };
  const leastRate = limits.messagesPerHour === null ? OWN_RATE_LEAST : leastOf(limits.messagesPerHour);
  const rate = c.messagesPerHour;
  const connections = Math.min(c.connections, least);
  const messagesPerHour = rate === null ? null : Math.min(rate, leastRate);
  const half = {
    connections: Math.floor(c.connections / 2),
    messagesPerHour: rate === null ? null : Math.floor(rate / 2),
  };
  const isBelow = half.connections > connections || (half.messagesPerHour ?? 0) > (messagesPerHour ?? 0);
  return { ...c, ...waits, connections, messagesPerHour, slowStart: isBelow ? half : null };
}

/** The MX rule changed: what stands at the old most goes to the new one, everything else only stays inside. */
export function withLimits(state: Controller, limits: ControllerLimits, now: Instant): Controller {
  const c = rebased(state, now);
  const most = { connections: limits.connections.max, messagesPerHour: limits.messagesPerHour?.max ?? null };
  const wasFree = c.slowStart === null && c.connections >= c.most.connections;
  const connections = wasFree ? most.connections : within(limits.connections, c.connections);
  const rate = rateWithin(c, limits.messagesPerHour);
  const isSame =
    connections === c.connections &&
    rate === c.messagesPerHour &&
    most.connections === c.most.connections &&
    most.messagesPerHour === c.most.messagesPerHour;
  if (isSame) return c;
  const complainedAt = limits.messagesPerHour === null ? c.complainedAt : null;
  const slowStart = slowStartWithin(c.slowStart, limits);
  return { ...c, at: now, connections, messagesPerHour: rate, complainedAt, slowStart, most };
}

function rateWithin(c: Controller, range: Range | null): number | null {
  if (range === null) return c.complainedAt === null ? null : c.messagesPerHour;
  if (c.messagesPerHour === null) return range.max;
  const wasFree = c.slowStart === null && c.complainedAt === null && c.messagesPerHour >= (c.most.messagesPerHour ?? 0);
  return wasFree ? range.max : within(range, c.messagesPerHour);
}

/** Not a clean minute: growth begins anew. */
function unclean(c: Controller, now: Instant): Controller {
  return { ...c, at: now, raisedAt: Math.max(now, c.suspendedUntil), rateRaisedAt: Math.max(now, c.suspendedUntil) };
}
