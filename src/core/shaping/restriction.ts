/** What is restricted, how, why and until when; and the events in which all that shaping does is told. */
import type { Instant } from "../time.ts";

/** Name of a registered source, else its address; `default` where the system chooses. */
export type SourceKey = string;

export type Scope =
  | { readonly kind: "lane"; readonly source: SourceKey; readonly site: string }
  /** `source` null: from every source. */
  | { readonly kind: "provider"; readonly source: SourceKey | null; readonly provider: string }
  | { readonly kind: "source"; readonly source: SourceKey }
  /** `block`: CIDR. */
  | { readonly kind: "netblock"; readonly block: string; readonly provider: string }
  | { readonly kind: "dkim-domain" | "url-domain"; readonly domain: string; readonly provider: string }
  | { readonly kind: "delivery"; readonly deliveryId: number; readonly provider: string }
  /** A recipient domain. */
  | { readonly kind: "domain"; readonly domain: string };

export type Effect =
  | { readonly kind: "suspend" }
  /** The source is not chosen there; where it is the only one, as `suspend`. */
  | { readonly kind: "avoid" }
  | {
      readonly kind: "limit";
      readonly messagesPerHour: number | null;
      readonly connections: number | null;
      readonly messagesPerConnection: number | null;
    };

export type Cause = {
  readonly kind: "reaction" | "sweep" | "breaker" | "site-failure" | "operator";
  /** Name of the reaction, sweep or breaker; of an operator. */
  readonly rule: string;
};

export type Restriction = {
  /** Unique in the installation. */
  readonly id: string;
  readonly scope: Scope;
  readonly effect: Effect;
  readonly cause: Cause;
  /** The reply, or the figures; one line. */
  readonly evidence: string;
  readonly since: Instant;
  /** Null: until somebody ends it. */
  readonly until: Instant | null;
};

/**
 * Everything shaping does. `restricted` and `ended` are the two ends of a restriction; `adjusted` is a step of a lane's
 * controller; `alert` tells a person.
 */
export type ShapingEvent = {
  readonly id: string;
  readonly at: Instant;
  readonly kind: "restricted" | "adjusted" | "alert";
  readonly scope: Scope;
  readonly provider: string;
  readonly cause: Cause;
  readonly evidence: string;
  /** For `adjusted`: what the lane may now, in words of `Effect`. Null: an alert only. */
  readonly effect: Effect | null;
  readonly until: Instant | null;
  readonly deliveryId: number | null;
  /** `PART-SEQ` of the message whose reply is the evidence. */
  readonly messageKey: string | null;
};

/** What an operator fixed for a lane: the controller and reactions do not move it. */
export type Pin = {
  readonly source: SourceKey;
  readonly site: string;
  readonly connections: number | null;
  readonly messagesPerHour: number | null;
};

/** What holds a lane, a delivery or a message back at this moment. */
export type Constraint =
  | "none"
  | "rate"
  | "connections"
  | "connection-rate"
  | "suspended"
  | "back-off"
  | "warm-up"
  | "remote"
  | "cpu"
  | "database"
  | "journal"
  | "delivery-speed"
  | "paused"
  | "archive"
  | "no-source"
  | "retry-wait"
  | "dns";
