/** The schema of a database as SQL-like text: tables with columns and constraints, indexes, sequences, in order of name. */
import type { Db } from "./db.ts";

type Column = { table: string; kind: string; partition: string | null; name: string; type: string; rest: string };
type Named = { table: string; definition: string };

export async function describeSchema(db: Db): Promise<string> {
  const columns = await db.query<Column>(`
    select c.relname as table, c.relpersistence::text as kind, pg_get_partkeydef(c.oid) as partition, a.attname as name,
           format_type(a.atttypid, a.atttypmod) as type,
           concat(case when a.attnotnull then ' not null' end,
                  case when a.attidentity <> '' then ' generated always as identity' end,
                  ' default ' || pg_get_expr(d.adbin, d.adrelid)) as rest
      from pg_class c
      join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
      left join pg_attrdef d on d.adrelid = c.oid and d.adnum = a.attnum
     where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p')
     order by c.relname collate "C", a.attnum`);
  // PostgreSQL 18 lists NOT NULL as constraints too; they are in the columns already.
  const constraints = await db.query<Named>(`
    select conrelid::regclass::text as table, format('constraint %I %s', conname, pg_get_constraintdef(oid)) as definition
      from pg_constraint where connamespace = 'public'::regnamespace and conrelid <> 0 and contype <> 'n'
     order by conname collate "C"`);
  const indexes = await db.query<Named>(`
    select tablename as table, indexdef as definition from pg_indexes
     where schemaname = 'public' and not exists (
       select 1 from pg_constraint where connamespace = 'public'::regnamespace and conname = indexname)
     order by indexname collate "C"`);
  const sequences = await db.query<{ name: string }>(`
    select c.relname as name from pg_class c
     where c.relnamespace = 'public'::regnamespace and c.relkind = 'S'
       and not exists (select 1 from pg_depend where objid = c.oid and deptype in ('a', 'i')) order by 1`);
  const tables = [...new Set(columns.map((column) => column.table))];
  return [
    "-- Written by `npm run db:dump`; the migrations are the source.",
    ...tables.map((table) => describeTable(table, columns, constraints, indexes)),
    ...sequences.map(({ name }) => `create sequence ${name};`),
    "",
  ].join("\n\n");
}

function describeTable(
  table: string,
  all: readonly Column[],
  constraints: readonly Named[],
  indexes: readonly Named[],
): string {
  const columns = all.filter((column) => column.table === table);
  const first = columns[0];
  const lines = [
    ...columns.map((column) => `  ${column.name} ${column.type}${column.rest}`),
    ...constraints.filter((c) => c.table === table).map((c) => `  ${c.definition}`),
  ];
  const head = `create ${first?.kind === "u" ? "unlogged " : ""}table ${table} (\n${lines.join(",\n")}\n)`;
  const partition = first?.partition ? ` partition by ${first.partition}` : "";
  return [`${head}${partition};`, ...indexes.filter((i) => i.table === table).map((i) => `${i.definition};`)].join(
    "\n",
  );
}
