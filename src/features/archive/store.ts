/** SQL of the archives themselves. Their secrets leave the database sealed. */
import type { ArchiveInput, ArchiveTargetInput } from "../../contract/index.ts";
import type { ArchiveKind } from "../../core/archive/archive.ts";
import type { Candidate } from "../../core/archive/choose-archives.ts";
import type { Instant } from "../../core/time.ts";
import { timestamp, type Queryable, type Tx } from "../../platform/db.ts";

type WithoutSecret<T> = T extends unknown ? Omit<T, "password" | "secretAccessKey"> : never;
/** As it was given and checked, without its secret. */
export type StoredTarget = WithoutSecret<ArchiveTargetInput>;

export type ArchiveRow = {
  readonly id: number;
  readonly name: string;
  readonly kind: ArchiveKind;
  readonly enabled: boolean;
  readonly rule: ArchiveInput["rule"];
  readonly target: StoredTarget;
  readonly sealed_secret: Buffer | null;
  readonly version: number;
  readonly created_at: Instant;
  readonly updated_at: Instant;
};

export type NewArchive = Pick<ArchiveRow, "name" | "enabled" | "rule" | "target">;

const COLUMNS = "id, name, kind, enabled, rule, target, sealed_secret, version, created_at, updated_at";

/** Those in use, by id; `after` and `limit` for pages. */
export function listArchives(db: Queryable, after = 0, limit: number | null = null): Promise<ArchiveRow[]> {
  return db.query<ArchiveRow>(
    `select ${COLUMNS} from archives where removed_at is null and id > $1 order by id limit $2`,
    [after, limit],
  );
}

export async function findArchive(db: Queryable, id: number): Promise<ArchiveRow | null> {
  const [row] = await db.query<ArchiveRow>(
    `select ${COLUMNS} from archives where removed_at is null and id = $1::bigint`,
    [id],
  );
  return row ?? null;
}

/** Nobody else changes or removes it, and no delivery is confirmed with it, until the transaction ends. */
export async function lockArchive(tx: Tx, id: number): Promise<ArchiveRow | null> {
  const [row] = await tx.query<ArchiveRow>(
    `select ${COLUMNS} from archives where removed_at is null and id = $1::bigint for update`,
    [id],
  );
  return row ?? null;
}

/** What choosing archives for a delivery needs. In a transaction that freezes the choice, none is removed until it ends. */
export function loadArchiveCandidates(db: Queryable): Promise<Candidate[]> {
  return db.query<Candidate>(
    "select id, enabled, rule from archives where removed_at is null order by id for key share",
  );
}

/** Null: the name is taken. */
export async function insertArchive(db: Queryable, archive: NewArchive, now: Instant): Promise<ArchiveRow | null> {
  const [row] = await db.query<ArchiveRow>(
    `insert into archives (name, kind, enabled, rule, target, created_at, updated_at)
     values ($1, $2, $3, $4, $5, $6, $6)
     on conflict (name) where removed_at is null do nothing returning ${COLUMNS}`,
    [
      archive.name,
      archive.target.kind,
      archive.enabled,
      JSON.stringify(archive.rule),
      JSON.stringify(archive.target),
      timestamp(now),
    ],
  );
  return row ?? null;
}

/** The row as it is now. */
export async function updateArchive(
  tx: Tx,
  id: number,
  archive: NewArchive & { readonly sealedSecret: Buffer | null },
  now: Instant,
): Promise<ArchiveRow | null> {
  const [row] = await tx.query<ArchiveRow>(
    `update archives set name = $2, kind = $3, enabled = $4, rule = $5, target = $6, sealed_secret = $7,
            version = version + 1, updated_at = $8
      where id = $1 and not exists (select from archives o where o.name = $2 and o.id <> $1 and o.removed_at is null)
      returning ${COLUMNS}`,
    [
      id,
      archive.name,
      archive.target.kind,
      archive.enabled,
      JSON.stringify(archive.rule),
      JSON.stringify(archive.target),
      archive.sealedSecret,
      timestamp(now),
    ],
  );
  return row ?? null;
}

/** Archives are checked against each other, so they are changed one at a time; deliveries may be confirmed meanwhile. */
export async function lockArchives(tx: Tx): Promise<void> {
  await tx.query("lock table archives in share row exclusive mode");
}

/** Why an archive cannot be removed: a copy is owed to it, or a delivery that is not over may owe it some. Null: it can. */
export async function findUse(tx: Tx, id: number): Promise<string | null> {
  const [owed] = await tx.query<{ delivery_id: number }>(
    `select p.delivery_id from archive_parts p
      where p.owed > 0 and exists (
        select from archive_copies c where c.part_id = p.part_id and c.archive = $1 and c.state = 'owed') limit 1`,
    [id],
  );
  if (owed) return `copies of delivery ${owed.delivery_id} are owed to it`;
  const [active] = await tx.query<{ id: number }>(
    `select id from deliveries where state in ('in-progress', 'pausing', 'paused', 'stopping')
        and archive->'archives' @> to_jsonb($1::int) limit 1`,
    [id],
  );
  return active ? `delivery ${active.id} is not over and takes copies for it` : null;
}

/** Once the id is known, because a secret opens only under the id of its archive. */
export async function setSecret(tx: Tx, id: number, sealed: Buffer): Promise<void> {
  await tx.query("update archives set sealed_secret = $2 where id = $1", [id, sealed]);
}

/** The row stays, because copies name it; its secret does not. */
export async function markRemoved(tx: Tx, id: number, now: Instant): Promise<void> {
  await tx.query("update archives set removed_at = $2, updated_at = $2, sealed_secret = null where id = $1", [
    id,
    timestamp(now),
  ]);
}
