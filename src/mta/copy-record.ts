/** What became of one attempt to have a copy archived, as it is journalled and committed. */
import type { CopyKey, CopyState } from "../core/archive/archive.ts";
import { formatKey } from "../core/delivery/status.ts";
import type { Instant } from "../core/time.ts";
import type { OutcomeRecord } from "./outcome-record.ts";

/** Under which lease: `part`: that of its message, whose bytes were in hand; `debt`: that of the part's debts. */
export type CopyLease = { readonly side: "part" | "debt"; readonly epoch: number };

export type CopyRecord = CopyKey &
  CopyLease & {
    /** Number of this attempt, from 1; 0: the copy became due without one, or is to be tried at another time. */
    readonly attempt: number;
    readonly state: CopyState;
    readonly inDoubt: boolean;
    readonly dueSince: Instant;
    /** Of what stays owed. */
    readonly nextAt: Instant | null;
    readonly at: Instant;
    readonly reply: string;
    /** SHA-256 of the copy's bytes, base64; null when none were made. */
    readonly digest: string | null;
    readonly location: string | null;
  };

/** What must be known of a copy before its final dot leaves. */
export type CopyIntent = Pick<
  CopyRecord,
  "partId" | "seq" | "archive" | "side" | "epoch" | "attempt" | "dueSince" | "at" | "digest" | "location"
>;

export type AnyRecord = OutcomeRecord | CopyRecord;

export function isCopyRecord(record: AnyRecord): record is CopyRecord {
  return "archive" in record;
}

/** The record of a copy whose final dot may have gone out and whose reply nobody read. */
export function doubtfulCopy(intent: CopyIntent, now: Instant): CopyRecord {
  const reply = "the sender ended before the archive's reply to the copy was read";
  return { ...intent, state: "owed", inDoubt: true, nextAt: now, at: now, reply };
}

/** What a message's outcome leaves owed. */
export function debtsOf(record: OutcomeRecord): CopyRecord[] {
  const { partId, seq, epoch, at } = record;
  return (record.debts ?? []).map(({ archive, nextAt }) => ({
    partId,
    seq,
    archive,
    side: "part",
    epoch,
    attempt: 0,
    state: "owed",
    inDoubt: false,
    dueSince: at,
    nextAt,
    at,
    reply: "",
    digest: null,
    location: null,
  }));
}

/** Unique among the copies on the wire. */
export function copyTag({ archive, ...message }: CopyKey): string {
  return `${formatKey(message)}/${archive}`;
}
