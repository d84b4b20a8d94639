/** One attempt's outcome as it is journalled and committed: everything the database needs, nothing to look up again. */
import type { FailureReason, FailureType, VerdictScope } from "../core/bounce/verdict.ts";
import type { Stage } from "../core/smtp/outcome.ts";
import type { Instant } from "../core/time.ts";

/** A copy that becomes due with its message's outcome, not to be taken up as a debt before `nextAt`. */
export type NewDebt = { readonly archive: number; readonly nextAt: Instant };

export type OutcomeRecord = {
  readonly partId: number;
  readonly seq: number;
  readonly epoch: number;
  /** Number of this attempt, from 1. */
  readonly attempt: number;
  readonly fromStatus: "pending" | "taken-into-account";
  readonly status: "taken-into-account" | "sent" | "failed" | "in-doubt";
  readonly type: FailureType | null;
  readonly reason: FailureReason | null;
  readonly inDoubt: boolean;
  readonly nextAt: Instant | null;
  readonly finalAt: Instant | null;
  readonly at: Instant;
  readonly kind:
    | "accepted"
    | "tested"
    | "verified"
    | "refused"
    | "lost"
    | "in-doubt"
    | "expired"
    | "unreported"
    | "not-rendered";
  /** A relay took it, and its final word is still to come. Absent in journals from before relays were asked. */
  readonly relayed?: boolean;
  readonly stage: Stage | null;
  readonly code: number | null;
  readonly enhanced: string | null;
  readonly reply: string;
  readonly mx: string | null;
  readonly sourceIp: string | null;
  readonly tls: string | null;
  readonly durationMs: number | null;
  readonly rule: string | null;
  /** SHA-256 of the bytes of this attempt, base64; null when none were made. */
  readonly digest: string | null;
  readonly address: string;
  /** Recipient domain, ASCII lower case. */
  readonly domain: string;
  /** Match key of an address that goes to quarantine; null when it does not. */
  readonly quarantineKey: string | null;
  /** Whom the verdict was about when it is held against the address; absent: it is not. */
  readonly errorScope?: VerdictScope;
  /** Copies that are due from now on, as far as the ledger does not have them yet. */
  readonly debts?: readonly NewDebt[];
};
