/** Compares what an archive holds with what the ledger says that it took, by digest: missing, surplus and different copies. */
import type { CopyKind } from "../../../core/archive/archive.ts";
import type { ArchiveItem } from "../../../core/archive/compare-copies.ts";
import type { Instant } from "../../../core/time.ts";
import type { TokenKeys } from "../../../core/tracking/token.ts";
import type { Db } from "../../../platform/db.ts";
import { appError } from "../../../platform/errors.ts";
import { type CompareDeps, createCompareCopy } from "./compare-copy.ts";
import { loadLedgerCopies } from "./ledger-copies.ts";
import type { VerifyReport } from "./report.ts";
import { type ArchiveName, isUnsettled, listArchiveNames, loadVerifiedDelivery } from "./store.ts";
import { Tally } from "./tally.ts";

export type VerifyDeps = CompareDeps & { readonly tokenKeys: TokenKeys };

/** What a delivery can be compared with. */
export type Verifiable = {
  readonly deliveryId: number;
  readonly startedAt: Instant;
  readonly copy: CopyKind;
  /** Else copies come in while they are compared. */
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
  const tally = new Tally(ledger, deps.tokenKeys, createCompareCopy(deps, copy));
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
