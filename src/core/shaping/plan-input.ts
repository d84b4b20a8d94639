/** What a plan is made from: the delivery, the groups of sites with their lanes, and all limits that are known. */
import type { Duration, Instant } from "../time.ts";
import type { SourceKey } from "./restriction.ts";

/** A value that a controller moves: what it is now, how far it may go, by how much it goes up in an hour. */
export type Growing = { readonly now: number; readonly max: number; readonly perHour: number };

/** A limit, and all lanes that name it share it. */
export type PlanThrottle = {
  /** Name of the MX rule. */
  readonly rule: string;
  /** So many sites have it, each for itself. */
  readonly times: number;
  readonly connections: Growing;
  readonly messagesPerHour: Growing | null;
  readonly connectionsPerMinute: number | null;
  readonly messagesPerConnection: number;
};

export type PlanSource = {
  readonly name: SourceKey;
  /** In the delivery's pool. */
  readonly weight: number;
};

/** What a source in warm-up may send to a provider. */
export type PlanAllowance = {
  /** Index into the sources. */
  readonly source: number;
  readonly provider: string;
  /** What is left of the first UTC day, then one entry for each sending day; after the last there is no limit. */
  readonly days: readonly { readonly messages: number; readonly perHour: number }[];
};

export type PlanLane = {
  readonly source: number;
  readonly throttle: number;
  /** Nothing leaves before; 0: it is not suspended. Infinity: until somebody ends it. */
  readonly suspendedUntil: Instant;
  /** Until then other sources of the pool are taken; where there is none, as suspended. */
  readonly avoidUntil: Instant;
  /** What suspends it or keeps it away, in a sentence; null: nothing does. */
  readonly why: string | null;
};

/** Sites of one provider that are alike. */
export type PlanGroup = {
  readonly provider: string;
  readonly sites: number;
  /** Of this delivery. */
  readonly messages: number;
  /** What other deliveries have waiting there. */
  readonly others: readonly { readonly weight: number; readonly messages: number }[];
  /** What part of the messages is deferred at the first attempt and taken at the second. */
  readonly deferredFirst: number;
  /** On one connection. */
  readonly secondsPerMessage: number;
  readonly secondsPerConnection: number;
  /** At most one for each source; none: no source can be used. */
  readonly lanes: readonly PlanLane[];
  /** Of `messages`, those whose domain could not be looked up in time. */
  readonly notLookedUp: number;
};

/** What of the delivery is not due before its time. */
export type PlanWave = { readonly at: Instant; readonly messages: number };

export type PlanInput = {
  readonly startAt: Instant;
  /** In the order of their times; spread over the groups alike. What is in none of them is due at the start. */
  readonly waves: readonly PlanWave[];
  readonly validUntil: Instant;
  /** Messages an hour of this delivery; null: as fast as limits let. */
  readonly speed: number | null;
  /** The delivery's share when others wait too. */
  readonly weight: number;
  /** Messages an hour that all senders together can make. */
  readonly cpuPerHour: number;
  readonly firstRetryAfter: Duration;
  readonly sources: readonly PlanSource[];
  readonly throttles: readonly PlanThrottle[];
  readonly allowances: readonly PlanAllowance[];
  readonly groups: readonly PlanGroup[];
};
