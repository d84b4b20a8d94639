/**
 * SQL of a running import. Rows wait in a temporary table, which PostgreSQL drops by itself when its session ends, however
 * it ends. What becomes of them is merge-store.ts.
 */
import { from as copyFrom } from "pg-copy-streams";

import type { Problem } from "../../contract/index.ts";
import type { Instant } from "../../core/time.ts";
import { timestamp, type Queryable, type Tx } from "../../platform/db.ts";
import type { ImportRules } from "./import-rules.ts";
import { STAGED_COLUMNS } from "./stage-row.ts";

/** First key of the advisory lock of an import that is alive; the second is its id. */
const ALIVE = 7_236_010;

/** Creates the import; the session's lock on it says that its process is alive. */
export async function beginImport(session: Tx, fileName: string, rules: ImportRules, now: Instant): Promise<number> {
  await session.query("begin");
  const [row] = await session.query<{ id: number }>(
    `insert into imports (status, file_name, options, dry_run, created_at) values ('running', $1, $2, $3, $4) returning id`,
    [fileName, JSON.stringify(rules), rules.dryRun, timestamp(now)],
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
