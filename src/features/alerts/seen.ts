/** What a look at the platform found: one entry for each thing that somebody must look at now. */
import type { AlertKind, ThresholdName } from "../../core/alert/alert-kinds.ts";
import type { Duration, Instant } from "../../core/time.ts";
import type { Queryable } from "../../platform/db.ts";

export type Seen = {
  /** What it is about: an id or a name; empty: the platform. */
  readonly subject: string;
  readonly detail: Readonly<Record<string, unknown>>;
};

export type Thresholds = Readonly<Record<ThresholdName, number>>;

/** Facts that no database knows. Null: could not be found out, or has no meaning here. */
export type Surroundings = {
  /** Bytes that are free in the data directory. */
  readonly freeBytes: () => Promise<number | null>;
  /** Of the server that takes mail. */
  readonly certificate: () => Promise<{ readonly name: string; readonly validUntil: Instant } | null>;
  /** Errors in the DNS of domains that mail is sent for. */
  readonly dnsErrors: () => Promise<
    readonly { readonly domain: string; readonly check: string; readonly detail: string }[]
  >;
};

export type Look = {
  readonly db: Queryable;
  readonly now: Instant;
  readonly thresholds: Thresholds;
  /** Deliveries that ended longer ago raise nothing. */
  readonly window: Duration;
  readonly around: Surroundings;
};

export type Watcher = (look: Look) => Promise<readonly Seen[]>;
export type Watchers = Partial<Record<AlertKind, Watcher>>;
