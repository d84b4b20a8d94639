/**
 * What an attempt's outcome does to its message: the transition table of a message's life.
 *
 *   accepted                          → sent, final
 *   refused or lost, action fail      → failed, final; a hard verdict quarantines the address
 *   refused or lost, action retry     → taken into account, next attempt planned; the reason changes, the status stays
 *   … and the validity period over    → failed, final
 *   … action pause                    → the message stays as it is, the delivery is held with the reply
 *   lost after the final dot          → in doubt: attempted again, or held for a person, by the delivery's policy
 */
import type { FailureReason, FailureType, Verdict } from "../bounce/verdict.ts";
import { replyText, type Outcome } from "../smtp/outcome.ts";
import type { Instant } from "../time.ts";
import { parseRetryHint } from "./hints.ts";
import { planRetry } from "./retry-plan.ts";

export type Attempted = {
  /** Number of the attempt that just ended, from 1. */
  readonly attempt: number;
  readonly now: Instant;
  readonly validUntil: Instant;
  readonly inDoubtPolicy: "retry" | "hold";
  /** In [0, 1): spreads retries. */
  readonly random: number;
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
    }
  | { readonly kind: "hold" };

const SENT: Decision = {
  kind: "settle",
  status: "sent",
  type: null,
  reason: null,
  nextAt: null,
  isFinal: true,
  inDoubt: false,
  quarantine: false,
};

/** `verdict` is null exactly for accepted outcomes. */
export function next(attempted: Attempted, outcome: Outcome, verdict: Verdict | null): Decision {
  if (outcome.kind === "accepted" || verdict === null) return SENT;
  if (verdict.action === "pause") return { kind: "hold" };
  const { type, reason } = verdict;
  const inDoubt = outcome.kind === "lost" && outcome.inDoubt;
  if (inDoubt && attempted.inDoubtPolicy === "hold") {
    return {
      kind: "settle",
      status: "in-doubt",
      type,
      reason,
      nextAt: null,
      isFinal: false,
      inDoubt,
      quarantine: false,
    };
  }
  if (verdict.action === "fail") return failed(verdict, inDoubt);
  const hint = outcome.kind === "refused" ? parseRetryHint(replyText(outcome.reply)) : null;
  const plan = planRetry({ ...attempted, hint });
  if (plan.kind === "expired") return failed(verdict, inDoubt);
  return {
    kind: "settle",
    status: "taken-into-account",
    type,
    reason,
    nextAt: plan.at,
    isFinal: false,
    inDoubt,
    quarantine: false,
  };
}

function failed({ type, reason }: Verdict, inDoubt: boolean): Decision {
  return {
    kind: "settle",
    status: "failed",
    type,
    reason,
    nextAt: null,
    isFinal: true,
    inDoubt,
    quarantine: type === "hard",
  };
}
