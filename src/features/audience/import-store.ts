/**
 * SQL of a running import. Rows wait in a temporary table, which PostgreSQL drops by itself when its session ends, however
 * it ends; one transaction then makes everything visible at once.
 */
import { from as copyFrom } from "pg-copy-streams";

import type { Problem } from "../../contract/index.ts";
import type { Instant } from "../../core/time.ts";
import { timestamp, type Queryable, type Tx } from "../../platform/db.ts";
import { STAGED_COLUMNS } from "./stage-row.ts";

/** First keys of advisory locks (the second is the import's id, or 0). */
const ALIVE = 7_236_010;
const MERGE = 7_236_011;

/** Creates the import; the session's lock on it says that its process is alive. */
export async function beginImport(session: Tx, fileName: string, now: Instant): Promise<number> {
  await session.query("begin");
  const [row] = await session.query<{ id: number }>(
    "insert into imports (status, file_name, created_at) values ('running', $1, $2) returning id",
    [fileName, timestamp(now)],
  );
  const id = row?.id ?? 0;
  await session.query("select pg_advisory_lock($1, $2)", [ALIVE, id]);
  await session.query("commit");
  return id;
}

/** Forgets what is staged and gives the lock back, so that the connection may serve others. */
export async function endImport(session: Tx, id: number): Promise<void> {
  await session.query("drop table if exists pg_temp.import_rows");
  await session.query("select pg_advisory_unlock($1, $2)", [ALIVE, id]);
}

export async function createStaging(session: Tx): Promise<void> {
  await session.query(`create temporary table import_rows (
    line int not null,
    address text,
    match_key text,
    domain text,
    attributes jsonb,
    "column" text,
    value text,
    reason text,
    detail text
  )`);
}

/** A stream that takes COPY text. */
export function copyIntoStaging(session: Tx) {
  return session.client.query(copyFrom(`copy import_rows (${STAGED_COLUMNS}) from stdin`));
}

export type Merge = {
  readonly importId: number;
  readonly label: string;
  readonly columns: readonly string[];
  readonly addressColumn: string;
  readonly now: Instant;
};

/** Makes the staged rows recipients of a new list and completes the import; nothing is visible before the commit. */
export async function mergeStaged(session: Tx, merge: Merge): Promise<void> {
  await session.query("analyze import_rows");
  await session.query("begin");
  try {
    await session.query("set local work_mem = '128MB'");
    // One merge at a time: two that touch the same recipients in different order would deadlock.
    await session.query("select pg_advisory_xact_lock($1, 0)", [MERGE]);
    await rejectDuplicates(session, merge.addressColumn);
    const created = await mergeRecipients(session, merge.now);
    const listId = await createList(session, merge.label, merge.now);
    await insertErrors(session, merge.importId);
    await completeImport(session, merge, listId, created);
    await session.query("commit");
  } catch (error) {
    await session.query("rollback").catch(() => {});
    throw error;
  }
}

/** The first row of an address wins. */
function rejectDuplicates(session: Tx, column: string): Promise<unknown> {
  return session.query(
    `update import_rows r
     set reason = 'duplicate', "column" = $1, value = r.address, detail = 'the same address as in line ' || d.first
     from (select line, first_value(line) over same as first, row_number() over same as number
           from import_rows where reason is null window same as (partition by match_key order by line)) d
     where d.number > 1 and d.line = r.line`,
    [column],
  );
}

/** Answers how many are new. Denylist and quarantine are no business of an import: neither is written here. */
async function mergeRecipients(session: Tx, now: Instant): Promise<number> {
  const [row] = await session.query<{ created: number }>(
    `with merged as (
       insert into recipients as r (address, match_key, domain, attributes, created_at, updated_at)
       select address, match_key, domain, attributes, $1, $1 from import_rows where reason is null
       on conflict (match_key) do update
         set address = excluded.address, domain = excluded.domain,
             attributes = r.attributes || excluded.attributes, updated_at = excluded.updated_at
         where (r.address, r.attributes) is distinct from (excluded.address, r.attributes || excluded.attributes)
       returning xmax = 0 as created
     )
     select count(*) filter (where created) as created from merged`,
    [timestamp(now)],
  );
  return row?.created ?? 0;
}

async function createList(session: Tx, label: string, now: Instant): Promise<number> {
  const [list] = await session.query<{ id: number }>(
    "insert into lists (label, created_at) values ($1, $2) returning id",
    [label, timestamp(now)],
  );
  const id = list?.id ?? 0;
  await session.query(
    `insert into list_members (list_id, recipient_id)
     select $1, r.id from import_rows s join recipients r using (match_key) where s.reason is null order by r.id`,
    [id],
  );
  return id;
}

function insertErrors(session: Tx, importId: number): Promise<unknown> {
  return session.query(
    `insert into import_errors (import_id, line, "column", value, reason, detail, address)
     select $1, line, "column", value, reason, detail, address from import_rows where reason is not null order by line`,
    [importId],
  );
}

function completeImport(session: Tx, merge: Merge, listId: number, created: number): Promise<unknown> {
  return session.query(
    `update imports i
     set status = 'completed', list_id = $2, finished_at = $3, columns = $4, created = $5,
         total = s.total, updated = s.accepted - $5, skipped = s.skipped, failed = s.total - s.accepted - s.skipped
     from (select count(*)::int as total, count(*) filter (where reason is null)::int as accepted,
                  count(*) filter (where reason = 'duplicate')::int as skipped from import_rows) s
     where i.id = $1`,
    [merge.importId, listId, timestamp(merge.now), JSON.stringify(merge.columns), created],
  );
}

export async function failImport(db: Queryable, id: number, error: Problem, now: Instant): Promise<void> {
  await db.query(
    "update imports set status = 'failed', error = $2, finished_at = $3 where id = $1 and status = 'running'",
    [id, JSON.stringify(error), timestamp(now)],
  );
}

/** Running imports whose session is gone. The lock is held until the transaction of the caller ends. */
export function findDeadImports(tx: Tx): Promise<{ id: number; file_name: string }[]> {
  return tx.query(
    `select id, file_name from imports
     where status in ('pending', 'running') and pg_try_advisory_xact_lock($1, id::int)`,
    [ALIVE],
  );
}
