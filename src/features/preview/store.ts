/** The SQL of previews: recipients of a delivery's audience, one by address or those that are most likely to break it. */
import type { Audience, Preview } from "../../contract/index.ts";
import type { Db } from "../../platform/db.ts";

export type Person = { readonly address: string; readonly attributes: Record<string, unknown> };
export type Case = Exclude<Preview["case"], "recipient" | "attributes">;

/** `r` are the recipients of the audience; its id is the parameter $1. */
const AUDIENCES = {
  all: "from recipients r where $1::bigint is null",
  list: "from list_members l join recipients r on r.id = l.recipient_id where l.list_id = $1::bigint",
  import: `from imports i join list_members l on l.list_id = i.list_id join recipients r on r.id = l.recipient_id
            where i.id = $1::bigint`,
} as const;

function audienceOf(audience: Audience): { from: string; id: string | null } {
  if ("list" in audience) return { from: AUDIENCES.list, id: audience.list };
  if ("import" in audience) return { from: AUDIENCES.import, id: audience.import };
  return { from: AUDIENCES.all, id: null };
}

export async function findPerson(db: Db, audience: Audience, matchKey: string): Promise<Person | null> {
  const { from, id } = audienceOf(audience);
  const [row] = await db.query<Person>(`select r.address, r.attributes ${from} and r.match_key = $2`, [id, matchKey]);
  return row ?? null;
}

/** Beyond Latin with its extensions, general punctuation and currency signs. */
const NON_LATIN = "[^\\x01-\\u024F\\u1E00-\\u1EFF\\u2000-\\u20CF\\u2100-\\u214F]";

/** Each case at most once, and each person: a target of one gives one. */
export async function findWorstCases(db: Db, audience: Audience): Promise<(Person & { readonly case: Case })[]> {
  const { from, id } = audienceOf(audience);
  const rows = await db.query<Person & { id: number; case: Case }>(
    `(select 'longest' as case, r.id, r.address, r.attributes ${from} order by length(r.attributes::text) desc, r.id limit 1)
     union all
     (select 'emptiest', r.id, r.address, r.attributes ${from} order by length(r.attributes::text), r.id limit 1)
     union all
     (select 'non-latin', r.id, r.address, r.attributes ${from} and r.attributes::text ~ $2 order by r.id limit 1)`,
    [id, NON_LATIN],
  );
  return rows.filter((row, index) => rows.findIndex((other) => other.id === row.id) === index);
}
