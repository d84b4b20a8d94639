/**
 * What one source may do at one site: its MX rule, its controller, the restrictions and the pin that are on it, the throttles it stands
 * under, its warm-up. Lanes of the same source and site (there are several where recipient domains ask for different TLS) share it. All
 * instants are of the steady clock.
 */
import {
  accepted,
  connectionRefused,
  type Controller,
  type ControllerLimits,
  fewerConnections,
  initialController,
  rebased,
  restoreController,
  siteFailed,
  suspended,
  throttled,
  withLimits,
} from "../core/shaping/controller.ts";
import { type Effective, effectiveOf, type RestrictionIndex } from "../core/shaping/effective.ts";
import type { Place } from "../core/shaping/place.ts";
import type { Constraint, Effect, Pin } from "../core/shaping/restriction.ts";
import type { MxRule, Range } from "../core/shaping/rule.ts";
import {
  countConnection,
  createThrottle,
  type Limited,
  messageRefusal,
  type Refusal,
  releaseConnection,
  takeConnection,
  takeMessage,
  type Throttle,
} from "../core/shaping/throttle.ts";
import { oneLine } from "../core/shaping/reactions.ts";
import { type Outcome, replyText } from "../core/smtp/outcome.ts";
import type { Duration, Instant } from "../core/time.ts";
import type { Counted, LaneShaping, Waiter } from "./lane-shaping.ts";
import { createRecent, type Recent } from "./recent.ts";
import type { SessionFacts } from "./session-port.ts";
import type { WarmUpGate } from "./warm-up-gate.ts";

/** A connection is handed over to a lane that waits for one after so many messages. */
const YIELD_AFTER = 20;
const LOOK_EVERY: Duration = 250;

/** A throttle and the lanes that wait for a connection under it, first come first. `leaving`: open ones that take no more messages. */
export type SharedThrottle = Throttle & { leaving: number; readonly waiters: Set<Waiter> };
type Under = Limited & { readonly throttle: SharedThrottle };

/** What may be done now, and what that follows from. */
type Limits = {
  readonly controller: Controller;
  readonly restricted: Effective;
  readonly pin: Pin | null;
  readonly ranges: ControllerLimits;
  readonly group: SharedThrottle | null;
  readonly connections: number;
  readonly messagesPerHour: number | null;
  readonly under: readonly Under[];
};

/** Why the lane went down or rests, for the log of events. */
export type SiteChange = {
  readonly rule: string;
  readonly kind: "reaction" | "site-failure";
  readonly evidence: string;
  readonly effect: Effect;
  readonly until: Instant | null;
};

export type SiteOptions = {
  readonly place: Place;
  /** Its rule as it is now, and the throttle of the rule when limits are counted for all its sites together. */
  readonly rule: () => { readonly rule: MxRule; readonly group: SharedThrottle | null };
  readonly restrictions: () => RestrictionIndex;
  readonly pin: () => Pin | null;
  /** This sender's part of a limit of the rule. */
  readonly share: (limit: number) => number;
  /** This sender's part of what is said about this source at this site. */
  readonly laneShare: (limit: number) => number;
  readonly warmUp: WarmUpGate | null;
  /** State saved before a restart. */
  readonly saved: unknown;
  readonly onChange: (change: SiteChange) => void;
  readonly steady: () => Instant;
};

export type SiteShaping = LaneShaping & {
  readonly place: Place;
  /** Null: it is not in warm-up. */
  readonly warmUp: WarmUpGate | null;
  readonly rule: () => MxRule;
  readonly controller: () => Controller;
  readonly effective: (now: Instant) => Effective;
  /** The replies of the last minute. */
  readonly recent: Recent;
  /** What held a message back last. */
  readonly lastRefusal: () => { readonly constraint: Constraint; readonly at: Instant } | null;
  /** The controller goes down. */
  step(step: { kind: "slow" } | { kind: "fewer-connections"; by: number }, rule: string, evidence: string): void;
  /** An operator ended what the lane itself had taken on. */
  release(now: Instant): void;
  /** What its limits are counted in besides its own throttle. */
  readonly group: () => SharedThrottle | null;
  readonly isConnected: () => boolean;
  /** Nothing to remember: it may as well begin anew. */
  readonly isPristine: () => boolean;
};

export function shareThrottle(now: Instant): SharedThrottle {
  return { ...createThrottle(now), leaving: 0, waiters: new Set() };
}

export function createSiteShaping(options: SiteOptions): SiteShaping {
  const { place, share, laneShare, warmUp, steady, onChange } = options;
  const part = (limit: number | null | undefined) => (limit === null || limit === undefined ? null : laneShare(limit));
  const own = shareThrottle(steady());
  const recent = createRecent();
  let { rule, group } = options.rule();
  let ranges = rangesOf(rule, share);
  let controller = restoreController(options.saved, ranges, steady()) ?? initialController(ranges, steady());
  let looked: { at: Instant; index: RestrictionIndex; effective: Effective } | null = null;
  let limits: Limits | null = null;
  let wasSuspended = false;
  let refused: { constraint: Constraint; at: Instant } | null = null;

  /** What is open counts where the rule counts it now, although that may be more than it allows. */
  const moveConnections = (from: SharedThrottle | null, to: SharedThrottle | null) => {
    for (const [throttle, sign] of [
      [from, -1],
      [to, 1],
    ] as const) {
      if (throttle === null) continue;
      throttle.open += sign * own.open;
      throttle.leaving += sign * own.leaving;
    }
    if (from) wakeWaiters(from);
  };

  /** A rule that was changed acts at once. */
  const refresh = (now: Instant) => {
    const current = options.rule();
    if (current.rule !== rule || current.group !== group) {
      const before = group;
      ({ rule, group } = current);
      if (before !== group) moveConnections(before, group);
      ranges = rangesOf(rule, share);
      controller = withLimits(controller, ranges, now);
    }
    controller = rebased(controller, now);
  };

  const effective = (now: Instant): Effective => {
    const index = options.restrictions();
    if (looked === null || looked.index !== index || now - looked.at >= LOOK_EVERY || now < looked.at) {
      refresh(now);
      looked = { at: now, index, effective: effectiveOf(index, place, now) };
      const isSuspended = looked.effective.suspendedUntil > now;
      // After a suspension the lane begins with the least it may.
      if (wasSuspended && !isSuspended) controller = suspended(controller, ranges, now, now);
      wasSuspended = isSuspended;
    }
    return looked.effective;
  };

  /** 0: limits that several senders share leave nothing for this one. */
  const connectionsOf = (restricted: Effective, pin: Pin | null, perHour: number | null): number => {
    // Who has no part of the messages or of the new connections has no use for one.
    const isLeftOut = perHour === 0 || (rule.connectionsPerMinute !== null && share(rule.connectionsPerMinute) === 0);
    if (isLeftOut) return 0;
    const wanted = part(pin?.connections) ?? controller.connections;
    return Math.min(wanted, ranges.connections.max, part(restricted.connections) ?? Number.POSITIVE_INFINITY);
  };

  const perHourOf = (restricted: Effective, pin: Pin | null): number | null => {
    const wanted = part(pin?.messagesPerHour) ?? controller.messagesPerHour;
    const limits = [wanted, ranges.messagesPerHour?.max ?? null, part(restricted.messagesPerHour)];
    const known = limits.filter((limit): limit is number => limit !== null);
    return known.length === 0 ? null : Math.min(...known);
  };

  const underOf = (connections: number, messagesPerHour: number | null): readonly Under[] => {
    const perMinute = rule.connectionsPerMinute === null ? null : share(rule.connectionsPerMinute);
    const connectionsPerMinute = group === null ? perMinute : null;
    const mine = { throttle: own, limits: { connections, messagesPerHour, connectionsPerMinute } };
    if (group === null) return [mine];
    const limits = {
      connections: ranges.connections.max,
      messagesPerHour: ranges.messagesPerHour?.max ?? null,
      connectionsPerMinute: perMinute,
    };
    return [mine, { throttle: group, limits }];
  };

  /** Asked several times for each message: made anew only when one of the things that it follows from is another one. */
  const limitsAt = (now: Instant): Limits => {
    // First, because it sees to it that the rule is the one of now.
    const restricted = effective(now);
    const pin = options.pin();
    const isOld =
      limits?.controller !== controller ||
      limits.restricted !== restricted ||
      limits.pin !== pin ||
      limits.ranges !== ranges ||
      limits.group !== group;
    if (limits !== null && !isOld) return limits;
    const messagesPerHour = perHourOf(restricted, pin);
    const connections = connectionsOf(restricted, pin, messagesPerHour);
    const under = underOf(connections, messagesPerHour);
    limits = { controller, restricted, pin, ranges, group, connections, messagesPerHour, under };
    return limits;
  };

  const connections = (now: Instant) => limitsAt(now).connections;
  const messagesPerHour = (now: Instant) => limitsAt(now).messagesPerHour;
  const throttles = (now: Instant) => limitsAt(now).under;

  const refuse = (refusal: Refusal | null, now: Instant): Refusal | null => {
    if (refusal) refused = { constraint: refusal.constraint, at: now };
    return refusal;
  };

  const counted = (): Counted => {
    let leaves = false;
    const both = () => (group === null ? [own] : [own, group]);
    return {
      leave: () => {
        if (!leaves) for (const throttle of both()) throttle.leaving++;
        leaves = true;
      },
      closed: () => {
        const throttles = both();
        if (leaves) for (const throttle of throttles) throttle.leaving--;
        releaseConnection(throttles.map(limited));
        for (const throttle of throttles) wakeWaiters(throttle);
      },
      remade: (now) => countConnection(throttles(now), now),
    };
  };

  const others = function* (waiter: Waiter): Iterable<Waiter> {
    for (const throttle of group === null ? [own] : [own, group]) {
      for (const other of throttle.waiters) if (other !== waiter) yield other;
    }
  };

  const told = (before: Controller, kind: SiteChange["kind"], ruleName: string, evidence: string, now: Instant) => {
    if (controller === before) return;
    const isRest = controller.suspendedUntil > Math.max(now, before.suspendedUntil);
    const isLess =
      controller.connections < before.connections ||
      (controller.messagesPerHour ?? Number.POSITIVE_INFINITY) < (before.messagesPerHour ?? Number.POSITIVE_INFINITY);
    if (!isRest && !isLess) return;
    const effect: Effect =
      isRest && !isLess
        ? { kind: "suspend" }
        : {
            kind: "limit",
            messagesPerHour: controller.messagesPerHour,
            connections: controller.connections,
            messagesPerConnection: null,
          };
    onChange({ rule: ruleName, kind, evidence, effect, until: isRest ? controller.suspendedUntil : null });
  };

  return {
    place,
    warmUp,
    rule: () => rule,
    controller: () => controller,
    effective,
    recent,
    lastRefusal: () => refused,
    connections,
    messagesPerConnection: (now) =>
      Math.min(rule.messagesPerConnection, effective(now).messagesPerConnection ?? Number.POSITIVE_INFINITY),
    messagesPerHour,
    suspendedUntil: (now) => Math.max(controller.suspendedUntil, effective(now).suspendedUntil),
    connect: (now, waiter) => {
      const all = throttles(now);
      const rests = now < controller.openAfter;
      const refusal = refuse(
        rests ? { until: controller.openAfter, constraint: "connections" } : takeConnection(all, now),
        now,
      );
      // Who waits for time to pass is not helped by others' leaving.
      const waits = refusal?.until === Number.POSITIVE_INFINITY;
      for (const { throttle } of all) {
        if (waits) throttle.waiters.add(waiter);
        else throttle.waiters.delete(waiter);
      }
      return refusal ? { kind: "refused", ...refusal } : { kind: "connected", counted: counted() };
    },
    surplus: (now) => {
      let most = Number.NEGATIVE_INFINITY;
      for (const { throttle, limits } of throttles(now)) {
        const { open, leaving } = throttle;
        most = Math.max(most, open - leaving - (limits.connections ?? open));
      }
      return most;
    },
    isWanted: (waiter) => {
      for (const _ of others(waiter)) return true;
      return false;
    },
    shouldYield: (waiter, sent) => {
      if (sent < YIELD_AFTER) return false;
      const open = waiter.open();
      // A lane's only connection goes to one that has none; more than that are shared.
      for (const other of others(waiter)) if (other.open() + 1 < open || other.open() === 0) return true;
      return false;
    },
    refusal: (now) => {
      const wait = warmUp?.wait(now) ?? null;
      if (wait !== null) return { until: wait, constraint: "warm-up" };
      return group !== null || messagesPerHour(now) !== null ? messageRefusal(throttles(now), now) : null;
    },
    take: (now) => {
      const wait = warmUp?.wait(now) ?? null;
      if (wait !== null) return refuse({ until: wait, constraint: "warm-up" }, now);
      const isLimited = group !== null || messagesPerHour(now) !== null;
      const refusal = isLimited ? takeMessage(throttles(now), now) : null;
      if (refusal === null) warmUp?.take();
      return refuse(refusal, now);
    },
    accepted: (now) => {
      recent.note("accepted", now);
      controller = accepted(controller, ranges, now);
    },
    connectionRefused: (open, outcome, now) => {
      const before = controller;
      controller = connectionRefused(controller, ranges, open, now);
      told(before, "site-failure", "connection-refused", evidenceOf(outcome), now);
    },
    siteFailed: (outcome, _facts: SessionFacts, now) => {
      const before = controller;
      controller = siteFailed(controller, ranges, now);
      told(before, "site-failure", "no-session", evidenceOf(outcome), now);
    },
    step: (step, ruleName, evidence) => {
      const now = steady();
      const before = controller;
      controller =
        step.kind === "slow"
          ? throttled(controller, ranges, { perHour: recent.perHour("accepted", now), open: own.open }, now)
          : fewerConnections(controller, ranges, step.by, now);
      told(before, "reaction", ruleName, evidence, now);
    },
    release: (now) => {
      controller = suspended(controller, ranges, now, now);
    },
    group: () => group,
    isConnected: () => own.open > 0,
    isPristine: () =>
      controller.failures === 0 &&
      controller.suspendedUntil <= steady() &&
      controller.connections >= ranges.connections.max &&
      controller.messagesPerHour === (ranges.messagesPerHour?.max ?? null),
  };
}

/**
 * Those that wait get what became free: who has none before who wants one more, first come first; or the next when one has no use for
 * it any more. Who is refused again waits again, but not within this round.
 */
function wakeWaiters(throttle: SharedThrottle): void {
  const { open } = throttle;
  const waiting = [...throttle.waiters];
  for (const isTurn of [(held: number) => held === 0, (held: number) => held > 0]) {
    for (const waiter of waiting) {
      if (!isTurn(waiter.open()) || !throttle.waiters.delete(waiter)) continue;
      waiter.wake();
      if (throttle.open > open) return;
    }
  }
}

const NO_LIMITS = { connections: null, messagesPerHour: null, connectionsPerMinute: null };
const limited = (throttle: Throttle): Limited => ({ throttle, limits: NO_LIMITS });

function rangesOf(rule: MxRule, share: (limit: number) => number): ControllerLimits {
  const part = ({ min, max }: Range): Range => {
    const most = share(max);
    return { min: Math.min(most, Math.max(1, share(min))), max: most };
  };
  return {
    connections: part(rule.connections),
    messagesPerHour: rule.messagesPerHour === null ? null : part(rule.messagesPerHour),
  };
}

function evidenceOf(outcome: Outcome): string {
  return oneLine(outcome.kind === "lost" ? outcome.detail || outcome.trouble : replyText(outcome.reply));
}
