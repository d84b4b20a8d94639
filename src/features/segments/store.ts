/** The SQL of segments: the trees that people saved, who uses them, and what a tree names. */
import type { Segment as SavedSegment, SegmentSummary } from "../../contract/segments.ts";
import type { Segment } from "../../core/segment/segment.ts";
import { formatInstant, type Instant } from "../../core/time.ts";
import { timestamp, type Db, type Queryable, type Tx } from "../../platform/db.ts";

type Heading = { id: number; label: string; version: number; created_at: Instant; updated_at: Instant };
type Row = Heading & { tree: Segment };

const HEADING = "id, label, version, created_at, updated_at";
/** Serialises changes of trees, so that two of them cannot close a circle together. */
const LOCK = 7_236_015;

function presentHeading(row: Heading): SegmentSummary {
  return {
    id: String(row.id),
    label: row.label,
    version: row.version,
    createdAt: formatInstant(row.created_at),
    updatedAt: formatInstant(row.updated_at),
  };
}

const present = (row: Row): SavedSegment => ({ ...presentHeading(row), tree: row.tree });

export async function lockTrees(tx: Tx): Promise<void> {
  await tx.query("select pg_advisory_xact_lock($1)", [LOCK]);
}

/** Newest first, those before `before`. */
export async function listSegments(db: Db, before: number | null, limit: number): Promise<SegmentSummary[]> {
  const rows = await db.query<Heading>(
    `select ${HEADING} from segments where $1::bigint is null or id < $1 order by id desc limit $2`,
    [before, limit],
  );
  return rows.map(presentHeading);
}

export async function findSegment(db: Queryable, id: number): Promise<SavedSegment | null> {
  const [row] = await db.query<Row>(`select ${HEADING}, tree from segments where id = $1`, [id]);
  return row ? present(row) : null;
}

export async function loadTree(db: Queryable, id: string): Promise<Segment | null> {
  const [row] = await db.query<{ tree: Segment }>("select tree from segments where id = $1", [id]);
  return row?.tree ?? null;
}

export async function lockSegment(tx: Tx, id: number): Promise<SavedSegment | null> {
  const [row] = await tx.query<Row>(`select ${HEADING}, tree from segments where id = $1 for update`, [id]);
  return row ? present(row) : null;
}

export async function insertSegment(tx: Tx, label: string, tree: Segment, now: Instant): Promise<SavedSegment> {
  const rows = await tx.query<Row>(
    `insert into segments (label, tree, created_at, updated_at) values ($1, $2, $3, $3) returning ${HEADING}, tree`,
    [label, JSON.stringify(tree), timestamp(now)],
  );
  return present(rows[0] as Row);
}

export async function updateSegment(
  tx: Tx,
  id: number,
  label: string,
  tree: Segment,
  now: Instant,
): Promise<SavedSegment> {
  const rows = await tx.query<Row>(
    `update segments set label = $2, tree = $3, version = version + 1, updated_at = $4 where id = $1
     returning ${HEADING}, tree`,
    [id, label, JSON.stringify(tree), timestamp(now)],
  );
  return present(rows[0] as Row);
}

export async function deleteSegment(tx: Tx, id: number): Promise<void> {
  await tx.query("delete from segments where id = $1", [id]);
}

/** At most three that name the segment: other segments, deliveries that are not over, templates of deliveries, and rules of typologies. */
export async function findUsers(tx: Tx, id: number): Promise<string[]> {
  const rows = await tx.query<{ name: string }>(
    `select 'segment "' || label || '"' as name from segments where jsonb_path_exists(tree, $2, $1)
     union all
     select 'delivery ' || id from deliveries
      where state not in ('finished', 'stopped')
        and (jsonb_path_exists(audience, $2, $1) or jsonb_path_exists(settings -> 'exclude', $2, $1)
             or jsonb_path_exists(settings -> 'population', $2, $1))
     union all
     select 'template "' || label || '"' from templates
      where jsonb_path_exists(defaults #> '{settings,exclude}', $2, $1)
         or jsonb_path_exists(defaults #> '{settings,population}', $2, $1)
     union all
     select 'rule "' || r.name || '" of the typology "' || t.name || '"' from typology_rules r join typologies t on t.id = r.typology_id
      where r.kind in ('filtering', 'pressure') and jsonb_path_exists(r.definition, $2, $1)
     limit 3`,
    [JSON.stringify({ id: String(id) }), "$.**.segment ? (@ == $id)"],
  );
  return rows.map(({ name }) => name);
}

/** What a tree may name. */
const NAMED = {
  list: "select id from lists where id = any($1)",
  import: "select id from imports where id = any($1)",
  segment: "select id from segments where id = any($1)",
  service: "select id from services where id = any($1)",
  delivery: "select id from deliveries where id = any($1)",
} as const;
export type Named = keyof typeof NAMED;

/** Of these ids, those that are there. */
export async function findNamed(db: Queryable, what: Named, ids: readonly string[]): Promise<Set<string>> {
  if (ids.length === 0) return new Set();
  const rows = await db.query<{ id: number }>(NAMED[what], [ids.map(Number)]);
  return new Set(rows.map((row) => String(row.id)));
}

/** Consecutive ids of delivery parts, both ends included. */
export type PartRange = { readonly from: number; readonly to: number };

export async function loadPartRanges(
  db: Queryable,
  deliveries: readonly string[],
): Promise<Map<string, readonly PartRange[]>> {
  const ranges = new Map<string, PartRange[]>();
  if (deliveries.length === 0) return ranges;
  const rows = await db.query<{ delivery_id: number; from: number; to: number }>(
    `select delivery_id, min(id) as "from", max(id) as "to" from (
       select delivery_id, id, id - row_number() over (partition by delivery_id order by id) as island
         from delivery_parts where delivery_id = any($1)) numbered
      group by delivery_id, island order by 2`,
    [deliveries.map(Number)],
  );
  for (const { delivery_id, from, to } of rows) {
    const key = String(delivery_id);
    ranges.set(key, [...(ranges.get(key) ?? []), { from, to }]);
  }
  return ranges;
}

/** The newest that started; proofs and carriers of single messages are none. */
export async function recentDeliveries(
  db: Queryable,
  { limit, since }: { readonly limit: number | null; readonly since: Instant | null },
): Promise<string[]> {
  const rows = await db.query<{ id: number }>(
    `select id from deliveries d
      where started_at is not null and ($2::timestamptz is null or started_at >= $2)
        and d.kind = 'campaign'
      order by started_at desc, id desc limit $1`,
    [limit, since === null ? null : timestamp(since)],
  );
  return rows.map((row) => String(row.id));
}
