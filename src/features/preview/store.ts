/** The SQL of previews: recipients of a delivery's audience, one by address or those that are most likely to break it. */
import type { Audience, Preview } from "../../contract/index.ts";
import type { Instant } from "../../core/time.ts";
import type { Db } from "../../platform/db.ts";
import { compileSegment, prepareChoice } from "../segments/index.ts";

export type Person = { readonly address: string; readonly attributes: Record<string, unknown> };
export type Case = Exclude<Preview["case"], "recipient" | "attributes">;

/** `r` are the recipients of the audience; its id is the parameter $1. */
const AUDIENCES = {
  all: "from recipients r where $1::bigint is null",
  list: "from list_members l join recipients r on r.id = l.recipient_id where l.list_id = $1::bigint",
  import: `from imports i join list_members l on l.list_id = i.list_id join recipients r on r.id = l.recipient_id
            where i.id = $1::bigint`,
  file: "from (select line as id, address, match_key, attributes from file_rows where import_id = $1::bigint) r where true",
} as const;

type From = { readonly from: string; readonly params: readonly unknown[] };

/** The last parameter of `from` is number `params.length`. */
async function audienceOf(db: Db, audience: Audience, now: Instant): Promise<From> {
  if ("all" in audience) return { from: AUDIENCES.all, params: [null] };
  if ("list" in audience) return { from: AUDIENCES.list, params: [audience.list] };
  if ("import" in audience) return { from: AUDIENCES.import, params: [audience.import] };
  if ("file" in audience) return { from: AUDIENCES.file, params: [audience.file] };
  const { prepared } = await prepareChoice(db, audience, now);
  const { sql, params } = compileSegment(prepared, { now, recipient: "r" });
  return { from: `from recipients r where ${sql}`, params };
}

export async function findPerson(db: Db, audience: Audience, matchKey: string, now: Instant): Promise<Person | null> {
  const { from, params } = await audienceOf(db, audience, now);
  const [row] = await db.query<Person>(
    `select r.address, r.attributes ${from} and r.match_key = $${params.length + 1}`,
    [...params, matchKey],
  );
  return row ?? null;
}

/** Beyond Latin with its extensions, general punctuation and currency signs. */
const NON_LATIN = "[^\\x01-\\u024F\\u1E00-\\u1EFF\\u2000-\\u20CF\\u2100-\\u214F]";

/** Each case at most once, and each person: a target of one gives one. */
export async function findWorstCases(
  db: Db,
  audience: Audience,
  now: Instant,
): Promise<(Person & { readonly case: Case })[]> {
  const { from, params } = await audienceOf(db, audience, now);
  const rows = await db.query<Person & { id: number; case: Case }>(
    `(select 'longest' as case, r.id, r.address, r.attributes ${from} order by length(r.attributes::text) desc, r.id limit 1)
     union all
     (select 'emptiest', r.id, r.address, r.attributes ${from} order by length(r.attributes::text), r.id limit 1)
     union all
     (select 'non-latin', r.id, r.address, r.attributes ${from} and r.attributes::text ~ $${params.length + 1} order by r.id limit 1)`,
    [...params, NON_LATIN],
  );
  return rows.filter((row, index) => rows.findIndex((other) => other.id === row.id) === index);
}
