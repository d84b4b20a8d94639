/** How far one step of a lane's controller goes: up for clean acceptance, and the rate that it gives itself where the rule has none. */
import { MINUTE, type Duration, type Instant } from "../time.ts";
import type { Controller, ControllerLimits } from "./controller-state.ts";

const RAISE_EVERY: Duration = MINUTE;
const RAISE_RATE_EVERY: Duration = 5 * MINUTE;
/** Of a rate without a rule, messages an hour: slower does not help anybody, a retry later does. */
export const OWN_RATE_LEAST = 60;
/** A lane that did less when the site complained is not slowed for its rate, but for its connections. */
const OWN_RATE_FROM = 600;
/** An own rate that grew to so many times what the site complained about is no longer needed. */
const OWN_RATE_DROP = 4;

type Allowance = Pick<Controller, "connections" | "messagesPerHour">;

/** What the lane may after this clean acceptance; null: no step is due. */
export function grown(c: Controller, limits: ControllerLimits, now: Instant): Allowance | null {
  const connections = grownConnections(c, limits.connections.max, now);
  const messagesPerHour = grownRate(c, limits, now);
  return connections === c.connections && messagesPerHour === c.messagesPerHour
    ? null
    : { connections, messagesPerHour };
}

/** One more each minute; a lane of hundreds 1 % of its most, so that it needs no days. Twice as many in a slow start. */
function grownConnections(c: Controller, max: number, now: Instant): number {
  if (c.connections >= max || now - c.raisedAt < RAISE_EVERY) return c.connections;
  const doubled = Math.min(c.slowStart?.connections ?? 0, c.connections * 2);
  return Math.min(max, Math.max(doubled, c.connections + Math.max(1, Math.floor(max / 100))));
}

/** 5 % of the range, at least 1 % of the most, every 5 minutes; in a slow start twice as much each minute. */
function grownRate(c: Controller, limits: ControllerLimits, now: Instant): number | null {
  const { messagesPerHour: rate, complainedAt } = c;
  const max = complainedAt === null ? limits.messagesPerHour?.max : OWN_RATE_DROP * complainedAt;
  if (rate === null || max === undefined || (rate >= max && complainedAt === null)) return rate;
  const since = now - c.rateRaisedAt;
  const target = Math.min(max, c.slowStart?.messagesPerHour ?? 0);
  if (rate < target) return since < RAISE_EVERY ? rate : Math.min(target, Math.max(1, rate * 2));
  if (since < RAISE_RATE_EVERY) return rate;
  const min = complainedAt === null ? (limits.messagesPerHour?.min ?? 0) : OWN_RATE_LEAST;
  const next = rate + Math.max(1, Math.ceil((max - min) * 0.05), Math.ceil(max * 0.01));
  if (next < max) return next;
  return complainedAt === null ? max : null;
}

/** Half of what the lane did, or of what it gave itself before. `isLeast`: connections cannot be what is too much. */
export function ownRateAfterThrottle(
  c: Controller,
  observed: number,
  isLeast: boolean,
): Pick<Controller, "messagesPerHour" | "complainedAt"> {
  const { messagesPerHour: rate, complainedAt } = c;
  if (rate === null && observed < OWN_RATE_FROM && !isLeast) return { messagesPerHour: null, complainedAt };
  const wasAt = Math.max(OWN_RATE_LEAST, Math.floor(rate ?? observed));
  return { messagesPerHour: Math.max(OWN_RATE_LEAST, Math.floor(wasAt / 2)), complainedAt: wasAt };
}
