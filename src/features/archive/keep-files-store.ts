/** SQL of the names of copies in folders and object stores. */
import type { CopyState, DeliveryArchive } from "../../core/archive/archive.ts";
import type { MessageStatus } from "../../core/delivery/status.ts";
import type { Instant } from "../../core/time.ts";
import { timestamp, type Queryable } from "../../platform/db.ts";

export type DuePart = {
  readonly partId: number;
  /** To the microsecond, as the database writes it. */
  readonly renameAt: string;
};

export type LedgerCopy = {
  readonly state: CopyState;
  readonly location: string | null;
  readonly digest: Buffer | null;
};

export type LedgerMessage = {
  readonly status: MessageStatus;
  /** By archive. */
  readonly copies: Map<number, LedgerCopy>;
};

export type LedgerPart = {
  readonly partId: number;
  readonly wish: DeliveryArchive;
  /** By seq. */
  readonly messages: ReadonlyMap<number, LedgerMessage>;
};

/** `to` null: the copy is not kept any more. */
export type Move = { readonly seq: number; readonly from: string; readonly to: string | null };

/** Longest waiting first. */
export function loadDueParts(db: Queryable, now: Instant, limit: number): Promise<DuePart[]> {
  return db.query<DuePart>(
    `select part_id as "partId", rename_at::text as "renameAt" from archive_parts
     where rename_at <= $1 order by rename_at limit $2`,
    [timestamp(now), limit],
  );
}

/** Until then the part is ours, unless a commit makes it due again. False: somebody was faster. */
export async function claimPart(db: Queryable, { partId, renameAt }: DuePart, until: Instant): Promise<boolean> {
  const rows = await db.query(
    `update archive_parts set rename_at = $3 where part_id = $1 and rename_at = $2::timestamptz returning part_id`,
    [partId, renameAt, timestamp(until)],
  );
  return rows.length > 0;
}

/** Changes nothing when the part became due again meanwhile. `next` null: its names are what they should be. */
export async function releasePart(db: Queryable, partId: number, claim: Instant, next: Instant | null): Promise<void> {
  await db.query("update archive_parts set rename_at = $3 where part_id = $1 and rename_at = $2", [
    partId,
    timestamp(claim),
    next === null ? null : timestamp(next),
  ]);
}

type LedgerRow = {
  seq: number;
  status: MessageStatus;
  archive: number | null;
  state: CopyState;
  location: string | null;
  digest: Buffer | null;
};

/** Null: no such part of a delivery with copies. Without messages when its log was dropped. */
export async function loadPart(db: Queryable, partId: number): Promise<LedgerPart | null> {
  const [part] = await db.query<{ archive: DeliveryArchive | null }>(
    "select d.archive from archive_parts p join deliveries d on d.id = p.delivery_id where p.part_id = $1",
    [partId],
  );
  if (!part?.archive) return null;
  const rows = await db.query<LedgerRow>(
    `select m.seq, m.status, c.archive, c.state, c.location, c.digest
     from messages m left join archive_copies c on c.part_id = m.part_id and c.seq = m.seq
     where m.part_id = $1`,
    [partId],
  );
  const messages = new Map<number, LedgerMessage>();
  for (const { seq, status, archive, state, location, digest } of rows) {
    const message = messages.get(seq) ?? { status, copies: new Map<number, LedgerCopy>() };
    if (archive !== null) message.copies.set(archive, { state, location, digest });
    messages.set(seq, message);
  }
  return { partId, wish: part.archive, messages };
}

/** Answers with the seqs of copies that lay where it was said; the others stay as they are. */
export async function saveLocations(
  db: Queryable,
  partId: number,
  archive: number,
  moves: readonly Move[],
): Promise<Set<number>> {
  if (moves.length === 0) return new Set();
  const rows = await db.query<{ seq: number }>(
    `update archive_copies c set location = k.new_location
     from unnest($3::int[], $4::text[], $5::text[]) as k(seq, old_location, new_location)
     where c.part_id = $1 and c.archive = $2 and c.seq = k.seq and c.location = k.old_location
     returning c.seq`,
    [partId, archive, moves.map(({ seq }) => seq), moves.map(({ from }) => from), moves.map(({ to }) => to)],
  );
  return new Set(rows.map(({ seq }) => seq));
}
