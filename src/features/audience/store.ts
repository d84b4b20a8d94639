/** SQL that reads the audience and its imports, and writes the denylist. */
import type { ImportError, ImportStatus, Page, Recipient } from "../../contract/index.ts";
import type { ValidAddress } from "../../core/address/parse-address.ts";
import { DAY, formatInstant, type Instant } from "../../core/time.ts";
import { timestamp, type Queryable, type Tx } from "../../platform/db.ts";

/** `after`: the `nextCursor` of the page before. */
export type PageRequest = { readonly after: number | null; readonly limit: number };

type ImportRow = {
  id: number;
  status: ImportStatus["status"];
  file_name: string;
  list_id: number | null;
  total: number;
  created: number;
  updated: number;
  skipped: number;
  failed: number;
  error: ImportStatus["error"];
  mode: ImportStatus["mode"] | null;
  dry_run: boolean;
  finished_at: Instant | null;
  undoable: boolean;
  undo_state: "running" | "completed" | null;
  undone_at: Instant | null;
  undone_by: string | null;
  undo_restored: number;
  undo_removed: number;
  undo_kept: number;
};

const IMPORT_COLUMNS = `id, status, file_name, list_id, total, created, updated, skipped, failed, error, options ->> 'mode' as mode,
  dry_run, finished_at, undoable, undo_state, undone_at, undone_by, undo_restored, undo_removed, undo_kept`;

/** For how long an import can be taken back. */
export const UNDO_FOR_DAYS = 30;

export async function getImport(db: Queryable, id: number): Promise<ImportStatus | null> {
  const [row] = await db.query<ImportRow>(`select ${IMPORT_COLUMNS} from imports where id = $1`, [id]);
  return row ? presentImport(row) : null;
}

export async function lockImport(tx: Tx, id: number): Promise<ImportRow | null> {
  const [row] = await tx.query<ImportRow>(`select ${IMPORT_COLUMNS} from imports where id = $1 for update`, [id]);
  return row ?? null;
}

/** Newest first. */
export async function listImports(db: Queryable, page: PageRequest): Promise<Page<ImportStatus>> {
  const rows = await db.query<ImportRow>(
    `select ${IMPORT_COLUMNS} from imports where $1::bigint is null or id < $1 order by id desc limit $2`,
    [page.after, page.limit + 1],
  );
  return toPage(rows, page.limit, presentImport, (row) => row.id);
}

function presentImport(row: ImportRow): ImportStatus {
  const { total, created, updated, skipped, failed } = row;
  return {
    id: String(row.id),
    status: row.status,
    fileName: row.file_name,
    listId: row.list_id === null ? null : String(row.list_id),
    counts: { total, created, updated, skipped, failed },
    error: row.error,
    errorsUrl: `/api/v1/imports/${row.id}/errors`,
    mode: row.mode ?? "upsert",
    dryRun: row.dry_run,
    undo: presentUndo(row),
  };
}

function presentUndo(row: ImportRow): ImportStatus["undo"] {
  const canBe = row.undoable && row.undo_state === null && row.finished_at !== null;
  return {
    until: canBe && row.finished_at !== null ? formatInstant(row.finished_at + UNDO_FOR_DAYS * DAY) : null,
    state: row.undo_state ?? "none",
    at: row.undone_at === null ? null : formatInstant(row.undone_at),
    by: row.undone_by,
    restored: row.undo_restored,
    removed: row.undo_removed,
    kept: row.undo_kept,
  };
}

/** By line: no two rows of a file begin in the same one. */
export async function listImportErrors(db: Queryable, importId: number, page: PageRequest): Promise<Page<ImportError>> {
  const rows = await db.query<ImportError>(
    `select line, "column", value, reason, detail from import_errors
     where import_id = $1 and line > $2 order by line limit $3`,
    [importId, page.after ?? 0, page.limit + 1],
  );
  return toPage(
    rows,
    page.limit,
    (row) => row,
    (row) => row.line,
  );
}

export async function countRecipients(db: Queryable): Promise<number> {
  const [row] = await db.query<{ count: number }>("select count(*) as count from recipients");
  return row?.count ?? 0;
}

export type RecipientRow = {
  id: number;
  address: string;
  attributes: Record<string, unknown>;
  denylisted_at: Instant | null;
  created_at: Instant;
  updated_at: Instant;
};

export const RECIPIENT_COLUMNS = "id, address, attributes, denylisted_at, created_at, updated_at";

/** Oldest first. */
export async function listRecipients(db: Queryable, page: PageRequest): Promise<Page<Recipient>> {
  const rows = await db.query<RecipientRow>(
    `select ${RECIPIENT_COLUMNS} from recipients
     where id > $1 order by id limit $2`,
    [page.after ?? 0, page.limit + 1],
  );
  return toPage(rows, page.limit, presentRecipient, (row) => row.id);
}

export function presentRecipient(row: RecipientRow): Recipient {
  return {
    id: String(row.id),
    address: row.address,
    attributes: row.attributes,
    denylistedAt: row.denylisted_at === null ? null : formatInstant(row.denylisted_at),
    createdAt: formatInstant(row.created_at),
    updatedAt: formatInstant(row.updated_at),
  };
}

/** One row more than the page was read, to know whether another follows. */
function toPage<Row, T>(rows: Row[], limit: number, present: (row: Row) => T, key: (row: Row) => number): Page<T> {
  const shown = rows.slice(0, limit);
  const last = shown.at(-1);
  const more = rows.length > limit && last !== undefined;
  return { data: shown.map(present), nextCursor: more ? String(key(last)) : null };
}

/**
 * Also for an address that is no recipient yet, so that a later import finds it here. The first entry stays, but that a complaint or a
 * person weighs more than an unsubscription, which its owner may take back by a button.
 */
export async function insertDenylisted(
  db: Queryable,
  address: ValidAddress,
  reason: string,
  at: Instant,
): Promise<void> {
  await db.query(
    `insert into recipients as r (address, match_key, domain, denylisted_at, denylist_reason, created_at, updated_at)
     values ($1, $2, $3, $5, $4, $5, $5)
     on conflict (match_key) do update
       set denylisted_at = coalesce(r.denylisted_at, excluded.denylisted_at), denylist_reason = excluded.denylist_reason,
           updated_at = excluded.updated_at
       where r.denylisted_at is null or (r.denylist_reason = 'unsubscribed' and excluded.denylist_reason <> 'unsubscribed')`,
    [address.address, address.matchKey, address.domain, reason, timestamp(at)],
  );
}

/** Takes back the entry that was made at `since`: its owner wants mail again. One of another time stays. */
export async function liftDenylisting(
  db: Queryable,
  entry: { readonly matchKey: string; readonly since: Instant; readonly at: Instant },
): Promise<void> {
  await db.query(
    `update recipients set denylisted_at = null, denylist_reason = null, updated_at = $3
      where match_key = $1 and date_trunc('milliseconds', denylisted_at) = $2`,
    [entry.matchKey, timestamp(entry.since), timestamp(entry.at)],
  );
}
