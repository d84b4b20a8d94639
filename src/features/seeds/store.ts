/** The SQL of seeds and lists of seeds. */
import type { Seed, SeedInput, SeedList } from "../../contract/seeds.ts";
import { formatInstant, type Instant } from "../../core/time.ts";
import { timestamp, type Queryable, type Tx } from "../../platform/db.ts";

type Heading = { id: number; label: string; version: number; created_at: Instant; updated_at: Instant };
type SeedRow = Heading & Pick<Seed, "address" | "attributes">;
type ListRow = Heading & { seeds: number[] };

const HEADING = "id, label, version, created_at, updated_at";
const SEED = `${HEADING}, address, attributes`;
const LIST = `${HEADING}, (select coalesce(array_agg(m.seed_id order by m.seed_id), '{}') from seed_list_members m where m.list_id = seed_lists.id) as seeds`;

function presentHeading(row: Heading) {
  return {
    id: String(row.id),
    label: row.label,
    version: row.version,
    createdAt: formatInstant(row.created_at),
    updatedAt: formatInstant(row.updated_at),
  };
}

const presentSeed = (row: SeedRow): Seed => ({
  ...presentHeading(row),
  address: row.address,
  attributes: row.attributes,
});

const presentList = (row: ListRow): SeedList => ({ ...presentHeading(row), seeds: row.seeds.map(String) });

/** Newest first, those before `before`. */
export async function listSeeds(db: Queryable, before: number | null, limit: number): Promise<Seed[]> {
  const rows = await db.query<SeedRow>(
    `select ${SEED} from seeds where $1::bigint is null or id < $1 order by id desc limit $2`,
    [before, limit],
  );
  return rows.map(presentSeed);
}

export async function findSeed(db: Queryable, id: number, lock = false): Promise<Seed | null> {
  const [row] = await db.query<SeedRow>(`select ${SEED} from seeds where id = $1 ${lock ? "for update" : ""}`, [id]);
  return row ? presentSeed(row) : null;
}

export type Placed = { readonly matchKey: string; readonly domain: string };

/** Null: there is a seed with this address. */
export async function insertSeed(tx: Tx, seed: SeedInput & Placed, now: Instant): Promise<number | null> {
  const [row] = await tx.query<{ id: number }>(
    `insert into seeds (address, label, attributes, match_key, domain, created_at, updated_at)
     values ($1, $2, $3, $4, $5, $6, $6) on conflict (match_key) do nothing returning id`,
    [seed.address, seed.label, JSON.stringify(seed.attributes), seed.matchKey, seed.domain, timestamp(now)],
  );
  return row?.id ?? null;
}

/** False: another seed has this address. */
export async function updateSeed(tx: Tx, id: number, seed: SeedInput & Placed, now: Instant): Promise<boolean> {
  const rows = await tx.query(
    `update seeds set address = $2, label = $3, attributes = $4, match_key = $5, domain = $6, updated_at = $7, version = version + 1
      where id = $1 and not exists (select 1 from seeds where match_key = $5 and id <> $1) returning id`,
    [id, seed.address, seed.label, JSON.stringify(seed.attributes), seed.matchKey, seed.domain, timestamp(now)],
  );
  return rows.length > 0;
}

export async function deleteSeed(tx: Tx, id: number): Promise<void> {
  await tx.query("delete from seeds where id = $1", [id]);
}

/** Newest first, those before `before`. */
export async function listSeedLists(db: Queryable, before: number | null, limit: number): Promise<SeedList[]> {
  const rows = await db.query<ListRow>(
    `select ${LIST} from seed_lists where $1::bigint is null or id < $1 order by id desc limit $2`,
    [before, limit],
  );
  return rows.map(presentList);
}

export async function findSeedList(db: Queryable, id: number, lock = false): Promise<SeedList | null> {
  const [row] = await db.query<ListRow>(`select ${LIST} from seed_lists where id = $1 ${lock ? "for update" : ""}`, [
    id,
  ]);
  return row ? presentList(row) : null;
}

/** Null: there is a list with this label. */
export async function insertSeedList(tx: Tx, label: string, now: Instant): Promise<number | null> {
  const [row] = await tx.query<{ id: number }>(
    `insert into seed_lists (label, created_at, updated_at) values ($1, $2, $2)
     on conflict (fold_text(label)) do nothing returning id`,
    [label, timestamp(now)],
  );
  return row?.id ?? null;
}

/** False: another list has this label. */
export async function renameSeedList(tx: Tx, id: number, label: string, now: Instant): Promise<boolean> {
  const rows = await tx.query(
    `update seed_lists set label = $2, updated_at = $3, version = version + 1
      where id = $1 and not exists (select 1 from seed_lists where fold_text(label) = fold_text($2) and id <> $1) returning id`,
    [id, label, timestamp(now)],
  );
  return rows.length > 0;
}

/** Answers with the ids that are no seeds. */
export async function replaceMembers(tx: Tx, id: number, seeds: readonly string[]): Promise<number[]> {
  await tx.query("delete from seed_list_members where list_id = $1", [id]);
  await tx.query(
    "insert into seed_list_members (list_id, seed_id) select $1, id from seeds where id = any($2::bigint[])",
    [id, seeds],
  );
  const gone = await tx.query<{ id: number }>(
    "select distinct g.id from unnest($1::bigint[]) g(id) where not exists (select 1 from seeds s where s.id = g.id)",
    [seeds],
  );
  return gone.map((row) => row.id);
}

export async function deleteSeedList(tx: Tx, id: number): Promise<void> {
  await tx.query("delete from seed_lists where id = $1", [id]);
}
