/** The SQL of requalifications themselves: what is asked, how far it is, what it counted. */
import type { Requalification } from "../../contract/reply-texts.ts";
import type { FailureReason, FailureType } from "../../core/bounce/verdict.ts";
import { DAY, type Instant } from "../../core/time.ts";
import { timestamp, type Queryable, type Tx } from "../../platform/db.ts";
import { REQUALIFY_CHANNEL } from "../../platform/events.ts";

export type RunRow = {
  readonly id: number;
  readonly state: Requalification["state"];
  readonly dry_run: boolean;
  readonly text_id: number | null;
  readonly text: string | null;
  readonly type: FailureType | null;
  readonly reason: FailureReason | null;
  readonly rule: string | null;
  readonly since: Instant;
  readonly actor: string;
  readonly created_at: Instant;
  readonly finished_at: Instant | null;
  readonly undone_at: Instant | null;
  readonly undone_by: string | null;
  readonly step: "log" | "addresses" | "texts";
  readonly part_cursor: number;
  readonly key_cursor: string;
  readonly parts_total: number;
  readonly parts_done: number;
  readonly messages: number;
  readonly attempts: number;
  readonly deliveries: number;
  readonly quarantined: number;
  readonly released: number;
  readonly kept: number;
  readonly error: string | null;
};

export type Asked = Pick<RunRow, "dry_run" | "text_id" | "text" | "type" | "reason" | "rule" | "since" | "actor">;

/** Bounces and final words come later than the last attempt, and then deliveries may be over. */
const LATE = 30 * DAY;
/** Of deliveries that had begun at `$1` and may have messages that ended at `$2` or later. */
const PARTS = `delivery_parts p join deliveries d on d.id = p.delivery_id
  where p.failed + p.cancelled > 0 and d.started_at <= $1
    and (d.finished_at is null or d.finished_at >= $2::timestamptz - ${LATE} * interval '1 millisecond')`;

export async function insertRun(tx: Tx, asked: Asked, now: Instant): Promise<number> {
  const { dry_run: dryRun, text_id: textId, text, type, reason, rule, since, actor } = asked;
  const [row] = await tx.query<{ id: number }>(
    `insert into requalifications (state, dry_run, text_id, text, type, reason, rule, since, actor, created_at, parts_total)
     values ('running', $3, $4, $5, $6, $7, $8, $2, $9, $1, (select count(*) from ${PARTS})) returning id`,
    [timestamp(now), timestamp(since), dryRun, textId, text, type, reason, rule, actor],
  );
  await tx.query("select pg_notify($1, '')", [REQUALIFY_CHANNEL]);
  return (row as { id: number }).id;
}

export async function findRun(db: Queryable, id: number, lock = false): Promise<RunRow | null> {
  const forUpdate = lock ? " for update" : "";
  const [row] = await db.query<RunRow>(`select * from requalifications where id = $1${forUpdate}`, [id]);
  return row ?? null;
}

/** The newest first. `before`: the last one of the page before. */
export function listRuns(db: Queryable, before: number | null, limit: number): Promise<RunRow[]> {
  return db.query<RunRow>(
    "select * from requalifications where $1::bigint is null or id < $1 order by id desc limit $2",
    [before, limit],
  );
}

/** The oldest that is not over; it stays locked until the end of the transaction. */
export async function takeRun(tx: Tx): Promise<RunRow | null> {
  const [row] = await tx.query<RunRow>(
    "select * from requalifications where state in ('running', 'undoing') order by id limit 1 for update",
  );
  return row ?? null;
}

export type PartSize = { readonly id: number; readonly size: number };

/** The next parts in the order of their ids, with how many messages may be looked at in each. */
export function nextParts(
  tx: Tx,
  run: Pick<RunRow, "created_at" | "since" | "part_cursor">,
  limit: number,
): Promise<PartSize[]> {
  return tx.query<PartSize>(
    `select p.id, p.failed + p.cancelled as size from ${PARTS} and p.id > $3 order by p.id limit $4`,
    [timestamp(run.created_at), timestamp(run.since), run.part_cursor, limit],
  );
}

/** What a batch adds to the counts, and how far it went. */
export type Progress = Partial<
  Record<"parts_done" | "messages" | "attempts" | "deliveries" | "quarantined" | "released" | "kept", number>
> & {
  readonly step: RunRow["step"];
  readonly part_cursor?: number;
  readonly key_cursor?: string;
};

export async function saveProgress(tx: Tx, id: number, progress: Progress): Promise<void> {
  const counts = ["parts_done", "messages", "attempts", "deliveries", "quarantined", "released", "kept"] as const;
  const sums = counts.map((column, i) => `${column} = ${column} + $${i + 5}`).join(", ");
  await tx.query(
    `update requalifications set step = $2, part_cursor = $3, key_cursor = $4, error = null, ${sums} where id = $1`,
    [
      id,
      progress.step,
      progress.part_cursor ?? 0,
      progress.key_cursor ?? "",
      ...counts.map((column) => progress[column] ?? 0),
    ],
  );
}

/** Nothing is left to do. What was before is forgotten when nobody can want it back. */
export async function finishRun(tx: Tx, { id, state, dry_run: dryRun }: RunRow, now: Instant): Promise<void> {
  await tx.query(
    `update requalifications
        set state = case state when 'undoing' then 'undone' else 'completed' end, finished_at = coalesce(finished_at, $2), error = null
      where id = $1`,
    [id, timestamp(now)],
  );
  if (dryRun || state === "undoing") await forgetBefore(tx, [id]);
}

/** From the beginning, the other way round. Of one that has not come to its end, what it did so far. */
export async function beginUndo(tx: Tx, id: number, actor: string, now: Instant): Promise<void> {
  await tx.query(
    `update requalifications
        set state = 'undoing', step = 'log', part_cursor = 0, key_cursor = '', undone_at = $2, undone_by = $3, parts_done = 0,
            parts_total = (select count(distinct part_id) from requalified_attempts where requalification_id = $1)
      where id = $1`,
    [id, timestamp(now), actor],
  );
  await tx.query("select pg_notify($1, '')", [REQUALIFY_CHANNEL]);
}

export async function saveError(db: Queryable, error: string): Promise<void> {
  await db.query(
    `update requalifications set error = $1
      where id = (select min(id) from requalifications where state in ('running', 'undoing'))`,
    [error],
  );
}

export async function forgetBefore(db: Queryable, ids: readonly number[]): Promise<void> {
  for (const table of ["attempts", "deliveries", "addresses", "texts"]) {
    await db.query(`delete from requalified_${table} where requalification_id = any($1)`, [ids]);
  }
}

/** That are over, and begun before. */
export async function listOver(db: Queryable, before: Instant): Promise<number[]> {
  const rows = await db.query<{ id: number }>(
    "select id from requalifications where state in ('completed', 'undone') and created_at < $1",
    [timestamp(before)],
  );
  return rows.map(({ id }) => id);
}

export async function deleteRuns(db: Queryable, before: Instant): Promise<void> {
  await db.query("delete from requalifications where state in ('completed', 'undone') and created_at < $1", [
    timestamp(before),
  ]);
}
