/** What comparing an archive with the ledger found. */
import type { SurplusReason } from "../../../core/archive/compare-copies.ts";
import type { ArchiveKind } from "../../../core/archive/archive.ts";

/** Longest list in a report; the counts know the rest. */
export const MAX_LISTED = 1000;

export type FoundAt = { readonly key: string; readonly where: string };

/** `line` null: the message cannot be made again as it was, so only its digest says that the copy is another. */
export type DifferentCopy = FoundAt & {
  readonly line: number | null;
  readonly expected: string | null;
  readonly found: string | null;
};

export type VerifyReport = {
  readonly delivery: string;
  readonly archive: { readonly id: string; readonly name: string; readonly kind: ArchiveKind };
  /** What was read, without passwords. */
  readonly source: string;
  /** False: copies are still being made or renamed, so a later comparison may find other things. */
  readonly settled: boolean;
  /** Copies that the ledger has as archived. */
  readonly expected: number;
  /** Copies of messages of this delivery that were found, whatever they are. */
  readonly found: number;
  /** Of the expected copies, those found with the very bytes. */
  readonly identical: number;
  readonly missing: readonly string[];
  readonly surplus: readonly (FoundAt & { readonly why: SurplusReason })[];
  readonly different: readonly DifferentCopy[];
  /** Copies too many that an attempt in doubt explains. */
  readonly inDoubt: readonly FoundAt[];
  readonly owed: readonly string[];
  readonly givenUp: readonly string[];
  readonly unreadable: readonly { readonly where: string; readonly detail: string }[];
  /** What was found and is no copy of a message of this delivery. */
  readonly foreign: number;
  /** Of the lists above, which are cut at 1,000. */
  readonly counts: Readonly<Record<ListName, number>>;
};

export type ListName = "missing" | "surplus" | "different" | "inDoubt" | "owed" | "givenUp" | "unreadable";

/** Whether the archive holds what the ledger says, each copy once or explained. */
export function isProven({ counts }: VerifyReport): boolean {
  return counts.missing === 0 && counts.surplus === 0 && counts.different === 0;
}

/** Whether the ledger says that the archive has every copy; what it does not have proves nothing. */
export function isComplete({ counts }: VerifyReport): boolean {
  return counts.owed === 0 && counts.givenUp === 0;
}

/** A list that counts on when it is full. */
export class CountedList<T> {
  readonly listed: T[] = [];
  count = 0;

  add(item: T): void {
    this.count++;
    if (this.listed.length < MAX_LISTED) this.listed.push(item);
  }

  get isFull(): boolean {
    return this.listed.length >= MAX_LISTED;
  }
}
