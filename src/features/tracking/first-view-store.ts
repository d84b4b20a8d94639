/** SQL of when a message may have been seen first, and of the events that wait until that is known. */
import type { MessageKey } from "../../core/delivery/status.ts";
import type { Instant } from "../../core/time.ts";
import type { TimeFacts, WireTime } from "../../core/tracking/judge-by-time.ts";
import { timestamp, type Queryable, type Tx } from "../../platform/db.ts";
import type { StorableEvent } from "./store.ts";

type Row = {
  part_id: number;
  seq: number;
  in_doubt: boolean;
  held: boolean;
  accepted: boolean | null;
  at: Instant;
  duration_ms: number | null;
};

/**
 * By message key; only messages of deliveries whose copies are made before the originals leave are in it. One statement, so that
 * an outcome and the release of its part are seen together or not at all.
 */
export async function loadTimeFacts(
  db: Queryable,
  keys: readonly MessageKey[],
): Promise<Map<string, Omit<TimeFacts, "at">>> {
  if (keys.length === 0) return new Map();
  const rows = await db.query<Row>(
    // limit: each message by its key, whatever the planner thinks of the list.
    `select k.part_id, k.seq, m.in_doubt, p.owner is not null as held, a.accepted, a.at, a.duration_ms
       from (select distinct * from unnest($1::bigint[], $2::int[])) as k(part_id, seq)
       join delivery_parts p on p.id = k.part_id
       join deliveries d on d.id = p.delivery_id and d.archive->>'timing' = 'before'
       cross join lateral (select in_doubt from messages where part_id = k.part_id and seq = k.seq limit 1) m
       left join lateral (
         select kind = 'accepted' as accepted, at, duration_ms from message_attempts
          where part_id = k.part_id and seq = k.seq and stage = 'dot') a on true`,
    [keys.map(({ partId }) => partId), keys.map(({ seq }) => seq)],
  );
  const facts = new Map<string, { inDoubt: boolean; held: boolean; attempts: WireTime[] }>();
  for (const row of rows) {
    const key = `${row.part_id}-${row.seq}`;
    const known = facts.get(key) ?? { inDoubt: row.in_doubt, held: row.held, attempts: [] };
    facts.set(key, known);
    if (row.accepted === null) continue;
    const from = row.duration_ms === null ? null : row.at - row.duration_ms;
    known.attempts.push({ accepted: row.accepted, from, to: row.at });
  }
  return facts;
}

export type Undecided = { readonly event: StorableEvent; readonly until: Instant };

/** Keeping one again changes nothing. */
export async function keepUndecided(tx: Tx, kept: readonly Undecided[], checkAt: Instant): Promise<void> {
  if (kept.length === 0) return;
  await tx.query(
    `insert into tracking_undecided (event_id, event, check_at, until)
     select id, event, $3, until from unnest($1::text[], $2::jsonb[], $4::timestamptz[]) as e(id, event, until)
     on conflict do nothing`,
    [
      kept.map(({ event }) => event.id),
      kept.map(({ event }) => JSON.stringify(event)),
      timestamp(checkAt),
      kept.map(({ until }) => timestamp(until)),
    ],
  );
}

/** Those that are to be looked at again, for this transaction alone. */
export function takeUndecided(tx: Tx, now: Instant, limit: number): Promise<Undecided[]> {
  return tx.query<{ event: StorableEvent; until: Instant }>(
    `select event, until from tracking_undecided where check_at <= $1
      order by check_at, event_id limit $2 for update skip locked`,
    [timestamp(now), limit],
  );
}

export async function dropUndecided(tx: Tx, ids: readonly string[]): Promise<void> {
  if (ids.length > 0) await tx.query("delete from tracking_undecided where event_id = any($1)", [ids]);
}

export async function postponeUndecided(tx: Tx, ids: readonly string[], checkAt: Instant): Promise<void> {
  if (ids.length === 0) return;
  await tx.query("update tracking_undecided set check_at = $2 where event_id = any($1)", [ids, timestamp(checkAt)]);
}

export async function countUndecided(db: Queryable): Promise<number> {
  const [row] = await db.query<{ count: number }>("select count(*) from tracking_undecided");
  return row?.count ?? 0;
}
