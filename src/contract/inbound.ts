/** Mail that came in, as the API shows it. */
import type { FailureReason, FailureType } from "../core/bounce/verdict.ts";
import type { MailKind } from "../core/inbound/reading.ts";
import type { Timestamp } from "./basics.ts";

export type InboundMailEntry = {
  id: string;
  receivedAt: Timestamp;
  source: "smtp" | "api" | "mailbox";
  /** Envelope; null: not known. */
  recipient: string | null;
  returnPath: string | null;
  size: number;
  /** Whether it is still there as it came. */
  hasRaw: boolean;
  state: "waiting" | "done" | "failed";
  /** Why the last attempt to process it failed. */
  error: string | null;
  /** Null: not processed yet. */
  kind: MailKind | null;
  format: string | null;
  outcome: string | null;
  messageKey: string | null;
  deliveryId: string | null;
  /** Of the message's recipient. */
  address: string | null;
  type: FailureType | null;
  reason: FailureReason | null;
  rule: string | null;
  /** To whom a copy is still owed, or was given up (`forwardError`). */
  forwardTo: string[];
  forwardError: string | null;
};

/** What a mail says of one recipient, judged by the rules of now. */
export type InboundReport = {
  /** As the mail writes it; null when it names nobody. */
  address: string | null;
  type: FailureType | null;
  reason: FailureReason | null;
  code: number | null;
  enhancedCode: string | null;
  diagnostic: string;
  rule: string | null;
};

export type InboundMailDetail = InboundMailEntry & {
  /** Null: the mail is not kept any more. */
  reports: InboundReport[] | null;
};
