/**
 * What shaping is told: providers (groups of sites), MX rules (limits), reactions (what a reply does to limits) and sweeps (what
 * ratios do). Files and operators write these; everything matches on MX host names, never on recipient domains.
 */
import type { AnswerStage } from "../bounce/rule.ts";
import type { Duration } from "../time.ts";

/** Inclusive. */
export type Range = { readonly min: number; readonly max: number };

/** A mailbox provider: all sites whose MX hosts match. */
export type Provider = {
  /** Lower case, stable: what API, events and warm-up say. */
  readonly name: string;
  readonly label: string;
  /** Host name masks; `*` stands for any characters, `?` for one. All MX hosts of a site must match. */
  readonly mx: readonly string[];
  /** Messages of the first, second … sending day of a new source; null: the default curve. */
  readonly warmUp: readonly number[] | null;
};

/** A site that no provider names is a provider of its own with this name. */
export const OTHER_PROVIDER = "other";

/** `encrypted`: TLS with whatever certificate, or nothing. `required`: with a valid certificate, or nothing. */
export type RuleTls = "none" | "opportunistic" | "encrypted" | "required";

export type MxRule = {
  readonly name: string;
  /** Where it comes from: the operator's in the database, DATA_DIR/shaping, or shipped. */
  readonly origin: "operator" | "own-file" | "shipped";
  readonly mx: readonly string[];
  /** Numbers of the sources it is for; null: all. */
  readonly sources: { readonly from: number; readonly to: number } | null;
  /** Limits count for each site by itself, or for all sites that the rule matches together. */
  readonly countedPer: "site" | "rule";
  /** Limits count for all sources together; else for each source. */
  readonly isShared: boolean;
  /** Simultaneous connections. The controller moves between the two. */
  readonly connections: Range;
  readonly messagesPerConnection: number;
  /** Null: no limit until the site asks for one. */
  readonly messagesPerHour: Range | null;
  /** New connections; null: no limit. */
  readonly connectionsPerMinute: number | null;
  /** Null: RFC 5321 §4.5.3.2 and house values. The reply to the final dot never has less than 5 minutes: less makes doubles. */
  readonly timeouts: {
    readonly connect: Duration | null;
    readonly data: Duration | null;
    readonly other: Duration | null;
  };
  readonly tls: RuleTls;
};

/** What a reaction or restriction is about: the object that the provider named. */
export type ScopeKind =
  | "recipient"
  | "lane"
  | "provider"
  | "source"
  | "netblock"
  | "dkim-domain"
  | "url-domain"
  | "delivery"
  | "domain";

export type ReactionAction =
  /** The controller goes down one step. */
  | { readonly kind: "slow" }
  | { readonly kind: "fewer-connections"; readonly by: number }
  | { readonly kind: "messages-per-connection"; readonly to: number }
  /** Fixed limits for a time. */
  | { readonly kind: "limit"; readonly messagesPerHour: number | null; readonly connections: number | null }
  | { readonly kind: "suspend" }
  /** This source does not go there for the time; others of the pool do. */
  | { readonly kind: "other-source" }
  /** Greylisting: the next attempt must come from the same source. */
  | { readonly kind: "same-source" }
  /** A final refusal is taken for a passing one, or the other way round. */
  | { readonly kind: "retry" }
  | { readonly kind: "fail" }
  | { readonly kind: "alert" };

export type Reaction = {
  readonly name: string;
  /** Null: at every provider. */
  readonly provider: string | null;
  readonly stage: readonly AnswerStage[] | null;
  /** `421`, `4xx`; as in bounce rules. */
  readonly code: readonly string[] | null;
  readonly enhanced: readonly string[] | null;
  /** Patterns of the language of bounce rules. */
  readonly text: readonly string[] | null;
  /** Null: at the first such reply. */
  readonly threshold: { readonly count: number; readonly within: Duration } | null;
  readonly scope: ScopeKind;
  readonly action: ReactionAction;
  /** Of suspend, limit, other-source, messages-per-connection; 0 for the others. */
  readonly duration: Duration;
  readonly alert: boolean;
};

/** Ratios over a window, looked at once a minute. */
export type Sweep = {
  readonly name: string;
  readonly provider: string | null;
  /** `failed`: share of attempts refused for good; `deferred`: for now; `unknown`: unknown users; `complaints`: of what was accepted. */
  readonly ratio: "failed" | "deferred" | "unknown" | "complaints";
  readonly above: number;
  readonly within: Duration;
  /** Attempts (for complaints: acceptances) below which nothing is said. */
  readonly minimum: number;
  /** Where it is counted: one lane, one source at one provider, or one recipient domain. */
  readonly per: "lane" | "provider" | "domain";
  readonly action: Extract<ReactionAction, { kind: "slow" | "suspend" | "limit" | "alert" }>;
  readonly duration: Duration;
};

/** Everything that files say. Operators' MX rules come before `rules`. */
export type ShapingFiles = {
  readonly providers: readonly Provider[];
  readonly rules: readonly MxRule[];
  readonly reactions: readonly Reaction[];
  readonly sweeps: readonly Sweep[];
};
