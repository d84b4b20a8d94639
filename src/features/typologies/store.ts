/** The SQL of typologies and their rules. */
import { formatInstant, type Instant } from "../../core/time.ts";
import { timestamp, type Db, type Queryable, type Tx } from "../../platform/db.ts";

export type RuleKind = "built-in" | "control" | "filtering" | "pressure" | "capacity";

export type RuleRow = {
  readonly id: number;
  readonly kind: RuleKind;
  /** Of a built-in rule its id. */
  readonly name: string;
  readonly enabled: boolean;
  readonly execution_order: number;
  readonly definition: Readonly<Record<string, unknown>>;
};

type Row = {
  id: number;
  name: string;
  description: string;
  pool: string | null;
  built_in: boolean;
  is_default: boolean;
  version: number;
  created_at: Instant;
  updated_at: Instant;
};

const COLUMNS = "t.id, t.name, t.description, t.pool, t.built_in, t.is_default, t.version, t.created_at, t.updated_at";
const RULE = "id, kind, name, enabled, execution_order, definition";

/** What operators say of a typology besides its rules. */
type Texts = { readonly name: string; readonly description: string; readonly pool: string | null };

export type Heading = ReturnType<typeof presentHeading>;

function presentHeading(row: Row) {
  return {
    id: String(row.id),
    name: row.name,
    description: row.description,
    pool: row.pool,
    builtIn: row.built_in,
    isDefault: row.is_default,
    version: row.version,
    createdAt: formatInstant(row.created_at),
    updatedAt: formatInstant(row.updated_at),
  };
}

/** Oldest first, those after `after`. */
export async function listTypologies(db: Db, after: number | null, limit: number) {
  const rows = await db.query<Row & { own: number; changed: number }>(
    `select ${COLUMNS}, count(r.id) filter (where r.kind <> 'built-in') as own,
            count(r.id) filter (where r.kind = 'built-in') as changed
       from typologies t left join typology_rules r on r.typology_id = t.id
      where $1::bigint is null or t.id > $1 group by t.id order by t.id limit $2`,
    [after, limit],
  );
  return rows.map((row) => ({ ...presentHeading(row), ownRules: row.own, changedRules: row.changed }));
}

/** Null: the platform's default. `share`: it stays until the transaction ends. */
export async function findTypology(db: Queryable, id: number | null, lock: "" | "share" | "update" = "") {
  const [row] = await db.query<Row>(
    `select ${COLUMNS} from typologies t where ${id === null ? "is_default" : "id = $1"} ${lock && `for ${lock}`}`,
    id === null ? [] : [id],
  );
  return row ? presentHeading(row) : null;
}

export function loadRules(db: Queryable, typology: number): Promise<RuleRow[]> {
  return db.query<RuleRow>(`select ${RULE} from typology_rules where typology_id = $1 order by execution_order, id`, [
    typology,
  ]);
}

export async function isNameTaken(db: Queryable, name: string, besides: number | null): Promise<boolean> {
  const rows = await db.query(
    "select 1 from typologies where fold_text(name) = fold_text($1) and id is distinct from $2",
    [name, besides],
  );
  return rows.length > 0;
}

/** `pool`: null for none of its own. */
export async function insertTypology(tx: Tx, { name, description, pool }: Texts, now: Instant): Promise<number> {
  const [row] = await tx.query<{ id: number }>(
    "insert into typologies (name, description, pool, created_at, updated_at) values ($1, $2, $4, $3, $3) returning id",
    [name, description, timestamp(now), pool],
  );
  return (row as { id: number }).id;
}

export async function updateTypology(
  tx: Tx,
  id: number,
  { name, description, pool }: Texts,
  now: Instant,
): Promise<void> {
  await tx.query(
    "update typologies set name = $2, description = $3, pool = $5, version = version + 1, updated_at = $4 where id = $1",
    [id, name, description, timestamp(now), pool],
  );
}

/** A rule to write; without an id a new one. */
export type RuleToSave = Omit<RuleRow, "id"> & { readonly id: number | null };

/** These and no others, in a few statements: those that have an id keep it. */
export async function saveRules(tx: Tx, typology: number, rules: readonly RuleToSave[]): Promise<void> {
  const kept = rules.flatMap(({ id }) => id ?? []);
  await tx.query("delete from typology_rules where typology_id = $1 and not (id = any($2))", [typology, kept]);
  // Two rules that exchange their names do not stand in each other's way.
  await tx.query("update typology_rules set name = id || ' ' || name where typology_id = $1", [typology]);
  const columns = "id bigint, kind text, name text, enabled boolean, execution_order int, definition jsonb";
  const given = `rows from (jsonb_to_recordset($2::jsonb) as (${columns})) with ordinality
    as n(id, kind, name, enabled, execution_order, definition, place)`;
  await tx.query(
    `update typology_rules r
        set name = n.name, enabled = n.enabled, execution_order = n.execution_order, definition = n.definition
       from ${given} where r.typology_id = $1 and r.id = n.id`,
    [typology, JSON.stringify(rules.filter(({ id }) => id !== null))],
  );
  await tx.query(
    `insert into typology_rules (typology_id, kind, name, enabled, execution_order, definition)
     select $1, n.kind, n.name, n.enabled, n.execution_order, n.definition from ${given} order by n.place`,
    [typology, JSON.stringify(rules.filter(({ id }) => id === null))],
  );
}

export async function deleteTypology(tx: Tx, id: number): Promise<void> {
  await tx.query("delete from typologies where id = $1", [id]);
}

export async function setDefault(tx: Tx, id: number, now: Instant): Promise<void> {
  await tx.query("update typologies set is_default = false where is_default and id <> $1", [id]);
  await tx.query(
    "update typologies set is_default = true, version = version + 1, updated_at = $2 where id = $1 and not is_default",
    [id, timestamp(now)],
  );
}

/** At most three that name the typology: deliveries that are not over, and templates of deliveries. */
export async function findUsers(tx: Tx, id: number): Promise<string[]> {
  const rows = await tx.query<{ name: string }>(
    `select 'delivery ' || id as name from deliveries
      where settings ->> 'typology' = $1 and state not in ('finished', 'stopped')
     union all
     select 'template "' || label || '"' from templates where defaults #>> '{settings,typology}' = $1
     limit 3`,
    [String(id)],
  );
  return rows.map(({ name }) => name);
}
