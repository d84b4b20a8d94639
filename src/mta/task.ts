/** A message on its way through a sender: what was loaded, the part it belongs to, and its bytes once they are made. */
import type { FailureReason, FailureType } from "../core/bounce/verdict.ts";
import type { HeldPart } from "./held-part.ts";

export type Task = {
  readonly part: HeldPart;
  readonly seq: number;
  /** As the recipient wrote it. */
  readonly address: string;
  /** As it goes into RCPT TO: the domain in ASCII. */
  readonly envelope: string;
  /** ASCII, lower case. */
  readonly domain: string;
  readonly matchKey: string;
  readonly vars: Readonly<Record<string, unknown>>;
  readonly status: "pending" | "taken-into-account";
  /** Attempts that ended before this one. */
  readonly attempts: number;
  readonly type: FailureType | null;
  readonly reason: FailureReason | null;
  /** SHA-256 of the bytes made first, base64: stored with the first outcome, written here once they are made. */
  digest: string | null;
};

export type PreparedMessage = {
  readonly task: Task;
  /** Headers and body as a byte string, ending in CRLF, without the final dot. */
  readonly bytes: string;
  /** Return path (RFC 5321 §4.4). */
  readonly mailFrom: string;
  readonly needsSmtpUtf8: boolean;
};
