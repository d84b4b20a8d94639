/** The SQL of the addresses of messages that were judged otherwise. Entries of the quarantine are read and changed through its feature. */
import type { FailureReason, FailureType } from "../../core/bounce/verdict.ts";
import type { Instant } from "../../core/time.ts";
import type { Queryable, Tx } from "../../platform/db.ts";
import type { Snapshot } from "../quarantine/index.ts";
import type { AddressFacts } from "./address-effect.ts";

/** A message that failed for good by the new verdict. */
export type HardError = {
  readonly address: string;
  readonly at: Instant;
  readonly reason: FailureReason;
  readonly reply: string;
  readonly deliveryId: number;
  readonly partId: number;
  readonly seq: number;
};

export type Concerned = {
  readonly matchKey: string;
  readonly recipientId: number;
  readonly error: HardError | null;
};

/** Once for each address, with the newest of its errors. */
export async function insertConcerned(tx: Tx, run: number, concerned: readonly Concerned[]): Promise<void> {
  await tx.query(
    `insert into requalified_addresses as a (requalification_id, match_key, recipient_id, error)
     select $1, match_key, recipient_id, error::jsonb from unnest($2::text[], $3::bigint[], $4::text[]) as c(match_key, recipient_id, error)
     on conflict (requalification_id, match_key) do update
        set error = case when a.error is null or (a.error ->> 'at')::bigint < (excluded.error ->> 'at')::bigint
                         then coalesce(excluded.error, a.error) else a.error end`,
    [
      run,
      concerned.map(({ matchKey }) => matchKey),
      concerned.map(({ recipientId }) => recipientId),
      concerned.map(({ error }) => (error === null ? null : JSON.stringify(error))),
    ],
  );
}

export async function nextConcerned(tx: Tx, run: number, after: string, limit: number): Promise<string[]> {
  const rows = await tx.query<{ match_key: string }>(
    `select match_key from requalified_addresses where requalification_id = $1 and match_key > $2
      order by match_key limit $3`,
    [run, after, limit],
  );
  return rows.map((row) => row.match_key);
}

export type FactsRow = AddressFacts & { readonly matchKey: string; readonly error: HardError | null };

type Row = Omit<FactsRow, "heldBy"> & {
  readonly before: FailureType | null;
  readonly now: FailureType;
  readonly newReason: FailureReason;
};

/**
 * What decides about each address. What this run makes of messages counts as if the log said so already: when it only counts, the log does
 * not. Runs that only count are nobody else's business.
 */
export async function loadFacts(tx: Tx, run: number, matchKeys: readonly string[]): Promise<FactsRow[]> {
  const rows = await tx.query<Row>(
    `select c.match_key as "matchKey", c.error, q.status, q.reason, coalesce(entered.by_answer, false) as "byAnswer",
            r.type as before, r.new_type as now, r.new_reason as "newReason",
            coalesce(log.hard, false) as "hardElsewhere", c.error is not null as "newlyHard",
            coalesce(log.accepted, false) or coalesce(past.let_go, false) as acquitted,
            exists (select from address_allowlist l where l.match_key = c.match_key) as "isAllowed"
       from requalified_addresses c
       left join quarantine q on q.match_key = c.match_key
       left join lateral (
         select h.cause in ('error', 'guard', 'requalified') as by_answer from quarantine_history h
          where h.match_key = c.match_key and h.status = q.status order by h.at desc limit 1) entered on true
       left join lateral (
         select o.type, o.new_type, o.new_reason from requalified_attempts o join requalifications z on z.id = o.requalification_id
          where o.part_id = q.part_id and o.seq = q.seq and o.decides and (z.id = $1 or not z.dry_run and z.state <> 'undone')
          order by z.id desc limit 1) r on true
       left join lateral (
         select max(h.at) filter (where h.status = 'valid') as valid_at,
                bool_or(h.cause in ('released', 'dropped', 'outage') and h.at > to_timestamp((c.error ->> 'at')::bigint / 1000.0)) as let_go
           from quarantine_history h where h.match_key = c.match_key) past on true
       left join lateral (
         select bool_or(m.status = 'failed' and m.type = 'hard' and m.final_at > coalesce(past.valid_at, '-infinity')
                        and not exists (select from requalified_attempts o
                                         where o.requalification_id = $1 and o.part_id = m.part_id and o.seq = m.seq
                                           and o.decides and o.new_type <> 'hard')) as hard,
                bool_or(m.status = 'sent' and m.final_at > to_timestamp((c.error ->> 'at')::bigint / 1000.0)) as accepted
           from messages m where m.recipient_id = c.recipient_id) log on true
      where c.requalification_id = $1 and c.match_key = any($2)
      order by c.match_key`,
    [run, matchKeys],
  );
  return rows.map(({ before, now, newReason, ...row }) => ({
    ...row,
    heldBy: before === null ? null : { before, now, reason: newReason },
  }));
}

export type Changed = { readonly matchKey: string; readonly before: Snapshot; readonly after: Snapshot };

export async function saveChanged(tx: Tx, run: number, changed: readonly Changed[]): Promise<void> {
  await tx.query(
    `update requalified_addresses a set changed = true, before = n.before::jsonb, after = n.after::jsonb
       from unnest($2::text[], $3::text[], $4::text[]) as n(match_key, before, after)
      where a.requalification_id = $1 and a.match_key = n.match_key`,
    [
      run,
      changed.map(({ matchKey }) => matchKey),
      changed.map(({ before }) => before),
      changed.map(({ after }) => after),
    ],
  );
}

export function nextChanged(tx: Queryable, run: number, after: string, limit: number): Promise<Changed[]> {
  return tx.query<Changed>(
    `select match_key as "matchKey", before::text, after::text from requalified_addresses
      where requalification_id = $1 and changed and match_key > $2 order by match_key limit $3`,
    [run, after, limit],
  );
}
