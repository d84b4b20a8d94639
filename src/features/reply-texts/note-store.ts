/** The SQL that keeps reply texts and forgets them. */
import { timestamp, type Queryable, type Tx } from "../../platform/db.ts";
import type { Instant } from "../../core/time.ts";
import type { Noted, NotedDay } from "./noted.ts";

/** Providers and stages of a text that are kept. */
const LIST_MAX = 20;

export async function findKnownKeys(tx: Tx, keys: readonly string[]): Promise<Set<string>> {
  const rows = await tx.query<{ key: string }>("select key from reply_texts where key = any($1)", [keys]);
  return new Set(rows.map(({ key }) => key));
}

export async function countNewTexts(
  tx: Tx,
  providers: readonly string[],
  since: Instant,
): Promise<Map<string, number>> {
  const rows = await tx.query<{ provider: string; count: number }>(
    `select first_provider as provider, count(*) as count from reply_texts
      where first_provider = any($1) and first_seen >= $2 group by 1`,
    [providers, timestamp(since)],
  );
  return new Map(rows.map(({ provider, count }) => [provider, count]));
}

/** In the order given. What a person said of a text stays; what rules say follows them. */
export async function saveTexts(tx: Tx, texts: readonly Noted[]): Promise<Map<string, number>> {
  const rows = await tx.query<{ id: number; key: string }>(
    `insert into reply_texts as t (key, text, first_text, code, enhanced, count, providers, stages, first_provider, first_seen,
                                   last_seen, state, type, reason, rule)
     select n.key, n.text, n.first_text, n.code, n.enhanced, n.count, string_to_array(n.providers, ' '),
            string_to_array(n.stages, ' '), split_part(n.providers, ' ', 1), n.first_seen, n.last_seen,
            case n.type when 'not-defined' then 'to-qualify' else 'keep' end, n.type, n.reason, n.rule
       from unnest($1::text[], $2::text[], $3::text[], $4::smallint[], $5::text[], $6::bigint[], $7::text[], $8::text[],
                   $9::timestamptz[], $10::timestamptz[], $11::text[], $12::text[], $13::text[])
         with ordinality as n(key, text, first_text, code, enhanced, count, providers, stages, first_seen, last_seen, type,
                              reason, rule, n)
      order by n.n
     on conflict (key) do update
        set count = t.count + excluded.count, last_seen = greatest(t.last_seen, excluded.last_seen),
            providers = case when excluded.providers <@ t.providers or cardinality(t.providers) >= ${LIST_MAX} then t.providers
              else (select array_agg(distinct p) from unnest(t.providers || excluded.providers) as p) end,
            stages = case when excluded.stages <@ t.stages then t.stages
              else (select array_agg(distinct s) from unnest(t.stages || excluded.stages) as s) end,
            state = case when t.qualified_at is null then excluded.state else t.state end,
            type = case when t.qualified_at is null then excluded.type else t.type end,
            reason = case when t.qualified_at is null then excluded.reason else t.reason end,
            rule = excluded.rule
     returning t.id, t.key`,
    [
      texts.map((t) => t.key),
      texts.map((t) => t.normalised),
      texts.map((t) => t.first.text),
      texts.map((t) => t.first.code),
      texts.map((t) => t.first.enhanced),
      texts.map((t) => t.count),
      // Names of providers and stages have no blanks.
      texts.map((t) => t.providers.join(" ")),
      texts.map((t) => t.stages.join(" ")),
      texts.map((t) => timestamp(t.first.at)),
      texts.map((t) => timestamp(t.last.at)),
      texts.map((t) => t.last.type),
      texts.map((t) => t.last.reason),
      texts.map((t) => t.last.rule),
    ],
  );
  return new Map(rows.map(({ id, key }) => [key, id]));
}

/** After their texts, whose rows are locked then. */
export async function saveDays(tx: Tx, days: readonly NotedDay[], ids: ReadonlyMap<string, number>): Promise<void> {
  await tx.query(
    `insert into reply_text_days as d (text_id, day, provider, stage, mx, count)
     select n.text_id, (n.at at time zone 'UTC')::date, n.provider, n.stage, n.mx, n.count
       from unnest($1::bigint[], $2::timestamptz[], $3::text[], $4::text[], $5::text[], $6::bigint[])
         as n(text_id, at, provider, stage, mx, count)
     on conflict (text_id, day, provider, stage) do update
        set count = d.count + excluded.count, mx = coalesce(d.mx, excluded.mx)`,
    [
      days.map(({ key }) => ids.get(key)),
      days.map(({ at }) => timestamp(at)),
      days.map(({ provider }) => provider),
      days.map(({ stage }) => stage),
      days.map(({ mx }) => mx),
      days.map(({ count }) => count),
    ],
  );
}

/** What nobody qualified and nobody gave since; of the rest that nobody qualified, the newest `most`. */
export async function forgetTexts(db: Queryable, since: Instant, most: number): Promise<number> {
  const rows = await db.query(
    `delete from reply_texts
      where qualified_at is null
        and (last_seen < $1 or id in (select id from reply_texts where qualified_at is null
                                       order by last_seen desc, id desc offset $2))
     returning 1`,
    [timestamp(since), most],
  );
  return rows.length;
}

export async function forgetDays(db: Queryable, since: Instant): Promise<void> {
  await db.query("delete from reply_text_days where day < ($1::timestamptz at time zone 'UTC')::date", [
    timestamp(since),
  ]);
}
