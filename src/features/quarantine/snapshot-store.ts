/** The SQL of entries as they were, so that a change of many can be taken back as far as nobody changed them since. */
import type { FailureReason } from "../../core/bounce/verdict.ts";
import { timestamp, type Tx } from "../../platform/db.ts";
import type { By } from "./change-by-hand.ts";

/** An entry as JSON, of which only this file knows what is in it; null: there is none. */
export type Snapshot = string | null;

/** Locks them, in the order of match keys. Those that have no entry are not in it. */
export async function lockSnapshots(tx: Tx, matchKeys: readonly string[]): Promise<Map<string, Snapshot>> {
  const rows = await tx.query<{ match_key: string; entry: string }>(
    `select match_key, to_jsonb(q)::text as entry from quarantine q where match_key = any($1) order by match_key for update`,
    [matchKeys],
  );
  return new Map(rows.map(({ match_key: key, entry }) => [key, entry]));
}

/** Call with the entries locked: what their messages failed for has another name. */
export async function changeReasons(
  tx: Tx,
  reasons: readonly { readonly matchKey: string; readonly reason: FailureReason }[],
  by: By,
): Promise<void> {
  await tx.query(
    `with given as (select * from unnest($1::text[], $2::text[]) as g(match_key, reason)),
     changed as (
       update quarantine q set reason = g.reason, updated_at = $3 from given g where q.match_key = g.match_key returning q.*)
     insert into quarantine_history (match_key, at, status, reason, error_text, delivery_id, part_id, seq, cause, provider, actor, note)
     select match_key, $3, status, reason, error_text, delivery_id, part_id, seq, 'requalified', provider, $4, $5 from changed`,
    [reasons.map(({ matchKey }) => matchKey), reasons.map(({ reason }) => reason), timestamp(by.at), by.actor, by.note],
  );
}

export type Restored = { readonly matchKey: string; readonly before: Snapshot; readonly after: Snapshot };

/** Entries that are still as they were `after` become as they were `before`. Answers with how many. */
export async function restoreSnapshots(tx: Tx, given: readonly Restored[], by: By): Promise<number> {
  const keys = given.map(({ matchKey }) => matchKey);
  await lockSnapshots(tx, keys);
  const rows = await tx.query(
    `with given as (select match_key, before::jsonb, after::jsonb
                      from unnest($1::text[], $2::text[], $3::text[]) as g(match_key, before, after)),
     same as (
       select g.*, coalesce(g.before, g.after) as told
         from given g left join quarantine q on q.match_key = g.match_key
        where case when g.after is null then q.match_key is null
                   else q = jsonb_populate_record(null::quarantine, g.after) end),
     gone as (delete from quarantine q using same s where s.before is null and q.match_key = s.match_key),
     back as (
       insert into quarantine
       select b.* from same s cross join lateral jsonb_populate_record(null::quarantine, s.before) b
        where s.before is not null order by s.match_key
       on conflict (match_key) do update
          set (address, status, reason, error_text, errors, updated_at, delivery_id, provider, counted_at, reason_since, part_id, seq)
            = (excluded.address, excluded.status, excluded.reason, excluded.error_text, excluded.errors, excluded.updated_at,
               excluded.delivery_id, excluded.provider, excluded.counted_at, excluded.reason_since, excluded.part_id, excluded.seq))
     insert into quarantine_history (match_key, at, status, reason, error_text, delivery_id, part_id, seq, cause, provider, actor, note)
     select s.match_key, $4, coalesce(s.before ->> 'status', 'valid'), e.reason, e.error_text, e.delivery_id, e.part_id, e.seq,
            'requalified', e.provider, $5, $6
       from same s cross join lateral jsonb_populate_record(null::quarantine, s.told) e
     returning 1`,
    [keys, given.map(({ before }) => before), given.map(({ after }) => after), timestamp(by.at), by.actor, by.note],
  );
  return rows.length;
}
