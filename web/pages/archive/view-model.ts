/** What the page of the archive decides: the parts of the ledger, how full the debt is, which rows the table of archives has. */
import type { Archive, ArchiveAlert, ArchiveLedger, Copy, CopyFigures } from "../../../src/contract/index.ts";
import type { AnyPart } from "../../parts/bar-parts.ts";
import { oneOf, text } from "../../search.ts";
import type { Tone } from "../../tones.ts";

export type CopyState = Copy["state"];
export const COPY_STATES = ["owed", "archived", "given-up"] as const satisfies readonly CopyState[];

export const COPY_TONE: Record<CopyState, Tone> = { owed: "retry", archived: "sent", "given-up": "failed" };

export type CopySearch = {
  state?: CopyState | undefined;
  archive?: string | undefined;
  delivery?: string | undefined;
};

export const copySearch = (search: Record<string, unknown>): CopySearch => ({
  state: oneOf(COPY_STATES, search["state"]),
  archive: text(search["archive"]),
  delivery: text(search["delivery"]),
});

export const isFiltered = (search: CopySearch): boolean => Object.values(search).some((value) => value !== undefined);

export type CopyPart = AnyPart & { name: "archived" | "owed" | "givenUp"; state: CopyState };

/** due = archived + owed + givenUp: the parts add up to what is due. */
export const copyParts = ({ archived, owed, givenUp }: CopyFigures): CopyPart[] => [
  { name: "archived", count: archived, tone: COPY_TONE.archived, state: "archived" },
  { name: "owed", count: owed, tone: COPY_TONE.owed, state: "owed" },
  { name: "givenUp", count: givenUp, tone: COPY_TONE["given-up"], state: "given-up" },
];

export type Debt = { percent: number; tone: Tone };

/** How much of the allowed debt there is; more than all of it is shown as all of it. */
export function debtOf({ owed, debtLimit }: Pick<ArchiveLedger, "owed" | "debtLimit">): Debt {
  const share = Math.min(1, owed / debtLimit);
  return { percent: share * 100, tone: share >= 1 ? "failed" : share >= 0.5 ? "retry" : "waiting" };
}

export type ArchiveRow = ArchiveLedger["byArchive"][number] & {
  /** Taken out of use: only the ledger still knows it. */
  removed: boolean;
};

const NO_COPIES = { due: 0, archived: 0, owed: 0, givenUp: 0, lastReply: null, lastReplyAt: null, failing: false };

/** Every archive that is set up, also without a copy yet, and those that the ledger still knows. `archives` undefined: not read yet. */
export function archiveRows(ledger: ArchiveLedger, archives: readonly Archive[] | undefined): ArchiveRow[] {
  const known = ledger.byArchive.map((row) => ({
    ...row,
    removed: archives !== undefined && !archives.some(({ id }) => id === row.id),
  }));
  const fresh = (archives ?? [])
    .filter(({ id }) => !ledger.byArchive.some((row) => row.id === id))
    .map(({ id, name, enabled, target }) => ({ ...NO_COPIES, id, name, enabled, kind: target.kind, removed: false }));
  return [...known, ...fresh].toSorted(
    (left, right) => Number(left.removed) - Number(right.removed) || left.name.localeCompare(right.name),
  );
}

export type RowState = "removed" | "off" | "failing" | "working" | "no-reply";

export function rowState(row: ArchiveRow): RowState {
  if (row.removed) return "removed";
  if (!row.enabled) return "off";
  if (row.lastReplyAt === null) return "no-reply";
  return row.failing ? "failing" : "working";
}

export const ALERT_TONE: Record<ArchiveAlert["kind"], Tone> = {
  "debt-50": "retry",
  "debt-80": "retry",
  "debt-full": "failed",
  "given-up": "failed",
  bounced: "failed",
  failing: "failed",
  "not-renderable": "failed",
};

/** What the API is asked to try again: the messages when all are named, else the delivery; null: nothing was given up, or nobody knows what. */
export function retryOf({
  kind,
  keys,
  count,
  deliveryId,
}: ArchiveAlert): { keys: string[] } | { delivery: string } | null {
  if (kind !== "given-up" && kind !== "bounced" && kind !== "not-renderable") return null;
  if (keys.length > 0 && keys.length >= count) return { keys };
  return deliveryId === null ? null : { delivery: deliveryId };
}

/** The time that a row is about: when it was archived, else when it is tried again, else since when it is due. */
export const timeOf = (copy: Copy): string => copy.archivedAt ?? copy.nextAttemptAt ?? copy.dueSince;

export type FieldChange = { field: string; from: string; to: string };

/** The fields of an event of the audit as texts; `–` where there was nothing. */
export function changesOf({ changes }: Record<string, unknown>): FieldChange[] {
  if (!Array.isArray(changes)) return [];
  return (changes as { field: string; from: unknown; to: unknown }[]).map(({ field, from, to }) => ({
    field,
    from: wordsOf(from),
    to: wordsOf(to),
  }));
}

const wordsOf = (value: unknown): string =>
  value === null || value === undefined || value === ""
    ? "–"
    : typeof value === "string"
      ? value
      : (JSON.stringify(value) ?? "–");
