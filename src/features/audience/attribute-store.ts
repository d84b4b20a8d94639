/** SQL of declared attributes, and of the values that recipients have of them. */
import type { Attribute, AttributeType } from "../../core/audience/attribute.ts";
import type { AttributeValue } from "../../core/audience/read-value.ts";
import type { Instant } from "../../core/time.ts";
import { timestamp, type Queryable, type Tx } from "../../platform/db.ts";

export type AttributeRow = {
  id: number;
  name: string;
  type: AttributeType;
  label: string;
  allowed: string[] | null;
  indexed: boolean;
  version: number;
  /** Whether the index of its type is there and valid; null: it is not there. */
  index_valid: boolean | null;
};

const INDEX_OF = `(select i.indisvalid from pg_index i join pg_class c on c.oid = i.indexrelid
   where i.indrelid = 'recipients'::regclass and c.relname = 'recipients_attribute_' || a.id || '_' || a.type) as index_valid`;
const COLUMNS = `a.id, a.name, a.type, a.label, a.allowed, a.indexed, a.version, ${INDEX_OF}`;

export function listAttributes(db: Queryable): Promise<AttributeRow[]> {
  return db.query<AttributeRow>(`select ${COLUMNS} from attributes a order by a.name`);
}

export async function loadAttributeSchema(db: Queryable): Promise<readonly Attribute[]> {
  const rows = await db.query<Omit<AttributeRow, "index_valid">>(
    "select name, type, label, allowed, indexed from attributes order by name",
  );
  return rows.map(({ name, type, label, allowed, indexed }) => ({
    name,
    type,
    label,
    ...(allowed === null ? {} : { values: allowed }),
    indexed,
  }));
}

export async function findAttribute(db: Queryable, name: string, lock = false): Promise<AttributeRow | null> {
  const [row] = await db.query<AttributeRow>(
    `select ${COLUMNS} from attributes a where a.name = $1 ${lock ? "for update" : ""}`,
    [name],
  );
  return row ?? null;
}

/** False: the name is taken. */
export async function insertAttribute(db: Queryable, attribute: Attribute, now: Instant): Promise<boolean> {
  const { name, type, label, values, indexed } = attribute;
  const rows = await db.query(
    `insert into attributes (name, type, label, allowed, indexed, created_at, updated_at)
     values ($1, $2, $3, $4, $5, $6, $6) on conflict (name) do nothing returning 1`,
    [name, type, label, values ?? null, indexed, timestamp(now)],
  );
  return rows.length > 0;
}

export async function updateAttribute(db: Queryable, attribute: Attribute, now: Instant): Promise<void> {
  const { name, type, label, values, indexed } = attribute;
  await db.query(
    `update attributes set type = $2, label = $3, allowed = $4, indexed = $5, version = version + 1, updated_at = $6
      where name = $1`,
    [name, type, label, values ?? null, indexed, timestamp(now)],
  );
}

export async function deleteAttribute(db: Queryable, name: string): Promise<void> {
  await db.query("delete from attributes where name = $1", [name]);
}

export type StoredValue = { readonly id: number; readonly address: string; readonly value: unknown };

/** Whoever has the attribute, by id. */
export function listValues(db: Queryable, name: string, after: number, limit: number): Promise<StoredValue[]> {
  return db.query<StoredValue>(
    `select id, address, attributes -> $1 as value from recipients
      where id > $2 and attributes ? $1 order by id limit $3`,
    [name, after, limit],
  );
}

/** Null takes the value away. */
export async function writeValues(
  tx: Tx,
  name: string,
  values: readonly { readonly id: number; readonly value: AttributeValue | null }[],
  now: Instant,
): Promise<void> {
  await tx.query(
    `update recipients r
        set attributes = case when v.value = 'null' then r.attributes - $1::text
                              else r.attributes || jsonb_build_object($1::text, v.value::jsonb) end,
            updated_at = greatest($4, r.updated_at + interval '1 ms')
       from unnest($2::bigint[], $3::text[]) as v(id, value) where r.id = v.id`,
    [name, values.map(({ id }) => id), values.map(({ value }) => JSON.stringify(value)), timestamp(now)],
  );
}

export type SampledName = { readonly name: string; readonly filled: number; readonly samples: AttributeValue[] };

/** Pages of the table that a sample has at most: some 10,000 people. */
const SAMPLE_PAGES = 400;
const NAMES = 1000;

/** Names in use with how many of the people looked at have a value. */
export async function sampleNames(
  db: Queryable,
): Promise<{ sampled: number; complete: boolean; names: SampledName[] }> {
  const [size] = await db.query<{ pages: number }>(
    "select pg_relation_size('recipients') / current_setting('block_size')::int as pages",
  );
  const pages = size?.pages ?? 0;
  const complete = pages <= SAMPLE_PAGES;
  const sample = complete ? "" : `tablesample system (${(100 * SAMPLE_PAGES) / pages}) repeatable (1)`;
  const [counted] = await db.query<{ sampled: number }>(`select count(*) as sampled from recipients ${sample}`);
  const names = await db.query<SampledName>(
    `select e.key as name, count(*) filter (where f.filled) as filled,
            coalesce(to_jsonb((array_agg(e.value) filter (where f.filled))[1:50]), '[]') as samples
       from recipients ${sample}, jsonb_each(attributes) e, lateral (select e.value not in ('""', 'null') as filled) f
      group by e.key order by filled desc, e.key limit ${NAMES}`,
  );
  return { sampled: counted?.sampled ?? 0, complete, names };
}
