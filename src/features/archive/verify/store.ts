/** The SQL of comparing an archive with the ledger: what a delivery was confirmed with, and its copies, some parts at a time. */
import type { ArchiveKind, CopyState, DeliveryArchive } from "../../../core/archive/archive.ts";
import type { DeliveryState } from "../../../core/delivery/status.ts";
import type { Instant } from "../../../core/time.ts";
import type { Queryable } from "../../../platform/db.ts";

export type VerifiedDelivery = {
  readonly id: number;
  readonly state: DeliveryState;
  readonly started_at: Instant | null;
  /** Null: it makes no copies. */
  readonly archive: DeliveryArchive | null;
};

export async function loadVerifiedDelivery(db: Queryable, id: number): Promise<VerifiedDelivery | null> {
  const [row] = await db.query<VerifiedDelivery>(
    "select id, state, started_at, archive from deliveries where id = $1",
    [id],
  );
  return row ?? null;
}

export type ArchiveName = { readonly id: number; readonly name: string; readonly kind: ArchiveKind };

/** Removed ones too: what they took is still there. */
export function listArchiveNames(db: Queryable, ids: readonly number[]): Promise<ArchiveName[]> {
  return db.query<ArchiveName>("select id, name, kind from archives where id = any($1::bigint[]) order by id", [ids]);
}

/** Ids of the delivery's parts, of those without copies too. */
export async function listPartIds(db: Queryable, deliveryId: number): Promise<number[]> {
  const rows = await db.query<{ id: number }>("select id from delivery_parts where delivery_id = $1 order by id", [
    deliveryId,
  ]);
  return rows.map(({ id }) => id);
}

export type LedgerRow = {
  readonly part_id: number;
  readonly seq: number;
  readonly state: CopyState;
  readonly in_doubt: boolean;
  /** Null: neither copy nor message was ever tried. */
  readonly digest: Buffer | null;
};

/** The copies of these parts in one archive, in order of their keys. */
export function listLedgerRows(db: Queryable, parts: readonly number[], archive: number): Promise<LedgerRow[]> {
  return db.query<LedgerRow>(
    `select c.part_id, c.seq, c.state, c.in_doubt, coalesce(c.digest, m.digest) as digest
       from archive_copies c
       left join messages m on m.part_id = c.part_id and m.seq = c.seq and m.part_id = any($1::bigint[])
      where c.part_id = any($1::bigint[]) and c.archive = $2
      order by c.part_id, c.seq`,
    [parts, archive],
  );
}

/** Whether anything about these copies may still change: some are owed, or files wait for their names. */
export async function isUnsettled(db: Queryable, deliveryId: number): Promise<boolean> {
  const rows = await db.query(
    "select 1 from archive_parts where delivery_id = $1 and (owed > 0 or rename_at is not null) limit 1",
    [deliveryId],
  );
  return rows.length > 0;
}
