/**
 * How many people a tree is: counted, and where counting takes longer than a person waits, estimated from a sample. The answer
 * says which of the two it is, and how far an estimate may be off.
 */
import type { SegmentPreview } from "../../contract/segments.ts";
import type { Duration, Instant } from "../../core/time.ts";
import type { Db, Tx } from "../../platform/db.ts";
import { errorCode } from "../../platform/errors.ts";
import { compileSegment } from "./compile-segment.ts";
import type { PreparedSegment } from "./prepare.ts";

export type SegmentCount = Pick<SegmentPreview, "count" | "exact" | "margin" | "sampled">;

/** What counting may take before it is given up for an estimate. */
const COUNT_TIME: Duration = 650;
/** Samples, from the one that is wanted to the one that is better than nothing, each with the time that it may take. */
const SAMPLES: readonly { readonly recipients: number; readonly time: Duration }[] = [
  { recipients: 10_000, time: 400 },
  { recipients: 500, time: 2_000 },
];
const CANCELLED = "57014";
/** Standard errors within which 95 of 100 estimates are. */
const CERTAINTY = 1.96;

export async function countSegment(
  db: Db,
  prepared: PreparedSegment,
  now: Instant,
  countTime = COUNT_TIME,
): Promise<SegmentCount> {
  const counted = await inTime(db, countTime, (tx) => countAll(tx, prepared, now));
  if (counted !== null) return { count: counted, exact: true, margin: 0, sampled: 0 };
  for (const { recipients, time } of SAMPLES) {
    const estimated = await inTime(db, time, (tx) => estimate(tx, prepared, recipients, now));
    if (estimated !== null) return { exact: false, ...estimated };
  }
  return { count: null, exact: false, margin: 0, sampled: 0 };
}

/** Null: it was not done in time. */
export async function inTime<T>(db: Db, time: Duration, work: (tx: Tx) => Promise<T>): Promise<T | null> {
  try {
    return await db.transaction(async (tx) => {
      await tx.query(`select set_config('statement_timeout', $1, true), set_config('work_mem', '64MB', true)`, [
        String(time),
      ]);
      return work(tx);
    });
  } catch (error) {
    if (errorCode(error) === CANCELLED) return null;
    throw error;
  }
}

async function countAll(tx: Tx, prepared: PreparedSegment, now: Instant): Promise<number> {
  const { sql, params } = compileSegment(prepared, { now, recipient: "r" });
  const [row] = await tx.query<{ count: number }>(`select count(*) as count from recipients r where ${sql}`, params);
  return row?.count ?? 0;
}

type Sums = { blocks: number; n: number; hits: number; hits2: number; n2: number; both: number };

/**
 * A sample of whole pages of the table, for reading them is what costs. People who came together lie together, so the error is
 * estimated from page to page, not from person to person (ratio estimator of cluster sampling: Cochran, Sampling Techniques, §9A.2).
 */
async function estimate(tx: Tx, prepared: PreparedSegment, wanted: number, now: Instant) {
  const [size] = await tx.query<{ rows: number }>(
    `select case when reltuples < 0 or relpages = 0 then (select count(*) from recipients)
                 else (reltuples / relpages * (pg_relation_size(oid) / 8192.0))::bigint end as rows
       from pg_class where oid = 'recipients'::regclass`,
  );
  const total = size?.rows ?? 0;
  const { sql, params } = compileSegment(prepared, { now, recipient: "r", offset: 1 });
  const [sums] = await tx.query<Sums>(
    `with sample as materialized (
       select r.*, (r.ctid::text::point)[0] as block from recipients r tablesample system ($1::real) repeatable (7)),
     judged as (select r.block, ${sql} as hit from sample r),
     blocks as (select count(*)::float8 as n, count(*) filter (where hit)::float8 as hits from judged group by block)
     select count(*)::float8 as blocks, coalesce(sum(n), 0) as n, coalesce(sum(hits), 0) as hits,
            coalesce(sum(hits * hits), 0) as hits2, coalesce(sum(n * n), 0) as n2, coalesce(sum(n * hits), 0) as both from blocks`,
    [Math.min(100, (100 * wanted) / Math.max(total, 1)), ...params],
  );
  return extrapolate(sums ?? { blocks: 0, n: 0, hits: 0, hits2: 0, n2: 0, both: 0 }, total);
}

function extrapolate({ blocks, n, hits, hits2, n2, both }: Sums, total: number) {
  if (n === 0) return { count: 0, margin: total, sampled: 0 };
  const share = hits / n;
  const scatter = Math.max(0, hits2 - 2 * share * both + share * share * n2);
  const error = blocks < 2 ? 1 : Math.sqrt((scatter * blocks) / (blocks - 1)) / n;
  // Of a share that no page shows, or all show, this much can still be hidden (rule of three).
  const hidden = scatter === 0 ? 3 / n : 0;
  return {
    count: Math.round(share * total),
    margin: Math.round(Math.max(CERTAINTY * error, hidden) * total),
    sampled: Math.round(n),
  };
}

export type Sample = { readonly id: string; readonly address: string; readonly attributes: Record<string, unknown> };

const MAX_SAMPLES = 20;
const SAMPLE_TIME: Duration = 1_000;

/** The first recipients of it that are found; none when nobody is found in time. */
export async function sampleSegment(db: Db, prepared: PreparedSegment, now: Instant): Promise<Sample[]> {
  const { sql, params } = compileSegment(prepared, { now, recipient: "r" });
  const rows = await inTime(db, SAMPLE_TIME, (tx) =>
    tx.query<{ id: number; address: string; attributes: Record<string, unknown> }>(
      `select r.id, r.address, r.attributes from recipients r where ${sql} limit ${MAX_SAMPLES}`,
      params,
    ),
  );
  return (rows ?? []).map((row) => ({ ...row, id: String(row.id) }));
}
