/** The SQL of backups: what there is, out by COPY from one snapshot, and in again. */
import { pipeline } from "node:stream/promises";
import { from as copyFrom, to as copyTo } from "pg-copy-streams";

import type { Queryable, Tx } from "../../platform/db.ts";
import type { End, Manifest } from "./format.ts";

type Table = Manifest["tables"][number];

/** Tables whose rows last; roots of partitioned ones, not their partitions. */
export function listTables(db: Queryable): Promise<Table[]> {
  return db.query<Table>(
    `select c.relname as name, array_agg(a.attname::text order by a.attnum) as columns
       from pg_class c
       join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped and a.attgenerated = ''
      where c.relnamespace = current_schema()::regnamespace and c.relkind in ('r', 'p') and not c.relispartition
        and c.relpersistence = 'p'
      group by c.relname order by c.relname`,
  );
}

export function listPartitions(db: Queryable): Promise<Manifest["partitions"]> {
  return db.query(
    `select c.relname as name, p.relname as parent, pg_get_expr(c.relpartbound, c.oid) as bound
       from pg_inherits i join pg_class c on c.oid = i.inhrelid join pg_class p on p.oid = i.inhparent
      where c.relnamespace = current_schema()::regnamespace and c.relkind = 'r' and c.relispartition
      order by p.relname, c.oid`,
  );
}

export async function listSequences(db: Queryable): Promise<End["sequences"]> {
  return db.query(
    `select sequencename::text as name, last_value as last from pg_sequences where schemaname = current_schema() order by 1`,
  );
}

export async function describeServer(db: Queryable): Promise<Pick<Manifest, "postgres" | "migrations" | "at">> {
  const [row] = await db.query<{ postgres: string; at: number }>(
    "select current_setting('server_version') as postgres, now() as at",
  );
  const migrations = await db.query<{ name: string }>("select name from schema_migrations order by id");
  return {
    postgres: row?.postgres ?? "",
    at: new Date(row?.at ?? 0).toISOString(),
    migrations: migrations.map(({ name }) => name),
  };
}

/** Everything that follows in the transaction is of this moment. */
export async function takeSnapshot(tx: Tx): Promise<void> {
  await tx.query("set transaction isolation level repeatable read, read only");
}

export function readRows(tx: Tx, { name, columns }: Table): AsyncIterable<Buffer> {
  return tx.client.query(copyTo(`copy (select ${columns.map(quote).join(", ")} from ${quote(name)}) to stdout`));
}

/** How many rows went in. */
export async function writeRows(tx: Tx, { name, columns }: Table, rows: AsyncIterable<Buffer>): Promise<number> {
  const stream = tx.client.query(copyFrom(`copy ${quote(name)} (${columns.map(quote).join(", ")}) from stdin`));
  await pipeline(rows, stream);
  return stream.rowCount;
}

/** No tables, or those of some of these migrations without data: a restore may have failed half way. */
export async function isEmptyDatabase(db: Queryable, migrations: readonly string[]): Promise<boolean> {
  const [tables] = await db.query<{ n: number; ours: boolean }>(
    `select count(*) as n, coalesce(bool_or(relname = 'schema_migrations'), false) as ours from pg_class
      where relnamespace = current_schema()::regnamespace and relkind in ('r', 'p')`,
  );
  if (tables?.n === 0) return true;
  if (tables?.ours !== true) return false;
  const [row] = await db.query<{ empty: boolean }>(
    `select not exists (select from schema_migrations where name <> all($1)) and not exists (select from deliveries)
        and not exists (select from recipients) and not exists (select from token_keys) as empty`,
    [migrations],
  );
  return row?.empty === true;
}

/** What migrations put in goes; partitions are as they were. Answers the constraints that were taken off meanwhile. */
export async function makeRoom(tx: Tx, partitions: Manifest["partitions"]): Promise<ForeignKey[]> {
  const keys = await tx.query<ForeignKey>(
    `select conrelid::regclass::text as "table", quote_ident(conname) as name, pg_get_constraintdef(oid) as definition
       from pg_constraint where contype = 'f' and connamespace = current_schema()::regnamespace and conparentid = 0`,
  );
  for (const key of keys) await tx.query(`alter table ${key.table} drop constraint ${key.name}`);
  const tables = await listTables(tx);
  await tx.query(`truncate ${tables.map(({ name }) => quote(name)).join(", ")}`);
  for (const { name, parent, bound } of partitions) {
    await tx.query(`create table ${quote(name)} partition of ${quote(parent)} ${bound} with (fillfactor = 75)`);
  }
  return keys;
}

export type ForeignKey = { readonly table: string; readonly name: string; readonly definition: string };

export async function putKeysBack(tx: Tx, keys: readonly ForeignKey[]): Promise<void> {
  for (const { table, name, definition } of keys) {
    await tx.query(`alter table ${table} add constraint ${name} ${definition}`);
  }
}

/**
 * Counters go on where they stood. New parts begin far behind: what the original sent after the backup bears numbers that come next, and
 * a bounce of it must not be taken for one of ours.
 */
export async function setSequences(tx: Tx, sequences: End["sequences"], partsAhead: number): Promise<void> {
  const known = new Set((await listSequences(tx)).map(({ name }) => name));
  for (const { name, last } of sequences) {
    if (!known.has(name) || last === null) continue;
    await tx.query("select setval($1::regclass, $2)", [
      quote(name),
      name === "delivery_part_ids" ? last + partsAhead : last,
    ]);
  }
}

function quote(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}
