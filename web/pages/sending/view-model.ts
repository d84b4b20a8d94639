/** What the pages of sending decide: filters in the address, tones, places of rows, which events are a lane's, what is still in force. */
import type { Constraint, Effect, LaneAnswer, Scope, ShapingEventAnswer } from "../../../src/contract/shaping.ts";
import type { EventFilter } from "../../queries-sending.ts";
import { oneOf, text } from "../../search.ts";
import type { Tone } from "../../tones.ts";

/** In the order of a list to choose from: what asks for somebody first. */
export const CONSTRAINTS = [
  "suspended",
  "back-off",
  "rate",
  "connections",
  "connection-rate",
  "warm-up",
  "remote",
  "retry-wait",
  "delivery-speed",
  "archive",
  "paused",
  "no-source",
  "dns",
  "cpu",
  "database",
  "journal",
  "none",
] as const satisfies readonly Constraint[];

export const CONSTRAINT_TONE: Record<Constraint, Tone> = {
  none: "sent",
  rate: "waiting",
  connections: "waiting",
  "connection-rate": "waiting",
  suspended: "paused",
  "back-off": "retry",
  "warm-up": "waiting",
  remote: "waiting",
  cpu: "waiting",
  database: "waiting",
  journal: "waiting",
  "delivery-speed": "waiting",
  paused: "paused",
  archive: "retry",
  "no-source": "failed",
  "retry-wait": "retry",
  dns: "retry",
};

export type LaneSearch = {
  provider?: string | undefined;
  source?: string | undefined;
  constraint?: Constraint | undefined;
  /** The one in the drawer. */
  lane?: string | undefined;
};

export const laneSearch = (search: Record<string, unknown>): LaneSearch => ({
  provider: text(search["provider"]),
  source: text(search["source"]),
  constraint: oneOf(CONSTRAINTS, search["constraint"]),
  lane: text(search["lane"]),
});

export const SHOWS = ["standing", "restricted", "adjusted", "alert"] as const;
export type Show = (typeof SHOWS)[number];

export type EventSearch = {
  show?: Show | undefined;
  provider?: string | undefined;
  source?: string | undefined;
  delivery?: string | undefined;
};

export const eventSearch = (search: Record<string, unknown>): EventSearch => ({
  show: oneOf(SHOWS, search["show"]),
  provider: text(search["provider"]),
  source: text(search["source"]),
  delivery: text(search["delivery"]),
});

export const eventFilter = ({ show, provider, source, delivery }: EventSearch): EventFilter => ({
  provider,
  source,
  // What is no number names no delivery; the list says so instead of an error while somebody types.
  deliveryId: delivery === undefined ? undefined : /^[1-9]\d{0,14}$/.test(delivery) ? delivery : "999999999999999",
  ...(show === "standing" ? { standing: "true" } : { kind: show }),
});

export const isFiltered = (search: Record<string, unknown>): boolean =>
  Object.values(search).some((value) => value !== undefined);

/**
 * Rows in the places that they had: figures move, rows do not. New ones come last, a row that two pages have (it moved between the
 * two requests) is shown once.
 */
export function keepPlaces<T extends { id: string }>(before: readonly string[], rows: readonly T[]): T[] {
  const byId = new Map(rows.map((row) => [row.id, row]));
  const kept = before.map((id) => byId.get(id)).filter((row) => row !== undefined);
  const known = new Set(before);
  return [...kept, ...[...byId.values()].filter(({ id }) => !known.has(id))];
}

export const byWaiting = (rows: readonly LaneAnswer[]): boolean =>
  rows.every((row, index) => index === 0 || (rows[index - 1]?.figures.waiting ?? 0) >= row.figures.waiting);

type LanePlace = Pick<LaneAnswer, "source" | "site" | "provider">;

/** Whether what is said about this scope holds for a lane, or for some of its messages. A recipient domain's lane is not known here. */
export function concerns(scope: Scope, { source, site, provider }: LanePlace): boolean {
  switch (scope.kind) {
    case "lane":
      return scope.source === source && scope.site === site;
    case "provider":
      return scope.provider === provider && (scope.source ?? source) === source;
    case "source":
      return scope.source === source;
    case "netblock":
    case "dkim-domain":
    case "url-domain":
    case "delivery":
      return scope.provider === provider;
    case "domain":
      return false;
  }
}

/** The events of a lane out of several lists, newest first, each once. */
export function eventsOfLane(
  lane: LanePlace,
  ...lists: readonly (readonly ShapingEventAnswer[])[]
): ShapingEventAnswer[] {
  const byId = new Map(lists.flat().map((event) => [event.id, event]));
  return [...byId.values()]
    .filter(({ scope }) => concerns(scope, lane))
    .toSorted((left, right) => right.at.localeCompare(left.at) || left.id.localeCompare(right.id));
}

/** Only what restricts can be in force, until its time is over or somebody ended it. */
export const isStanding = ({ kind, until, endedAt }: ShapingEventAnswer, now: number): boolean =>
  kind === "restricted" && endedAt === null && (until === null || Date.parse(until) > now);

export type EffectPart =
  | { kind: "suspend" | "avoid" | "free" }
  | { kind: "perHour" | "connections" | "perConnection"; n: number };

/** An effect as its parts; a limit without a value gives all of them back. */
export function effectParts(effect: Effect | null): EffectPart[] {
  if (effect === null) return [];
  if (effect.kind !== "limit") return [{ kind: effect.kind }];
  const { messagesPerHour, connections, messagesPerConnection } = effect;
  const part = (kind: "perHour" | "connections" | "perConnection", n: number | null): EffectPart[] =>
    n === null ? [] : [{ kind, n: Math.round(n) }];
  const parts = [
    ...part("connections", connections),
    ...part("perHour", messagesPerHour),
    ...part("perConnection", messagesPerConnection),
  ];
  return parts.length === 0 ? [{ kind: "free" }] : parts;
}
