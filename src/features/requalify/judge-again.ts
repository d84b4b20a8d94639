/** What the log says of messages that failed, judged again. Pure: which attempts and messages change, and how. */
import type { AnswerStage } from "../../core/bounce/rule.ts";
import type { Answer, FailureReason, FailureType, Verdict } from "../../core/bounce/verdict.ts";
import type { DeliveryMode } from "../../core/delivery/mode.ts";
import type { MessageKey } from "../../core/delivery/status.ts";
import type { Instant } from "../../core/time.ts";

export type PastAttempt = MessageKey & {
  readonly attempt: number;
  readonly at: Instant;
  readonly kind: string;
  readonly stage: AnswerStage | null;
  readonly code: number | null;
  readonly enhanced: string | null;
  readonly reply: string;
  readonly mx: string | null;
  readonly type: FailureType;
  readonly reason: FailureReason;
  /** Null: it repeats what the attempt before said. */
  readonly rule: string | null;
  readonly message: PastMessage;
};

export type PastMessage = {
  readonly deliveryId: number;
  readonly mode: DeliveryMode;
  readonly address: string;
  /** Null: the recipient was erased. */
  readonly recipientId: number | null;
  readonly status: "failed" | "cancelled";
  readonly type: FailureType | null;
  readonly reason: FailureReason | null;
};

export type NewVerdict = Pick<Verdict, "type" | "reason" | "rule">;
/** Null: it stays as it is. */
export type Judge = (attempt: PastAttempt) => NewVerdict | null;

export type Rejudged = {
  readonly attempt: PastAttempt;
  readonly type: FailureType;
  readonly reason: FailureReason;
  readonly rule: string | null;
  /** Its message says the same, so it changes with it. */
  readonly decides: boolean;
};

/** Attempts that a server answered, at once or by mail; nothing else was judged by its text. */
const ANSWERED: ReadonlySet<string> = new Set(["refused", "bounce", "final-word"]);

export function answerOf({ stage, code, enhanced, reply, mx }: PastAttempt): Answer {
  return { stage: stage ?? "async", code, enhanced, text: reply, mx: mx?.toLowerCase() ?? null };
}

/**
 * `attempts`: all of each message, in their order. `skipped`: rules that looked at more than the answer (reactions, breakers): what they
 * decided stays.
 */
export function judgeAgain(
  attempts: readonly PastAttempt[],
  judge: Judge,
  skipped: ReadonlySet<string>,
): readonly Rejudged[] {
  const messages = Map.groupBy(attempts, ({ partId, seq }) => `${partId}-${seq}`);
  return [...messages.values()].flatMap((own) => judgeMessage(own, judge, skipped));
}

function judgeMessage(attempts: readonly PastAttempt[], judge: Judge, skipped: ReadonlySet<string>): Rejudged[] {
  const last = attempts.findLast(({ rule }) => rule !== null);
  return attempts.flatMap((attempt) => {
    const { kind, rule, message } = attempt;
    // The end of the validity period has the reason of the last answer.
    const isEcho = rule === null && last !== undefined && attempt.attempt > last.attempt && isSame(attempt, last);
    const judged = isEcho ? last : attempt;
    if (judged.rule === null || skipped.has(judged.rule) || !ANSWERED.has(isEcho ? last.kind : kind)) return [];
    const verdict = judge(judged);
    if (verdict === null || isSame(verdict, judged)) return [];
    const { type, reason } = verdict;
    const decides = attempt === last && isSame(message, attempt);
    return [{ attempt, type, reason, rule: isEcho ? null : verdict.rule, decides }];
  });
}

type Said = { readonly type: FailureType | null; readonly reason: FailureReason | null };

function isSame(a: Said, b: Said): boolean {
  return a.type === b.type && a.reason === b.reason;
}
