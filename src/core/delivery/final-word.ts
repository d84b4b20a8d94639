/**
 * What a relay's report does to a message that it took: the second half of its way, which Envoi only hears of.
 *
 *   taken into account ─ delivered ─▶ sent        ─ failed ─▶ failed        ─ delayed ─▶ as it is, with the reason
 *   sent (nothing was reported, or delivered to what reports no more) ─ failed ─▶ failed
 *
 * Everything else changes nothing: the same report once more, one that comes after the last word, one about a message that
 * was cancelled.
 */
import type { FailureReason, FailureType, Verdict } from "../bounce/verdict.ts";
import type { MessageStatus } from "./status.ts";

export type Word = "delivered" | "failed" | "delayed";

export type Change =
  | { readonly kind: "final"; readonly status: "sent"; readonly type: null; readonly reason: null }
  | {
      readonly kind: "final";
      readonly status: "failed";
      readonly type: FailureType;
      readonly reason: FailureReason;
    }
  /** Only what the log says of it. */
  | { readonly kind: "reason"; readonly type: FailureType; readonly reason: FailureReason };

/** `verdict`: on what the report quotes. Null: nothing changes. */
export function afterWord(status: MessageStatus, word: Word, { type, reason }: Verdict): Change | null {
  const isOpen = status === "taken-into-account";
  if (word === "failed" && (isOpen || status === "sent")) {
    return { kind: "final", status: "failed", type, reason };
  }
  if (!isOpen) return null;
  if (word === "delivered") return { kind: "final", status: "sent", type: null, reason: null };
  return { kind: "reason", type, reason };
}
