/** Compares what an archive holds with what the ledger says that it took, by digest: missing, surplus and different copies. */
import { type ArchiveItem, firstDifference, judgeCopy } from "../../../core/archive/compare-copies.ts";
import { recogniseCopy } from "../../../core/archive/match-copy-key.ts";
import { findOriginal, sameBytes, type Sha256, withCrlf, withoutFromQuotes } from "../../../core/archive/match-copy.ts";
import type { CopyKind } from "../../../core/archive/archive.ts";
import { formatKey, type MessageKey } from "../../../core/delivery/status.ts";
import type { Instant } from "../../../core/time.ts";
import type { TokenKeys } from "../../../core/tracking/token.ts";
import type { Db } from "../../../platform/db.ts";
import { appError } from "../../../platform/errors.ts";
import { type LedgerCopies, loadLedgerCopies } from "./ledger-copies.ts";
import { CountedList, type DifferentCopy, type FoundAt, type ListName, type VerifyReport } from "./report.ts";
import { type ArchiveName, isUnsettled, listArchiveNames, loadVerifiedDelivery } from "./store.ts";

export type VerifyDeps = {
  readonly sha256: Sha256;
  readonly tokenKeys: TokenKeys;
  /** The bytes of a copy as they should be; null when they cannot be made again. */
  readonly render: (key: MessageKey, copy: CopyKind) => Promise<Uint8Array | null>;
};

/** What a delivery can be compared with. */
export type Verifiable = {
  readonly deliveryId: number;
  readonly startedAt: Instant;
  readonly copy: CopyKind;
  /** Still under way, so that copies come in while they are compared. */
  readonly isOver: boolean;
  readonly archives: readonly ArchiveName[];
};

/** Throws `not-found`, and `option-invalid` for a delivery without copies. */
export async function loadVerifiable(db: Db, deliveryId: number): Promise<Verifiable> {
  const delivery = await loadVerifiedDelivery(db, deliveryId);
  if (!delivery) throw appError("not-found", { what: "delivery", id: deliveryId });
  const { archive, started_at: startedAt, state } = delivery;
  if (archive === null || startedAt === null) {
    throw appError("option-invalid", { option: "--delivery", detail: `delivery ${deliveryId} makes no copies` });
  }
  const archives = await listArchiveNames(db, archive.archives);
  const isOver = state === "finished" || state === "stopped";
  return { deliveryId, startedAt, copy: archive.copy, isOver, archives };
}

/** `items` are asked for when the ledger was read: whatever it has as archived must be there by then. */
export async function verifyArchive(
  db: Db,
  deps: VerifyDeps,
  { deliveryId, copy, isOver }: Verifiable,
  archive: ArchiveName,
  source: string,
  items: () => AsyncIterable<ArchiveItem>,
): Promise<VerifyReport> {
  const ledger = await loadLedgerCopies(db, deliveryId, archive.id);
  const tally = createTally(deps, ledger, copy);
  for await (const item of items()) await tally.take(item);
  const settled = isOver && !(await isUnsettled(db, deliveryId));
  return {
    delivery: String(deliveryId),
    archive: { id: String(archive.id), name: archive.name, kind: archive.kind },
    source,
    settled,
    ...tally.end(),
  };
}

function createTally(deps: VerifyDeps, ledger: LedgerCopies, kind: CopyKind) {
  const surplus = new CountedList<VerifyReport["surplus"][number]>();
  const different = new CountedList<DifferentCopy>();
  const inDoubt = new CountedList<FoundAt>();
  const unreadable = new CountedList<VerifyReport["unreadable"][number]>();
  let found = 0;
  let foreign = 0;

  async function takeMessage(item: Extract<ArchiveItem, { kind: "message" }>): Promise<void> {
    // the name comes second: it may stand for bytes of another message, and is all there is of a file that was cut
    const key = recogniseCopy(item.bytes, deps.tokenKeys) ?? item.named?.key ?? null;
    if (key === null || !ledger.has(key.partId)) return void foreign++;
    found++;
    const at = { key: formatKey(key), where: item.where };
    const known = ledger.find(key);
    const comparison = known && (await compare(deps, item, key, known.digest, kind, different.isFull));
    const identical = comparison === "identical";
    const verdict = judgeCopy(known, identical, known?.foundBefore ?? false);
    if (known) ledger.mark(key, identical ? "identical" : "different");
    if (verdict.kind === "surplus") {
      if (verdict.explained) inDoubt.add(at);
      else surplus.add({ ...at, why: verdict.why });
    }
    if (comparison && !identical) different.add({ ...at, ...comparison });
  }

  return {
    take: async (item: ArchiveItem): Promise<void> => {
      if (item.kind === "message") return takeMessage(item);
      if (item.kind === "foreign") foreign++;
      else unreadable.add({ where: item.where, detail: item.detail });
    },
    end: () => {
      const { missing, owed, givenUp, expected, identical } = readLedger(ledger);
      return {
        ...{ expected, found, identical, foreign },
        missing: missing.listed,
        surplus: surplus.listed,
        different: different.listed,
        inDoubt: inDoubt.listed,
        owed: owed.listed,
        givenUp: givenUp.listed,
        unreadable: unreadable.listed,
        counts: countsOf({ missing, surplus, different, inDoubt, owed, givenUp, unreadable }),
      };
    },
  };
}

function readLedger(ledger: LedgerCopies) {
  const missing = new CountedList<string>();
  const owed = new CountedList<string>();
  const givenUp = new CountedList<string>();
  let expected = 0;
  let identical = 0;
  for (const { key, state, found } of ledger.entries()) {
    if (state === "owed") owed.add(formatKey(key));
    else if (state === "given-up") givenUp.add(formatKey(key));
    else {
      expected++;
      if (found === "identical") identical++;
      else if (found === "no") missing.add(formatKey(key));
    }
  }
  return { missing, owed, givenUp, expected, identical };
}

type Comparison = "identical" | Omit<DifferentCopy, keyof FoundAt>;

const NOT_SHOWN: Comparison = { line: null, expected: null, found: null };

/** `listIsFull`: where the bytes differ is of no interest any more. */
async function compare(
  { sha256, render }: VerifyDeps,
  item: Extract<ArchiveItem, { kind: "message" }>,
  key: MessageKey,
  digest: Uint8Array | null,
  kind: CopyKind,
  listIsFull: boolean,
): Promise<Comparison> {
  const texts = [withCrlf(item.bytes)];
  const unquoted = item.mayBeQuoted ? withoutFromQuotes(item.bytes) : item.bytes;
  if (unquoted !== item.bytes) texts.push(withCrlf(unquoted));
  if (digest && texts.some((text) => findOriginal(text, digest, sha256) !== null)) return "identical";
  if (digest && listIsFull) return NOT_SHOWN;
  const expected = await render(key, kind);
  if (expected === null || (digest && !sameBytes(sha256(expected), digest))) return NOT_SHOWN;
  const differences = texts.map((text) => firstDifference(expected, text));
  if (differences.includes(null)) return "identical";
  // of both readings of a mailbox file, the one that goes further
  const [difference] = differences.toSorted((a, b) => (b?.line ?? 0) - (a?.line ?? 0));
  return difference ?? NOT_SHOWN;
}

function countsOf(lists: Readonly<Record<ListName, CountedList<unknown>>>): VerifyReport["counts"] {
  return Object.fromEntries(Object.entries(lists).map(([name, list]) => [name, list.count])) as VerifyReport["counts"];
}
