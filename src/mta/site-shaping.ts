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
  createThrottle,
  type Limited,
  type Refusal,
  releaseConnection,
  takeConnection,
  takeMessage,
  type Throttle,
} from "../core/shaping/throttle.ts";
import { oneLine } from "../core/shaping/reactions.ts";
import { type Outcome, replyText } from "../core/smtp/outcome.ts";
import type { Duration, Instant } from "../core/time.ts";
import type { LaneShaping } from "./lane-shaping.ts";
import { createRecent, type Recent } from "./recent.ts";
import type { SessionFacts } from "./session-port.ts";
import type { WarmUpGate } from "./warm-up-gate.ts";

/** A connection is handed over to a lane that waits for one after so many messages. */
const YIELD_AFTER = 20;
const LOOK_EVERY: Duration = 250;

/** A throttle and the lanes that wait for a connection under it, first come first. */
export type SharedThrottle = Throttle & { readonly waiters: Set<() => void> };

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
  /** This sender's part of a limit. */
  readonly share: (limit: number) => number;
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
  /** Nothing to remember: it may as well begin anew. */
  readonly isPristine: () => boolean;
};

export function shareThrottle(now: Instant): SharedThrottle {
  return { ...createThrottle(now), waiters: new Set() };
}

export function createSiteShaping(options: SiteOptions): SiteShaping {
  const { place, share, warmUp, steady, onChange } = options;
  const own = shareThrottle(steady());
  const recent = createRecent();
  let { rule, group } = options.rule();
  let ranges = rangesOf(rule, share);
  let controller = restoreController(options.saved, ranges, steady()) ?? initialController(ranges, steady());
  let looked: { at: Instant; index: RestrictionIndex; effective: Effective } | null = null;
  let wasSuspended = false;
  let refused: { constraint: Constraint; at: Instant } | null = null;

  /** A rule that was changed acts at once. */
  const refresh = (now: Instant) => {
    const current = options.rule();
    if (current.rule !== rule || current.group !== group) {
      ({ rule, group } = current);
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

  const connections = (now: Instant): number => {
    // First, because it sees to it that the rule is the one of now.
    const restricted = effective(now).connections ?? Number.POSITIVE_INFINITY;
    return Math.min(options.pin()?.connections ?? controller.connections, ranges.connections.max, restricted);
  };

  const messagesPerHour = (now: Instant): number | null => {
    const restricted = effective(now).messagesPerHour;
    const wanted = options.pin()?.messagesPerHour ?? controller.messagesPerHour;
    const limits = [wanted, ranges.messagesPerHour?.max ?? null, restricted];
    const known = limits.filter((limit): limit is number => limit !== null);
    return known.length === 0 ? null : Math.min(...known);
  };

  const throttles = (now: Instant): readonly Limited[] => {
    const perMinute = rule.connectionsPerMinute === null ? null : share(rule.connectionsPerMinute);
    const mine = {
      throttle: own,
      limits: {
        connections: connections(now),
        messagesPerHour: messagesPerHour(now),
        connectionsPerMinute: group === null ? perMinute : null,
      },
    };
    if (group === null) return [mine];
    const limits = {
      connections: ranges.connections.max,
      messagesPerHour: ranges.messagesPerHour?.max ?? null,
      connectionsPerMinute: perMinute,
    };
    return [mine, { throttle: group, limits }];
  };

  const refuse = (refusal: Refusal | null, now: Instant): Refusal | null => {
    if (refusal) refused = { constraint: refusal.constraint, at: now };
    return refusal;
  };

  /** The first that waits gets what became free, or the next when it has no use for it any more. */
  const wakeWaiters = (throttle: SharedThrottle) => {
    const open = throttle.open;
    for (const wake of throttle.waiters) {
      throttle.waiters.delete(wake);
      wake();
      if (throttle.open > open) return;
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
    messagesPerConnection: () =>
      Math.min(rule.messagesPerConnection, effective(steady()).messagesPerConnection ?? Number.POSITIVE_INFINITY),
    messagesPerHour,
    suspendedUntil: (now) => Math.max(controller.suspendedUntil, effective(now).suspendedUntil),
    connect: (now, wake) => {
      if (now < controller.openAfter) return refuse({ until: controller.openAfter, constraint: "connections" }, now);
      const refusal = takeConnection(throttles(now), now);
      if (refusal?.constraint === "connections") {
        own.waiters.add(wake);
        group?.waiters.add(wake);
      } else if (refusal === null) {
        own.waiters.delete(wake);
        group?.waiters.delete(wake);
      }
      return refuse(refusal, now);
    },
    disconnected: () => {
      releaseConnection(group === null ? [limited(own)] : [limited(own), limited(group)]);
      wakeWaiters(own);
      if (group) wakeWaiters(group);
    },
    shouldYield: (sent) => sent >= YIELD_AFTER && (own.waiters.size > 0 || (group?.waiters.size ?? 0) > 0),
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
    isPristine: () =>
      own.open === 0 &&
      controller.failures === 0 &&
      controller.suspendedUntil <= steady() &&
      controller.connections >= ranges.connections.max &&
      controller.messagesPerHour === (ranges.messagesPerHour?.max ?? null),
  };
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
