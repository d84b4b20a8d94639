/**
 * The words in which every answer of a receiving server is judged, at once or later. One owner: `qualify` makes verdicts,
 * everything else only reads them.
 */
import type { Stage } from "../smtp/outcome.ts";

/** `hard` quarantines the address; `soft` may count against it; `ignored` never does; `not-defined` waits for a person. */
export type FailureType = "hard" | "soft" | "ignored" | "not-defined";

export type FailureReason =
  | "not-defined"
  | "user-unknown"
  | "invalid-domain"
  | "unreachable"
  | "account-disabled"
  | "mailbox-full"
  | "refused"
  | "error-ignored";

/**
 * What the sender does next. All but `fail` and `pause` try the message again within its validity period. `retry-elsewhere`:
 * from another source or to another MX. `slow`: and sends less. `split`: in a transaction of its own. `alarm`: and tells an
 * operator, because nothing changes before a person acts. `pause`: the delivery cannot go on.
 */
export type VerdictAction = "fail" | "retry" | "retry-elsewhere" | "slow" | "split" | "alarm" | "pause";

/** Whom the answer is about. */
export type VerdictScope = "address" | "message" | "sender" | "source" | "domain";

export type Verdict = {
  readonly type: FailureType;
  readonly reason: FailureReason;
  readonly action: VerdictAction;
  readonly scope: VerdictScope;
  /** Name of the rule that decided, or `default-…`. */
  readonly rule: string;
};

/** What rules see of one answer. `text` is the whole reply or diagnostic, one line. */
export type Answer = {
  readonly stage: Stage | "async";
  readonly code: number | null;
  readonly enhanced: string | null;
  readonly text: string;
  /** Host name of the MX that answered, lower case; null when unknown. */
  readonly mx: string | null;
};
