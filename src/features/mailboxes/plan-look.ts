/** What a session with a mailbox does, decided from what lies there and what is known of it. */
import { type Duration, HOUR } from "../../core/time.ts";
import type { ListedMail } from "../../platform/mailbox.ts";
import type { MailState } from "./store.ts";

export type LookLimits = {
  /** Bytes; what is larger stays where it is. */
  readonly maxBytes: number;
  /** Mails that one session fetches, and that it deletes, at most. */
  readonly batch: number;
};

export type LookPlan = {
  readonly fetch: readonly ListedMail[];
  /** Neither listed nor fetched before: some are left for the next session. */
  readonly left: number;
  readonly tooLarge: number;
  /** UIDs that are known and no longer there. */
  readonly gone: readonly string[];
};

/** A name for what has none: the same bytes are the same mail. */
export const DIGEST = "sha256:";

/** What earlier sessions of the same look found. */
export type Passed = {
  /** So many mails without UID were looked at and stay; they are the first ones. */
  readonly nameless: number;
  /** UIDs of what was asked for and did not come, or was larger than the server said. */
  readonly skipped: ReadonlySet<string>;
};

export function planLook(
  listed: readonly ListedMail[],
  known: ReadonlyMap<string, MailState>,
  { maxBytes, batch }: LookLimits,
  { nameless, skipped }: Passed,
): LookPlan {
  const present = new Set(listed.flatMap(({ uid }) => uid ?? []));
  const small = listed.filter(({ size }) => size <= maxBytes);
  const unnamed = new Set(small.filter(({ uid }) => uid === null).slice(nameless));
  const isNew = (mail: ListedMail) =>
    mail.uid === null ? unnamed.has(mail) : !known.has(mail.uid) && !skipped.has(mail.uid);
  const wanted = small.filter(isNew);
  return {
    fetch: wanted.slice(0, batch),
    left: Math.max(0, wanted.length - batch),
    tooLarge: listed.length - small.length,
    gone: [...known.keys()].filter((uid) => !uid.startsWith(DIGEST) && !present.has(uid)),
  };
}

/** What operators should know; null: nothing. */
export function noteOf({ tooLarge, failed, keepReason }: NoteFacts): string | null {
  const notes = [
    ...(tooLarge > 0 ? [`${count(tooLarge, "mail")} larger than 25 MB left alone`] : []),
    ...(failed > 0 ? [`${count(failed, "mail")} that could not be processed left there`] : []),
    ...(keepReason === null ? [] : [`not everything could be deleted: ${keepReason}`]),
  ];
  return notes.length === 0 ? null : notes.join("; ");
}

export type NoteFacts = { readonly tooLarge: number; readonly failed: number; readonly keepReason: string | null };

export function count(n: number, what: string): string {
  return `${n} ${what}${n === 1 ? "" : "s"}`;
}

const LONGEST_PAUSE = HOUR;

/** Twice as long after each failure in a row, up to an hour; never shorter than set. */
export function pauseAfter(failures: number, every: Duration): Duration {
  return Math.min(Math.max(every, LONGEST_PAUSE), every * 2 ** Math.min(Math.max(0, failures - 1), 10));
}
