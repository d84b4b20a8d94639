/** What a site's lanes tell about themselves: how much, how fast, and what binds. */
import type { LaneFigures } from "../contract/shaping.ts";
import type { Constraint } from "../core/shaping/restriction.ts";
import { type Duration, formatInstant, type Instant, SECOND } from "../core/time.ts";
import { type Clock, dateOf } from "./clock.ts";
import type { Lane, LaneState } from "./lane.ts";
import type { SiteShaping } from "./site-shaping.ts";

/** A refusal that old says nothing about now. */
const FRESH: Duration = 2 * SECOND;

export type LastReply = { readonly text: string; readonly at: Instant };

/** Lanes of one site that differ in their TLS are one to whoever looks. */
export function lanesBySite(
  lanes: Iterable<{ readonly lane: Pick<Lane, "state">; readonly site: SiteShaping }>,
): Map<SiteShaping, LaneState> {
  const states = new Map<SiteShaping, LaneState>();
  for (const { lane, site } of lanes) {
    const sum = states.get(site) ?? { waiting: 0, connections: 0, wanting: 0, held: 0 };
    const { waiting, connections, wanting, held } = lane.state();
    states.set(site, {
      waiting: sum.waiting + waiting,
      connections: sum.connections + connections,
      wanting: sum.wanting + wanting,
      held: sum.held + held,
    });
  }
  return states;
}

/** `outside`: what holds everything up besides lanes (the journal, the database); null: nothing. */
export function laneFigures(
  site: SiteShaping,
  state: LaneState,
  lastReply: LastReply | null,
  outside: Constraint | null,
  clock: Clock,
): LaneFigures {
  const now = clock.steady();
  const { constraint, why } = explain(site, state, outside, now);
  const suspended = site.suspendedUntil(now);
  return {
    waiting: state.waiting,
    connections: state.connections,
    allowedConnections: site.connections(now),
    messagesPerHour: site.messagesPerHour(now),
    acceptedLastMinute: site.recent.count("accepted", now),
    deferredLastMinute: site.recent.count("deferred", now),
    refusedLastMinute: site.recent.count("refused", now),
    constraint,
    why,
    suspendedUntil:
      suspended > now && Number.isFinite(suspended) ? formatInstant(Math.round(dateOf(clock, suspended))) : null,
    lastReply: lastReply?.text ?? null,
    lastReplyAt: lastReply ? formatInstant(lastReply.at) : null,
  };
}

const WARM_UP = { constraint: "warm-up", why: "The allowance of the source's warm-up is used up for now" } as const;

function explain(
  site: SiteShaping,
  { waiting, connections, wanting, held }: LaneState,
  outside: Constraint | null,
  now: Instant,
): { constraint: Constraint; why: string } {
  const restricted = site.effective(now);
  const rule = site.rule().name;
  if (restricted.suspendedUntil > now) {
    const by = restricted.why;
    return { constraint: "suspended", why: by ? `Suspended by ${by.cause.rule}: ${by.evidence}` : "Suspended" };
  }
  if (site.controller().suspendedUntil > now) {
    const { failures } = site.controller();
    const times = failures > 0 ? `no session ${failures} times in a row` : "the site asked for less";
    return { constraint: "back-off", why: `The lane rests: ${times}` };
  }
  // What cannot leave before the next hour does not wait here: it was put off, or left from another source.
  if ((site.warmUp?.exhaustedUntil(now) ?? null) !== null) return WARM_UP;
  if (waiting === 0) return { constraint: "none", why: "Nothing waits" };
  if (outside !== null) return { constraint: outside, why: OUTSIDE[outside] ?? "The sender waits" };
  const refusal = site.lastRefusal();
  const refused = refusal && now - refusal.at < FRESH + waitOf(refusal.constraint) ? refusal.constraint : null;
  const perHour = site.messagesPerHour(now);
  if (refused === "warm-up") return WARM_UP;
  if (refused === "rate") {
    const limit = perHour === null ? "The rate" : `${Math.floor(perHour)} messages an hour`;
    return { constraint: "rate", why: `${limit} by MX rule ${rule}` };
  }
  if (refused === "connection-rate") {
    return { constraint: "connection-rate", why: `New connections are limited by MX rule ${rule}` };
  }
  if (held > 0 && wanting >= connections) {
    return { constraint: "delivery-speed", why: "What waits here has to wait for the speed of its delivery" };
  }
  if (wanting > 0) return { constraint: "cpu", why: "Messages are not made faster" };
  const allowed = site.connections(now);
  if (connections >= allowed || refused === "connections") {
    const most = site.rule().connections.max;
    return allowed < most
      ? {
          constraint: "connections",
          why: `${connections} of ${allowed} connections are busy; MX rule ${rule} would allow ${most}`,
        }
      : { constraint: "remote", why: `All ${allowed} connections of MX rule ${rule} wait for the server's replies` };
  }
  return { constraint: "none", why: "It is sending" };
}

/** Who waits for a rate is not refused again before it is over. */
function waitOf(constraint: Constraint): Duration {
  return constraint === "rate" || constraint === "warm-up" ? 60 * SECOND : 0;
}

const OUTSIDE: Partial<Record<Constraint, string>> = {
  journal: "The journal cannot be written",
  database: "The database does not follow",
};
