/** The SQL of sources and pools. Senders read both anew when they are told that something changed. */
import type { PoolInput, SourceInput } from "../../contract/shaping.ts";
import { DEFAULT_POOL, type Pool, type Source } from "../../core/shaping/source.ts";
import type { Instant } from "../../core/time.ts";
import { timestamp, type Queryable, type Tx } from "../../platform/db.ts";
import { settingsWithPool } from "./pool-sql.ts";
import { SHAPING_CHANNEL } from "../../platform/events.ts";

type Versioned = { readonly version: number; readonly createdAt: Instant; readonly updatedAt: Instant };
export type SourceRow = Source & Versioned;
export type PoolRow = Pool & Versioned;

const VERSIONED = `version, created_at as "createdAt", updated_at as "updatedAt"`;
const SOURCE = `id, name, address_v4 as "addressV4", address_v6 as "addressV6", helo, sender, enabled,
       warm_up as "warmUp", ${VERSIONED}`;
const MEMBERS = `coalesce((select jsonb_agg(jsonb_build_object('source', m.source_id, 'weight', m.weight) order by m.source_id)
       from pool_sources m where m.pool_id = pools.id), '[]') as members`;
const POOL = `id, name, ${MEMBERS}, ${VERSIONED}`;

/** Oldest first, those after `after`. */
export function listSources(db: Queryable, after = 0, limit: number | null = null): Promise<SourceRow[]> {
  return db.query<SourceRow>(`select ${SOURCE} from sources where id > $1 order by id limit $2`, [after, limit]);
}

export async function findSource(db: Queryable, id: number): Promise<SourceRow | null> {
  const [row] = await db.query<SourceRow>(`select ${SOURCE} from sources where id = $1`, [id]);
  return row ?? null;
}

/** Nobody takes an allowance of it until the transaction ends. */
export async function lockSource(tx: Tx, id: number): Promise<SourceRow | null> {
  const [row] = await tx.query<SourceRow>(`select ${SOURCE} from sources where id = $1 for update`, [id]);
  return row ?? null;
}

/** Oldest first, those after `after`; members by the number of their source. */
export function listPools(db: Queryable, after = 0, limit: number | null = null): Promise<PoolRow[]> {
  return db.query<PoolRow>(`select ${POOL} from pools where id > $1 order by id limit $2`, [after, limit]);
}

export async function findPoolById(db: Queryable, id: number): Promise<PoolRow | null> {
  const [row] = await db.query<PoolRow>(`select ${POOL} from pools where id = $1`, [id]);
  return row ?? null;
}

/** Whoever reads it with `holdPool` waits until the transaction ends. */
export async function lockPool(tx: Tx, id: number): Promise<void> {
  await tx.query("select from pools where id = $1 for update", [id]);
}

/** Until the transaction ends nobody removes or renames it. */
export async function holdPool(tx: Tx, name: string): Promise<Pool | null> {
  const [row] = await tx.query<Pool>(
    `select id, name, ${MEMBERS} from pools where lower(name) = lower($1) for key share`,
    [name],
  );
  return row ?? null;
}

/** Everything that senders choose from, disabled sources too. */
export async function loadSources(db: Queryable): Promise<{ sources: Source[]; pools: Pool[] }> {
  return { sources: await listSources(db), pools: await listPools(db) };
}

/**
 * Sources and pools are checked against each other, so they are changed one at a time. Senders hear of it when the
 * transaction commits.
 */
export async function beginChange(tx: Tx): Promise<void> {
  await tx.query("lock table sources, pools in share row exclusive mode");
  await notifySenders(tx);
}

/** Belongs into the transaction of the change. */
export async function notifySenders(tx: Tx): Promise<void> {
  await tx.query("select pg_notify($1, '')", [SHAPING_CHANNEL]);
}

const valuesOf = (source: SourceInput, now: Instant) => [
  source.name,
  source.addressV4,
  source.addressV6,
  source.helo,
  source.sender,
  source.enabled,
  source.warmUp,
  timestamp(now),
];

export async function insertSource(tx: Tx, source: SourceInput, now: Instant): Promise<SourceRow> {
  const rows = await tx.query<SourceRow>(
    `insert into sources (name, address_v4, address_v6, helo, sender, enabled, warm_up, created_at, updated_at)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $8) returning ${SOURCE}`,
    valuesOf(source, now),
  );
  return rows[0] as SourceRow;
}

export async function updateSource(tx: Tx, id: number, source: SourceInput, now: Instant): Promise<SourceRow> {
  const rows = await tx.query<SourceRow>(
    `update sources set name = $1, address_v4 = $2, address_v6 = $3, helo = $4, sender = $5, enabled = $6, warm_up = $7,
            version = version + 1, updated_at = $8
      where id = $9 returning ${SOURCE}`,
    [...valuesOf(source, now), id],
  );
  return rows[0] as SourceRow;
}

export async function deleteSource(tx: Tx, id: number): Promise<void> {
  await forgetWarmUps(tx, id);
  await tx.query("delete from sources where id = $1", [id]);
}

/** Its address is another one, which nobody knows yet. */
export async function forgetWarmUps(tx: Tx, sourceId: number): Promise<void> {
  await tx.query("delete from warm_ups where source_id = $1", [sourceId]);
  await tx.query("delete from warm_up_days where source_id = $1", [sourceId]);
}

/** Names of the pools that a source is in. */
export async function poolsOf(tx: Tx, sourceId: number): Promise<string[]> {
  const rows = await tx.query<{ name: string }>(
    "select name from pools p join pool_sources m on m.pool_id = p.id where m.source_id = $1 order by name",
    [sourceId],
  );
  return rows.map(({ name }) => name);
}

export async function insertPool(tx: Tx, pool: PoolInput, now: Instant): Promise<PoolRow> {
  const rows = await tx.query<{ id: number }>(
    "insert into pools (name, created_at, updated_at) values ($1, $2, $2) returning id",
    [pool.name, timestamp(now)],
  );
  const id = rows[0]?.id as number;
  await saveMembers(tx, id, pool);
  return (await findPoolById(tx, id)) as PoolRow;
}

export async function updatePool(tx: Tx, id: number, pool: PoolInput, now: Instant): Promise<PoolRow> {
  await tx.query("update pools set name = $2, version = version + 1, updated_at = $3 where id = $1", [
    id,
    pool.name,
    timestamp(now),
  ]);
  await tx.query("delete from pool_sources where pool_id = $1", [id]);
  await saveMembers(tx, id, pool);
  return (await findPoolById(tx, id)) as PoolRow;
}

async function saveMembers(tx: Tx, id: number, { members }: PoolInput): Promise<void> {
  await tx.query(
    "insert into pool_sources (pool_id, source_id, weight) select $1, * from unnest($2::bigint[], $3::int[])",
    [id, members.map(({ source }) => source), members.map(({ weight }) => weight)],
  );
}

export async function deletePool(tx: Tx, id: number): Promise<void> {
  await tx.query("delete from pools where id = $1", [id]);
}

/**
 * Who needs the pool by its name, in words: a delivery that is on its way or ready for it, because it or its typology names it or neither says
 * anything, or a typology. Null: nobody.
 */
export async function findUseOfPool(tx: Tx, name: string): Promise<string | null> {
  const [row] = await tx.query<{ use: string }>(
    `(select 'delivery ' || d.id || ' is ' || d.state || ' and leaves from it' as use
        from deliveries d cross join lateral (select ${settingsWithPool("d")} as settings) s
       where d.state in ('analysing', 'ready', 'in-progress', 'pausing', 'paused', 'stopping')
         and lower(coalesce(trim(s.settings->>'pool'), case when s.settings->>'source' is null then $2 end)) = lower($1)
       order by d.id limit 1)
     union all
     (select 'the typology "' || t.name || '" names it' from typologies t where lower(t.pool) = lower($1) order by t.id limit 1)
     limit 1`,
    [name, DEFAULT_POOL],
  );
  return row?.use ?? null;
}

/** How many sender processes there are, by what they said last; null: none did. */
export async function countSenders(db: Queryable): Promise<number | null> {
  const [row] = await db.query<{ of: number }>(`select "of" from senders order by seen_at desc limit 1`);
  return row?.of ?? null;
}
