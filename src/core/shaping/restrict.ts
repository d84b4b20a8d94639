/**
 * From what a reply, a ratio or an outage sets off to what is done: a restriction, a step of the controllers concerned, or a wish
 * about the one message; and the event in which it is told.
 */
import { assertNever } from "../never.ts";
import { HOUR, type Duration, type Instant } from "../time.ts";
import { type Outage, OUTAGE_RULE } from "./breakers.ts";
import type { Controller } from "./controller-state.ts";
import { type Place, providerScope, type ReplyPlace } from "./place.ts";
import type { TriggeredSweep } from "./ratios.ts";
import type { Triggered } from "./reactions.ts";
import type { Cause, Effect, Restriction, Scope, ShapingEvent } from "./restriction.ts";
import type { ReactionAction } from "./rule.ts";

/** A rule that forgot how long; never for ever. */
const DEFAULT_DURATION: Duration = HOUR;

/** What is restricted from now on; null: the action is a step, a wish or an alert. */
export function restrictionOf(triggered: Triggered, place: Place, now: Instant, id: string): Restriction | null {
  const { reaction, evidence } = triggered;
  const effect = effectOf(reaction.action);
  if (effect === null) return null;
  // Whoever is to go elsewhere is the source, whatever the reply was about.
  const isSources = effect.kind === "avoid" && !hasSource(triggered.scope);
  const scope = isSources ? providerScope(place) : triggered.scope;
  const cause: Cause = { kind: "reaction", rule: reaction.name };
  return { id, scope, effect, cause, evidence, since: now, until: endOf(reaction.duration, now) };
}

export function restrictionOfSweep(triggered: TriggeredSweep, now: Instant, id: string): Restriction | null {
  const { sweep, scope, evidence } = triggered;
  const effect = effectOf(sweep.action);
  const cause: Cause = { kind: "sweep", rule: sweep.name };
  return effect && { id, scope, effect, cause, evidence, since: now, until: endOf(sweep.duration, now) };
}

export function restrictionOfOutage({ scope, evidence, until }: Outage, now: Instant, id: string): Restriction {
  const cause: Cause = { kind: "breaker", rule: OUTAGE_RULE };
  return { id, scope, effect: { kind: "suspend" }, cause, evidence, since: now, until };
}

function endOf(duration: Duration, now: Instant): Instant {
  return now + (duration > 0 ? duration : DEFAULT_DURATION);
}

function hasSource(scope: Scope): boolean {
  return scope.kind === "lane" || scope.kind === "source" || scope.kind === "netblock" || scope.kind === "provider";
}

function effectOf(action: ReactionAction): Effect | null {
  const free = { kind: "limit", messagesPerHour: null, connections: null, messagesPerConnection: null } as const;
  switch (action.kind) {
    case "suspend":
      return { kind: "suspend" };
    case "other-source":
      return { kind: "avoid" };
    case "limit":
      return { ...free, messagesPerHour: action.messagesPerHour, connections: action.connections };
    case "messages-per-connection":
      return { ...free, messagesPerConnection: action.to };
    case "slow":
    case "fewer-connections":
    case "same-source":
    case "retry":
    case "fail":
    case "alert":
      return null;
    default:
      return assertNever(action);
  }
}

export type Step = Extract<ReactionAction, { kind: "slow" | "fewer-connections" }>;

/** For the controllers of all lanes under the scope. Null: the action is none. */
export function stepOf(action: ReactionAction): Step | null {
  return action.kind === "slow" || action.kind === "fewer-connections" ? action : null;
}

export type Wish = { readonly kind: "same-source" | "retry" | "fail"; readonly after: Duration };

/** What is to become of this one message; null: nothing but what its verdict says. */
export function wishOf({ reaction: { action, duration } }: Triggered): Wish | null {
  switch (action.kind) {
    case "same-source":
    case "retry":
    case "fail":
      return { kind: action.kind, after: duration };
    case "suspend":
    case "limit":
    case "other-source":
    case "messages-per-connection":
    case "slow":
    case "fewer-connections":
    case "alert":
      return null;
    default:
      return assertNever(action);
  }
}

type EventPlace = Pick<Place, "provider" | "deliveryId"> & Pick<ReplyPlace, "messageKey">;

/** `what`: the restriction that was made, where a controller stands now, or that a person should look. */
export function eventOf(
  cause: Cause,
  told: { readonly scope: Scope; readonly evidence: string },
  place: EventPlace,
  now: Instant,
  id: string,
  what:
    | { readonly restriction: Restriction }
    | { readonly controller: Pick<Controller, "connections" | "messagesPerHour"> }
    | "alert",
): ShapingEvent {
  const { provider, deliveryId, messageKey } = place;
  const base = { id, at: now, scope: told.scope, provider, cause, evidence: told.evidence, deliveryId, messageKey };
  if (what === "alert") return { ...base, kind: "alert", effect: null, until: null };
  if ("restriction" in what) {
    const { restriction } = what;
    const { effect, until, scope } = restriction;
    return { ...base, id: restriction.id, scope, kind: "restricted", effect, until };
  }
  const { connections, messagesPerHour } = what.controller;
  const effect: Effect = { kind: "limit", messagesPerHour, connections, messagesPerConnection: null };
  return { ...base, kind: "adjusted", effect, until: null };
}
