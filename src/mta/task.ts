/** A message on its way through a sender: what was loaded, the part it belongs to, and its bytes once they are made. */
import type { CopyState } from "../core/archive/archive.ts";
import type { FailureReason, FailureType } from "../core/bounce/verdict.ts";
import type { Instant } from "../core/time.ts";
import type { CopyTask } from "./copy-task.ts";
import type { HeldPart } from "./held-part.ts";
import type { MadeBytes } from "./make-message.ts";
import type { WireOptions } from "../core/smtp/session.ts";

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
  /** Nothing of it leaves at or after this. */
  readonly validUntil: Instant;
  /** Attempts that ended before this one. */
  readonly attempts: number;
  /** Null before it. */
  readonly firstAttemptAt: Instant | null;
  /** A relay has it: it is never attempted again. */
  readonly relayed: boolean;
  readonly type: FailureType | null;
  readonly reason: FailureReason | null;
  /** SHA-256 of the bytes made first, base64: stored with the first outcome, written here once they are made. */
  digest: string | null;
  /** What the ledger knows of its copies, by archive. */
  readonly copies: Map<number, CopyState | "in-hand">;
  /** When the next of its owed copies is tried; null: none is owed. */
  readonly copiesDueAt: Instant | null;
  /** Made for its copy and kept for the message itself, while there is room. */
  made: MadeBytes | null;
};

type Envelope = WireOptions &
  Pick<MadeBytes, "bytes" | "mailFrom" | "needsSmtpUtf8"> & {
    /** Unique among all that is on the wire of this process. */
    readonly tag: string;
    readonly rcptTo: string;
  };

export type PreparedMessage = Envelope & { readonly kind: "message"; readonly task: Task };
export type PreparedCopy = Envelope & { readonly kind: "copy"; readonly task: CopyTask; readonly digest: string };
export type Prepared = PreparedMessage | PreparedCopy;
