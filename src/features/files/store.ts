/** The SQL of files. */
import type { StoredFile } from "../../contract/index.ts";
import { formatInstant, type Instant } from "../../core/time.ts";
import { timestamp, type Db, type Queryable, type Tx } from "../../platform/db.ts";

export type FileContent = {
  readonly name: string;
  readonly contentType: string;
  /** Bytes. */
  readonly size: number;
  readonly content: Uint8Array;
};

type Row = { id: number; name: string; content_type: string; size: number; sha256: Buffer; created_at: Instant };

const COLUMNS = "id, name, content_type, size, sha256, created_at";

function presentFile(row: Row): StoredFile {
  return {
    id: String(row.id),
    name: row.name,
    contentType: row.content_type,
    size: row.size,
    sha256: row.sha256.toString("hex"),
    createdAt: formatInstant(row.created_at),
  };
}

/** On a conflict the row is locked, so that a deletion that is under way does not take it from the caller. */
export async function insertFile(
  db: Queryable,
  file: Omit<FileContent, "size"> & { readonly sha256: Uint8Array },
  now: Instant,
): Promise<{ file: StoredFile; created: boolean }> {
  const rows = await db.query<Row & { created: boolean }>(
    `insert into files as f (name, content_type, size, sha256, content, created_at) values ($1, $2, $3, $4, $5, $6)
     on conflict (sha256, name, content_type) do update set name = f.name
     returning ${COLUMNS}, xmax = 0 as created`,
    [file.name, file.contentType, file.content.length, file.sha256, asBuffer(file.content), timestamp(now)],
  );
  const row = rows[0] as Row & { created: boolean };
  return { file: presentFile(row), created: row.created };
}

/** The driver writes a Buffer as bytes, and any other array as text. */
function asBuffer(content: Uint8Array): Buffer {
  return Buffer.from(content.buffer, content.byteOffset, content.byteLength);
}

/** Newest first, those before `before`. */
export async function listFiles(db: Db, before: number | null, limit: number): Promise<StoredFile[]> {
  const rows = await db.query<Row>(
    `select ${COLUMNS} from files where $1::bigint is null or id < $1 order by id desc limit $2`,
    [before, limit],
  );
  return rows.map(presentFile);
}

export async function findFile(db: Db, id: number): Promise<StoredFile | null> {
  const [row] = await db.query<Row>(`select ${COLUMNS} from files where id = $1`, [id]);
  return row ? presentFile(row) : null;
}

/** With their bytes, those that exist. */
export async function loadFiles(db: Queryable, ids: readonly number[]): Promise<Map<number, FileContent>> {
  if (ids.length === 0) return new Map();
  const rows = await db.query<Row & { content: Buffer }>(
    `select ${COLUMNS}, content from files where id = any($1::bigint[])`,
    [ids],
  );
  return new Map(rows.map((row) => [row.id, { ...describe(row), content: row.content }]));
}

/** Without their bytes, those that exist. Inside a transaction they stay until its end: a deletion waits. */
export async function describeFiles(
  tx: Queryable,
  ids: readonly number[],
): Promise<Map<number, Omit<FileContent, "content">>> {
  if (ids.length === 0) return new Map();
  const rows = await tx.query<Row>(
    `select ${COLUMNS} from files where id = any($1::bigint[]) order by id for key share`,
    [ids],
  );
  return new Map(rows.map((row) => [row.id, describe(row)]));
}

function describe(row: Row): Omit<FileContent, "content"> {
  return { name: row.name, contentType: row.content_type, size: row.size };
}

/** Waits for transactions that hold the file. False when there is none. */
export async function lockFile(tx: Tx, id: number): Promise<boolean> {
  return (await tx.query("select 1 from files where id = $1 for update", [id])).length > 0;
}

export type FileUser = { readonly what: "delivery" | "template"; readonly id: number; readonly label: string };

/** Deliveries whose settings or frozen content name the file, and templates, newest first, a few of them. */
export function findUsers(tx: Tx, id: number, limit: number): Promise<FileUser[]> {
  return tx.query(
    `(select 'delivery' as what, id, label from deliveries
       where settings->'attachments' @> $1::jsonb or manifest->'attachments' @> $2::jsonb
       order by id desc limit $3)
     union all
     (select 'delivery', carrier_id, 'single messages' from message_contents where manifest->'attachments' @> $2::jsonb
       order by id desc limit $3)
     union all
     (select 'template', t.id, t.label from templates t left join published_templates p on p.template_id = t.id
       where t.defaults #> '{settings,attachments}' @> $1::jsonb or p.defaults #> '{settings,attachments}' @> $1::jsonb
       order by t.id desc limit $3)
     limit $3`,
    [JSON.stringify([{ file: String(id) }]), JSON.stringify([{ fileId: id }]), limit],
  );
}

/** Files that no delivery or template names, uploaded before `before`. */
export function listUnused(db: Queryable, before: Instant, limit: number): Promise<{ id: number }[]> {
  return db.query(
    `with named as (
       select (a->>'file')::bigint as id from deliveries d, jsonb_array_elements(d.settings->'attachments') a
       union select (a->>'file')::bigint from templates t, jsonb_array_elements(t.defaults #> '{settings,attachments}') a
       union select (a->>'fileId')::bigint from deliveries d, jsonb_array_elements(d.manifest->'attachments') a
       union select (a->>'fileId')::bigint from message_contents c, jsonb_array_elements(c.manifest->'attachments') a
       union select (a->>'file')::bigint
         from published_templates p, jsonb_array_elements(p.defaults #> '{settings,attachments}') a)
     select f.id from files f where f.created_at < $1 and not exists (select 1 from named n where n.id = f.id)
      order by f.id limit $2`,
    [timestamp(before), limit],
  );
}

export async function deleteFile(tx: Tx, id: number): Promise<void> {
  await tx.query("delete from files where id = $1", [id]);
}
