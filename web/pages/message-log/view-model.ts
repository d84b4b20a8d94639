/** What the message log decides: which filters an address holds, which are set, what a row and its timeline say. */
import type { Attempt, FailureReason, LogLine, MessageDetail, MessageStatus } from "../../../src/contract/index.ts";
import type { InboundMailEntry } from "../../../src/contract/inbound.ts";
import { oneOf, text } from "../../search.ts";
import { STATUS_TONE, type Tone } from "../../tones.ts";

export const STATUSES = [
  "pending",
  "taken-into-account",
  "sent",
  "failed",
  "in-doubt",
  "cancelled",
] as const satisfies readonly MessageStatus[];

export const REASONS = [
  "user-unknown",
  "invalid-domain",
  "unreachable",
  "account-disabled",
  "mailbox-full",
  "refused",
  "error-ignored",
  "not-defined",
] as const satisfies readonly FailureReason[];

export type LogSearch = {
  status?: MessageStatus | undefined;
  reason?: FailureReason | undefined;
  domain?: string | undefined;
  recipient?: string | undefined;
  /** Key of the message in the drawer. */
  message?: string | undefined;
};

export function logSearch(search: Record<string, unknown>): LogSearch {
  return {
    status: oneOf(STATUSES, search["status"]),
    reason: oneOf(REASONS, search["reason"]),
    domain: text(search["domain"]),
    recipient: text(search["recipient"]),
    message: text(search["message"]),
  };
}

export const filterOf = ({ status, reason, domain, recipient }: LogSearch) => ({ status, reason, domain, recipient });

export const isFiltered = (search: LogSearch): boolean =>
  Object.values(filterOf(search)).some((value) => value !== undefined);

/** The newest date that is known of a message. */
export const lastAt = (line: LogLine): string | null => line.finalAt ?? line.firstAttemptAt;

/** Newest attempt first: what happened last is what one asks about. */
export const timelineOf = (message: MessageDetail): Attempt[] =>
  message.timeline.toSorted(
    (left, right) => right.attempt - left.attempt || Date.parse(right.at) - Date.parse(left.at),
  );

export function attemptTone(attempt: Attempt): Tone {
  switch (attempt.kind) {
    case "accepted":
    case "tested":
    case "verified":
    case "unreported":
      return STATUS_TONE.sent;
    case "final-word":
      return attempt.type === null ? STATUS_TONE.sent : STATUS_TONE.failed;
    case "in-doubt":
      return STATUS_TONE["in-doubt"];
    case "bounce":
    case "expired":
    case "not-rendered":
      return STATUS_TONE.failed;
    case "lost":
      return STATUS_TONE["taken-into-account"];
    case "refused":
      return isTemporary(attempt) ? STATUS_TONE["taken-into-account"] : STATUS_TONE.failed;
  }
}

/** Of a mail about a message: red where it was bad news, amber where it only told of a delay. */
export function mailTone({ kind }: Pick<InboundMailEntry, "kind">): Tone {
  if (kind === "bounce" || kind === "complaint") return STATUS_TONE.failed;
  if (kind === "delayed") return STATUS_TONE["taken-into-account"];
  return kind === "success" ? STATUS_TONE.sent : STATUS_TONE.pending;
}

/** 4xx asks to try again (RFC 5321 §4.2.1); without a code, a soft verdict says the same. */
const isTemporary = (attempt: Attempt): boolean =>
  attempt.code === null ? attempt.type !== "hard" : attempt.code >= 400 && attempt.code < 500;

export const varsOf = (vars: Record<string, unknown>): { name: string; value: string }[] =>
  Object.entries(vars).map(([name, value]) => ({
    name,
    value: typeof value === "string" ? value : (JSON.stringify(value) ?? ""),
  }));
