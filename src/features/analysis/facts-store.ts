/** The SQL of what the checks ask about the target: formats, attributes, samples, archives. */
import type { Tx } from "../../platform/db.ts";
import type { ArchiveFacts } from "./copy-items.ts";

/** How many messages each pair of domain and preferred format gets. */
export function countFormats(
  tx: Tx,
  attribute: string,
): Promise<{ domain: string; preference: string | null; count: number }[]> {
  return tx.query(
    `select domain, attributes->>$1 as preference, count(*) as count from target
      where reason is null group by domain, attributes->>$1`,
    [attribute],
  );
}

export type Coverage = { readonly attribute: string; readonly present: number; readonly known: boolean };

/** For how many messages each attribute has a value, and whether any file or recipient ever had it. */
export async function measureCoverage(tx: Tx, attributes: readonly string[]): Promise<Coverage[]> {
  if (attributes.length === 0) return [];
  const counts = attributes.map(
    (_, i) => `count(*) filter (where coalesce(attributes->>$${i + 1}, '') <> '') as a${i}`,
  );
  const [row] = await tx.query<Record<string, number>>(
    `select ${counts.join(", ")} from target where reason is null`,
    attributes,
  );
  const known = await tx.query<{ name: string }>(
    `select distinct jsonb_array_elements_text(columns) as name from imports
      where columns @> any(select to_jsonb(array[n]) from unnest($1::text[]) n)
      union select name from attributes`,
    [attributes],
  );
  const names = new Set(known.map((k) => k.name));
  return attributes.map((attribute, i) => {
    const present = row?.[`a${i}`] ?? 0;
    return { attribute, present, known: present > 0 || names.has(attribute) };
  });
}

export type Sample = { readonly address: string; readonly attributes: Record<string, unknown> };

/** The recipients most likely to break a rendering: the first, the one with most text, the one with least. */
export function loadSamples(tx: Tx): Promise<Sample[]> {
  return tx.query<Sample>(
    `(select address, attributes from target where reason is null order by row_id limit 3)
     union all (select address, attributes from target where reason is null order by length(attributes::text) desc limit 2)
     union all (select address, attributes from target where reason is null order by length(attributes::text) limit 1)`,
  );
}

/** Archives by id, removed ones left out. */
export function loadArchiveFacts(tx: Tx, ids: readonly number[]): Promise<ArchiveFacts[]> {
  return tx.query<ArchiveFacts>(
    `select id, name, enabled, target->>'address' as address, (target->>'ratePerMinute')::int as "ratePerMinute"
       from archives where id::bigint = any($1::bigint[]) and removed_at is null order by id`,
    [ids],
  );
}

/** Which of these match keys get a message. */
export async function findInTarget(tx: Tx, matchKeys: readonly string[]): Promise<string[]> {
  if (matchKeys.length === 0) return [];
  const rows = await tx.query<{ match_key: string }>(
    "select match_key from target where match_key = any($1) and reason is null and row_id > 0",
    [matchKeys],
  );
  return rows.map((row) => row.match_key);
}

/** Copies owed, of all deliveries. */
export async function sumDebt(tx: Tx): Promise<number> {
  const [row] = await tx.query<{ owed: number }>(
    "select coalesce(sum(owed), 0) as owed from archive_parts where owed > 0",
  );
  return row?.owed ?? 0;
}
