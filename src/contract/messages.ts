/** Single messages, as the delivery log and the sandbox show them. */
import type { FailureReason, FailureType } from "../core/bounce/verdict.ts";
import type { MessageStatus } from "../core/delivery/status.ts";
import type { Copy } from "./archive.ts";
import type { Timestamp } from "./basics.ts";
import type { SingleMessage } from "./single-messages.ts";
import type { Reaction } from "./tracking.ts";

export { SINGLE_STATUSES, type SingleStatus } from "../core/delivery/single.ts";

/** One message as the delivery log shows it; also the line of `envoi log`. */
export type LogLine = {
  key: string;
  recipient: string;
  status: MessageStatus;
  type: FailureType | null;
  reason: FailureReason | null;
  attempts: number;
  reply: string | null;
  mx: string | null;
  firstAttemptAt: Timestamp | null;
  finalAt: Timestamp | null;
  archived: boolean;
  /** An attempt ended between the final dot and its reply: the receiver may have this message twice. */
  inDoubt: boolean;
  /** To a seed address: in no figure. */
  seed?: true | undefined;
};

export type Attempt = {
  attempt: number;
  at: Timestamp;
  /**
   * `tested`: accepted as far as RCPT; `verified`: made, with no network; `unreported`: a relay had it and reported no failure;
   * `final-word`: what that relay reported; `bounce`: a mail said later that it came back.
   */
  kind:
    | "accepted"
    | "refused"
    | "lost"
    | "in-doubt"
    | "expired"
    | "not-rendered"
    | "tested"
    | "verified"
    | "unreported"
    | "final-word"
    | "bounce";
  stage: string | null;
  code: number | null;
  enhanced: string | null;
  reply: string;
  mx: string | null;
  sourceIp: string | null;
  tls: string | null;
  durationMs: number | null;
  type: FailureType | null;
  reason: FailureReason | null;
  rule: string | null;
};

export type MessageDetail = LogLine & {
  deliveryId: string;
  nextAttemptAt: Timestamp | null;
  vars: Record<string, unknown>;
  timeline: Attempt[];
  /** SHA-256 of the bytes sent, in hexadecimal; null before the first attempt. */
  digest: string | null;
  copies: Copy[];
  /** Its recipient called it spam. */
  complained: boolean;
  /** Opens, clicks and visits of this message, newest first. */
  reactions: Reaction[];
  /** Of a single message, what it was accepted as; null: it is one of a campaign. */
  single: SingleMessage | null;
};

export type SandboxMessage = {
  id: string;
  at: Timestamp;
  mailFrom: string;
  rcptTo: string;
  subject: string;
  size: number;
};
