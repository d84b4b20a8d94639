/** The SQL of recurring deliveries. */
import type { SeriesInput, SeriesRun } from "../../contract/series.ts";
import type { DeliveryState } from "../../core/delivery/status.ts";
import { formatInstant, type Instant } from "../../core/time.ts";
import { timestamp, type Queryable, type Tx } from "../../platform/db.ts";
import { putOutbox } from "../../platform/outbox.ts";

/** Whoever saved a series; looked up anew whenever something is to begin in their name. */
export type Saver = {
  readonly label: string;
  readonly operatorId: number | null;
  readonly tokenId: string | null;
};

/** All but what has a column of its own. */
type Definition = Omit<SeriesInput, "label" | "on">;

export type SeriesRow = {
  readonly id: number;
  readonly label: string;
  readonly definition: Definition;
  readonly source_label: string | null;
  readonly is_on: boolean;
  readonly next_at: Instant | null;
  readonly saved_by: string;
  readonly operator_id: number | null;
  readonly token_id: string | null;
  readonly version: number;
  readonly created_at: Instant;
  readonly updated_at: Instant;
};

const COLUMNS = `id, label, definition, is_on, next_at, saved_by, operator_id, token_id, version, created_at, updated_at,
  coalesce((select d.label from deliveries d where d.id = (definition#>>'{from,delivery}')::bigint),
           (select t.label from templates t where t.id = (definition#>>'{from,template}')::bigint)) as source_label`;

/** Newest first, those before `before`. */
export function listSeries(db: Queryable, before: number | null, limit: number): Promise<SeriesRow[]> {
  return db.query<SeriesRow>(
    `select ${COLUMNS} from series where $1::bigint is null or id < $1 order by id desc limit $2`,
    [before, limit],
  );
}

export async function findSeries(db: Queryable, id: number): Promise<SeriesRow | null> {
  const [row] = await db.query<SeriesRow>(`select ${COLUMNS} from series where id = $1`, [id]);
  return row ?? null;
}

export async function lockSeries(tx: Tx, id: number): Promise<SeriesRow | null> {
  const [row] = await tx.query<SeriesRow>(`select ${COLUMNS} from series where id = $1 for update`, [id]);
  return row ?? null;
}

export async function insertSeries(
  tx: Tx,
  input: SeriesInput,
  next: Instant | null,
  by: Saver,
  now: Instant,
): Promise<SeriesRow> {
  const rows = await tx.query<SeriesRow>(
    `insert into series (label, is_on, definition, next_at, saved_by, operator_id, token_id, created_at, updated_at)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $8) returning ${COLUMNS}`,
    paramsOf(input, next, by, now),
  );
  return rows[0] as SeriesRow;
}

export async function updateSeries(
  tx: Tx,
  id: number,
  input: SeriesInput,
  next: Instant | null,
  by: Saver,
  now: Instant,
): Promise<SeriesRow> {
  const rows = await tx.query<SeriesRow>(
    `update series set label = $1, is_on = $2, definition = $3, next_at = $4, saved_by = $5, operator_id = $6,
            token_id = $7, updated_at = $8, version = version + 1 where id = $9 returning ${COLUMNS}`,
    [...paramsOf(input, next, by, now), id],
  );
  return rows[0] as SeriesRow;
}

function paramsOf({ label, on, ...definition }: SeriesInput, next: Instant | null, by: Saver, now: Instant): unknown[] {
  const at = next === null ? null : timestamp(next);
  return [label, on, JSON.stringify(definition), at, by.label, by.operatorId, by.tokenId, timestamp(now)];
}

export async function deleteSeries(tx: Tx, id: number): Promise<void> {
  await tx.query("delete from series where id = $1", [id]);
}

/** Nothing is due in an installation that is held. */
export async function listDueSeries(db: Queryable, now: Instant): Promise<readonly number[]> {
  const rows = await db.query<{ id: number }>(
    `select id from series
      where next_at <= $1 and not exists (select 1 from installation where held_at is not null) order by next_at, id`,
    [timestamp(now)],
  );
  return rows.map(({ id }) => id);
}

/** Of all series; null: none has one. */
export async function firstRun(db: Queryable): Promise<Instant | null> {
  const [row] = await db.query<{ at: Instant | null }>(
    "select min(next_at) as at from series where not exists (select 1 from installation where held_at is not null)",
  );
  return row?.at ?? null;
}

export async function setNextRun(tx: Tx, id: number, next: Instant | null): Promise<void> {
  await tx.query("update series set next_at = $2 where id = $1", [id, next === null ? null : timestamp(next)]);
}

/**
 * Those that are new, and told to webhooks: a date that was recorded before stays as it is, because the time of the series was changed to one that
 * had come already.
 */
export async function saveRunsWithout(
  tx: Tx,
  { id, label }: Pick<SeriesRow, "id" | "label">,
  outcome: "missed" | "failed",
  runs: readonly { readonly at: Instant; readonly reason: string }[],
  now: Instant,
): Promise<void> {
  const noted = await tx.query<{ at: Instant; reason: string }>(
    `insert into series_runs (series_id, at, outcome, reason, recorded_at)
     select $1, at, $2, reason, $5 from unnest($3::timestamptz[], $4::text[]) as t(at, reason) on conflict do nothing
     returning at, reason`,
    [id, outcome, runs.map(({ at }) => timestamp(at)), runs.map(({ reason }) => reason), timestamp(now)],
  );
  if (noted.length === 0) return;
  const type = `series.${outcome}` as const;
  const told = noted.toSorted((one, other) => one.at - other.at);
  const dataOf = ({ at, reason }: (typeof noted)[number]) => ({
    seriesId: String(id),
    seriesLabel: label,
    at: formatInstant(at),
    reason,
  });
  await putOutbox(tx, "plain", [type], () => told.map((run) => ({ type, data: dataOf(run) })), now);
}

/** Fails where this run was made already. */
export async function saveMadeRun(tx: Tx, id: number, at: Instant, delivery: number, now: Instant): Promise<void> {
  await tx.query(
    "insert into series_runs (series_id, at, outcome, delivery_id, recorded_at) values ($1, $2, 'made', $3, $4)",
    [id, timestamp(at), delivery, timestamp(now)],
  );
  await tx.query("update deliveries set series_id = $1, series_at = $2 where id = $3", [id, timestamp(at), delivery]);
}

type RunRow = Pick<SeriesRun, "outcome" | "reason"> & {
  readonly at: Instant;
  readonly delivery_id: number | null;
  readonly label: string;
  readonly state: DeliveryState;
};

const RUN_COLUMNS = "r.at, r.outcome, r.reason, d.id as delivery_id, d.label, d.state";

const runOf = ({ at, outcome, reason, delivery_id: delivery, label, state }: RunRow): SeriesRun => ({
  at: formatInstant(at),
  outcome,
  reason,
  delivery: delivery === null ? null : { id: String(delivery), label, state },
});

/** The latest first, those before `before`. */
export async function listRuns(db: Queryable, id: number, before: Instant | null, limit: number): Promise<SeriesRun[]> {
  const rows = await db.query<RunRow>(
    `select ${RUN_COLUMNS} from series_runs r left join deliveries d on d.id = r.delivery_id
      where r.series_id = $1 and ($2::timestamptz is null or r.at < $2) order by r.at desc limit $3`,
    [id, before === null ? null : timestamp(before), limit],
  );
  return rows.map(runOf);
}

/** The latest of each series that has one. */
export async function findLastRuns(db: Queryable, ids: readonly number[]): Promise<Map<number, SeriesRun>> {
  const rows = await db.query<RunRow & { readonly series_id: number }>(
    `select r.series_id, ${RUN_COLUMNS}
       from unnest($1::bigint[]) as s(id)
      cross join lateral (select * from series_runs where series_id = s.id order by at desc limit 1) r
       left join deliveries d on d.id = r.delivery_id`,
    [ids],
  );
  return new Map(rows.map((row) => [row.series_id, runOf(row)]));
}
