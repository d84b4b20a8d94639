/**
 * What an attempt's outcome does to its message: the transition table of a message's life.
 *
 *   accepted                          → sent, final; in the modes for safety too: as far as it should go
 *   accepted by a relay that reports  → taken into account, relayed; nothing follows before the end of the validity period
 *   refused or lost, action fail      → failed, final; a hard verdict on the address quarantines it
 *   refused or lost, action retry     → taken into account, next attempt planned; the reason changes, the status stays
 *   … and the validity period over    → failed, final
 *   … action pause                    → the message stays as it is, the delivery is held with the reply
 *   lost after the final dot          → in doubt: attempted again, or held for a person, by the delivery's policy
 */
import { countsAgainstAddress } from "../bounce/blame.ts";
import type { FailureReason, FailureType, Verdict } from "../bounce/verdict.ts";
import { replyText, type Outcome } from "../smtp/outcome.ts";
import type { Duration, Instant } from "../time.ts";
import { parseRetryHint } from "./hints.ts";
import { AS_FAR_AS_IT_SHOULD, type DeliveryMode } from "./mode.ts";
import { planRetry, type Retries } from "./retry-plan.ts";

/** `classic`: what a relay took is sent. `confirmed`: it is taken into account until the relay's final word. */
export type RelayProfile = "classic" | "confirmed";

export type Attempted = {
  /** Number of the attempt that just ended, from 1. */
  readonly attempt: number;
  readonly now: Instant;
  readonly validUntil: Instant;
  readonly inDoubtPolicy: "retry" | "hold";
  /** In [0, 1): spreads retries. */
  readonly random: number;
  readonly retries: Retries;
  /** Of this message, or the start of its delivery. */
  readonly firstAttemptAt: Instant;
  readonly mode: DeliveryMode;
  /** What shaping knows that this reply means: at least so long; null: nothing. */
  readonly wait?: Duration | null;
  /** How the smarthost that had the message is believed; null: the recipient's own servers had it. */
  readonly relay: RelayProfile | null;
};

export type Decision =
  | {
      readonly kind: "settle";
      readonly status: "taken-into-account" | "sent" | "failed" | "in-doubt";
      readonly type: FailureType | null;
      readonly reason: FailureReason | null;
      readonly nextAt: Instant | null;
      readonly isFinal: boolean;
      readonly inDoubt: boolean;
      readonly quarantine: boolean;
      /** Handed over: it is never attempted again, and its final word is still to come. */
      readonly relayed: boolean;
      /** What the log calls the attempt. */
      readonly attemptKind: (typeof AS_FAR_AS_IT_SHOULD)[DeliveryMode] | "refused" | "lost";
    }
  | { readonly kind: "hold" };

/** `verdict` is null exactly for accepted outcomes. */
export function next(attempted: Attempted, outcome: Outcome, verdict: Verdict | null): Decision {
  if (outcome.kind === "accepted" || verdict === null) return accepted(attempted);
  if (verdict.action === "pause") return { kind: "hold" };
  const inDoubt = outcome.kind === "lost" && outcome.inDoubt;
  const { type, reason } = verdict;
  const settled = { kind: "settle", type, reason, inDoubt, relayed: false, attemptKind: outcome.kind } as const;
  const open = { ...settled, isFinal: false, quarantine: false } as const;
  // What no network saw says nothing about an address.
  const quarantine = type === "hard" && countsAgainstAddress(verdict) && attempted.mode !== "verify";
  const failed: Decision = { ...settled, status: "failed", nextAt: null, isFinal: true, quarantine };
  if (inDoubt && attempted.inDoubtPolicy === "hold") return { ...open, status: "in-doubt", nextAt: null };
  if (verdict.action === "fail") return failed;
  const asked = outcome.kind === "refused" ? parseRetryHint(replyText(outcome.reply)) : null;
  const hint = attempted.wait ? Math.max(asked ?? 0, attempted.wait) : asked;
  const plan = planRetry({ ...attempted, hint });
  return plan.kind === "expired" ? failed : { ...open, status: "taken-into-account", nextAt: plan.at };
}

function accepted({ mode, relay, validUntil }: Attempted): Decision {
  const relayed = relay === "confirmed" && mode === "live";
  return {
    kind: "settle",
    status: relayed ? "taken-into-account" : "sent",
    type: null,
    reason: null,
    nextAt: relayed ? validUntil : null,
    isFinal: !relayed,
    inDoubt: false,
    quarantine: false,
    relayed,
    attemptKind: AS_FAR_AS_IT_SHOULD[mode],
  };
}
