/**
 * What a mail about a message does to it when its recipient's server had taken it: the last that anybody hears.
 *
 *   sent, in doubt ─ failed ─▶ failed        sent ─ delayed ─▶ as it is, with the reason
 *
 * Everything else changes nothing: the same once more, one about a message that was never handed over, one that comes too late.
 */
import type { Verdict } from "../bounce/verdict.ts";
import type { Change, Word } from "../delivery/final-word.ts";
import type { MessageStatus } from "../delivery/status.ts";
import { DAY, type Duration, type Instant } from "../time.ts";

/** Servers give up within five days (RFC 5321 §4.5.4.1); what comes later is about something else, or made up. */
export const ACCEPTED_FOR: Duration = 7 * DAY;

export type LateAnswer = {
  readonly word: Word;
  /** On what the mail quotes. */
  readonly verdict: Verdict;
  readonly receivedAt: Instant;
};

/** `late`: it came too late. Null: nothing changes. `lastAttemptAt` null: nobody tried. */
export function afterLateAnswer(
  status: MessageStatus,
  lastAttemptAt: Instant | null,
  { word, verdict: { type, reason }, receivedAt }: LateAnswer,
): Change | "late" | null {
  if (lastAttemptAt === null || (status !== "sent" && status !== "in-doubt")) return null;
  if (receivedAt - lastAttemptAt > ACCEPTED_FOR) return "late";
  if (word === "failed") return { kind: "final", status: "failed", type, reason };
  return word === "delayed" && status === "sent" ? { kind: "reason", type, reason } : null;
}
