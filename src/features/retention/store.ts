/** The SQL of retention: what was done in each run, and rows that go in batches. */
import type { RetentionStep } from "../../contract/retention.ts";
import { DAY, type Duration, type Instant } from "../../core/time.ts";
import { timestamp, type Db, type Queryable } from "../../platform/db.ts";

export type RunRow = {
  readonly id: number;
  readonly started_at: Instant;
  readonly finished_at: Instant | null;
  readonly actor: string;
  readonly dry_run: boolean;
  readonly failed: number;
  readonly steps: readonly RetentionStep[];
};

const COLUMNS = "id, started_at, finished_at, actor, dry_run, failed, steps";
const BATCH = 20_000;

/** Waits for a worker as long as it has no steps. */
export async function insertRun(db: Queryable, actor: string, dryRun: boolean, now: Instant): Promise<RunRow> {
  const [row] = await db.query<RunRow>(
    `insert into retention_runs (started_at, actor, dry_run) values ($1, $2, $3) returning ${COLUMNS}`,
    [timestamp(now), actor, dryRun],
  );
  if (!row) throw new Error("an insert without a row");
  return row;
}

export async function findRun(db: Queryable, id: number): Promise<RunRow | null> {
  const [row] = await db.query<RunRow>(`select ${COLUMNS} from retention_runs where id = $1`, [id]);
  return row ?? null;
}

/** That let something go, and is over. */
export async function findLastRun(db: Queryable): Promise<RunRow | null> {
  const [row] = await db.query<RunRow>(
    `select ${COLUMNS} from retention_runs where not dry_run and finished_at is not null order by id desc limit 1`,
  );
  return row ?? null;
}

/** Newest first. */
export function listRuns(db: Queryable, limit: number): Promise<RunRow[]> {
  return db.query<RunRow>(`select ${COLUMNS} from retention_runs order by id desc limit $1`, [limit]);
}

export async function saveSteps(db: Queryable, id: number, steps: readonly RetentionStep[]): Promise<void> {
  await db.query("update retention_runs set steps = $2 where id = $1", [id, JSON.stringify(steps)]);
}

export async function endRun(
  db: Queryable,
  id: number,
  steps: readonly RetentionStep[],
  failed: number,
  now: Instant,
): Promise<void> {
  await db.query("update retention_runs set steps = $2, failed = $3, finished_at = $4 where id = $1", [
    id,
    JSON.stringify(steps),
    failed,
    timestamp(now),
  ]);
}

/** Runs that had begun and whose worker is gone: whoever asks has the lock that they had. */
export async function endInterrupted(db: Queryable, except: number, now: Instant): Promise<void> {
  await db.query(
    `update retention_runs r set finished_at = $2, failed = s.open,
            steps = (select jsonb_agg(case when step->>'status' in ('waiting', 'running')
                       then step || '{"status": "failed", "error": "the worker ended meanwhile"}' else step end order by n)
                       from jsonb_array_elements(r.steps) with ordinality as e(step, n))
       from (select id, (select count(*) from jsonb_array_elements(steps) step
                          where step->>'status' in ('waiting', 'running', 'failed')) as open from retention_runs) s
      where s.id = r.id and r.finished_at is null and r.id <> $1 and r.steps <> '[]'`,
    [except, timestamp(now)],
  );
}

/** Days by which a rule's period grows when it counts whole weeks, months … */
const STRETCHED_BY: Readonly<Record<string, number>> = { day: 1, week: 7, month: 31, quarter: 92, year: 366 };

/** How far back rules about pressure look; 0: there are none. */
export async function loadLongestPressure(db: Queryable): Promise<Duration> {
  const rows = await db.query<{ days: number; grouping: string | null }>(
    `select distinct (definition->>'days')::int as days, definition->>'grouping' as grouping
       from typology_rules where kind = 'pressure'`,
  );
  return Math.max(0, ...rows.map(({ days, grouping }) => (days + (STRETCHED_BY[grouping ?? ""] ?? 0)) * DAY));
}

/** Old rows of one table; `$1` in the condition is the instant before which they go. */
export type OldRows = { readonly table: string; readonly where: string };

export async function countRows(db: Queryable, { table, where }: OldRows, before: Instant): Promise<number> {
  const [row] = await db.query<{ n: number }>(`select count(*) as n from ${table} t where ${where}`, [
    timestamp(before),
  ]);
  return row?.n ?? 0;
}

/** In batches, each a transaction of its own: nobody waits for long, and what is done stays done. */
export async function deleteRows(
  db: Db,
  { table, where }: OldRows,
  before: Instant,
  signal?: AbortSignal,
): Promise<number> {
  for (let gone = 0; ; ) {
    signal?.throwIfAborted();
    const [row] = await db.query<{ n: number }>(
      `with gone as (
         delete from ${table} where ctid = any(array(select t.ctid from ${table} t where ${where} limit ${BATCH})) returning 1)
       select count(*) as n from gone`,
      [timestamp(before)],
    );
    const n = row?.n ?? 0;
    gone += n;
    if (n < BATCH) return gone;
  }
}

/**
 * Runs the work in one transaction and says how many rows it deleted, as the server counts them; with `undo` nothing is left of it.
 */
export async function countingDeletes(db: Db, undo: boolean, work: (db: Db) => Promise<unknown>): Promise<number> {
  class Undone extends Error {}
  let rows = 0;
  try {
    await db.transaction(async (tx) => {
      // What the connection did before may still be in it.
      const deletedBefore = await countDeleted(tx);
      await work({
        ...db,
        query: (...given) => tx.query(...given),
        transaction: (inner) => inner(tx),
        withClient: (inner) => inner(tx),
      });
      rows = (await countDeleted(tx)) - deletedBefore;
      if (undo) throw new Undone();
    });
  } catch (error) {
    if (!(error instanceof Undone)) throw error;
  }
  return rows;
}

async function countDeleted(tx: Queryable): Promise<number> {
  const [row] = await tx.query<{ n: number }>(
    "select coalesce(sum(n_tup_del), 0)::bigint as n from pg_stat_xact_user_tables",
  );
  return row?.n ?? 0;
}
