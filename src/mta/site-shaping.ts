/**
 * What one source may do at one site: its MX rule, its controller, the restrictions and the pin that are on it, the throttles it stands
 * under, its warm-up. Lanes of the same source and site (there are several where recipient domains ask for different TLS) share it. All
 * instants are of the steady clock.
 */
import {
  accepted,
  connectionRefused,
  type Controller,
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
import type { MxRule } from "../core/shaping/rule.ts";
import { messageRefusal, type Refusal, takeConnection, takeMessage } from "../core/shaping/throttle.ts";
import { oneLine } from "../core/shaping/reactions.ts";
import { type Outcome, replyText } from "../core/smtp/outcome.ts";
import type { Duration, Instant } from "../core/time.ts";
import type { LaneShaping } from "./lane-shaping.ts";
import { createRecent, type Recent } from "./recent.ts";
import type { SessionFacts } from "./session-port.ts";
import {
  countedUnder,
  hasOthers,
  isYieldDue,
  moveConnections,
  type SharedThrottle,
  shareThrottle,
} from "./shared-throttle.ts";
import { rangesOf, type Shares, siteLimits, type SiteLimits } from "./site-limits.ts";
import type { WarmUpGate } from "./warm-up-gate.ts";

const LOOK_EVERY: Duration = 250;

/** Why the lane went down or rests, for the log of events. */
export type SiteChange = {
  readonly rule: string;
  readonly kind: "reaction" | "site-failure";
  readonly evidence: string;
  readonly effect: Effect;
  readonly until: Instant | null;
};

export type SiteOptions = Shares & {
  readonly place: Place;
  /** Its rule as it is now, and the throttle of the rule when limits are counted for all its sites together. */
  readonly rule: () => { readonly rule: MxRule; readonly group: SharedThrottle | null };
  readonly restrictions: () => RestrictionIndex;
  readonly pin: () => Pin | null;
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

export function createSiteShaping(options: SiteOptions): SiteShaping {
  const { place, share, warmUp, steady, onChange } = options;
  const own = shareThrottle(steady());
  const recent = createRecent();
  let { rule, group } = options.rule();
  let ranges = rangesOf(rule, share);
  let controller = restoreController(options.saved, ranges, steady()) ?? initialController(ranges, steady());
  let looked: { at: Instant; index: RestrictionIndex; effective: Effective } | null = null;
  let limits: SiteLimits | null = null;
  let wasSuspended = false;
  let refused: { constraint: Constraint; at: Instant } | null = null;

  /** A rule that was changed acts at once. */
  const refresh = (now: Instant) => {
    const current = options.rule();
    if (current.rule !== rule || current.group !== group) {
      const before = group;
      ({ rule, group } = current);
      if (before !== group) moveConnections(own, before, group);
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

  /** Asked several times for each message: made anew only when one of the things that it follows from is another one. */
  const limitsAt = (now: Instant): SiteLimits => {
    // First, because it sees to it that the rule is the one of now.
    const restricted = effective(now);
    const pin = options.pin();
    const isOld =
      limits?.controller !== controller ||
      limits.restricted !== restricted ||
      limits.pin !== pin ||
      limits.ranges !== ranges ||
      limits.group !== group;
    if (limits === null || isOld)
      limits = siteLimits({ rule, controller, restricted, pin, ranges, group }, own, options);
    return limits;
  };

  const connections = (now: Instant) => limitsAt(now).connections;
  const messagesPerHour = (now: Instant) => limitsAt(now).messagesPerHour;
  const throttles = (now: Instant) => limitsAt(now).under;

  const both = () => (group === null ? [own] : [own, group]);

  const refuse = (refusal: Refusal | null, now: Instant): Refusal | null => {
    if (refusal) refused = { constraint: refusal.constraint, at: now };
    return refusal;
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
      return refusal ? { kind: "refused", ...refusal } : { kind: "connected", counted: countedUnder(both, throttles) };
    },
    surplus: (now) => {
      let most = Number.NEGATIVE_INFINITY;
      for (const { throttle, limits } of throttles(now)) {
        const { open, leaving } = throttle;
        most = Math.max(most, open - leaving - (limits.connections ?? open));
      }
      return most;
    },
    isWanted: (waiter) => hasOthers(both(), waiter),
    shouldYield: (waiter, sent) => isYieldDue(both(), waiter, sent),
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

function evidenceOf(outcome: Outcome): string {
  return oneLine(outcome.kind === "lost" ? outcome.detail || outcome.trouble : replyText(outcome.reply));
}
