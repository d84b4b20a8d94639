/** SQL that makes copies due now. Lock order everywhere: parts of the ledger by id, then copies, counters, alerts. */
import { ERASED_ADDRESS } from "../../core/audience/erased.ts";
import type { MessageKey } from "../../core/delivery/status.ts";
import type { Instant } from "../../core/time.ts";
import { type Queryable, timestamp, type Tx } from "../../platform/db.ts";

export type RetryScope = {
  /** Null: of all messages. */
  readonly messages: readonly MessageKey[] | null;
  readonly delivery: number | null;
  readonly archive: number | null;
  /** What was given up, too. */
  readonly reopens: boolean;
};

export async function listRetryParts(
  db: Queryable,
  scope: RetryScope,
  after: number,
  limit: number,
): Promise<number[]> {
  const rows = await db.query<{ part_id: number }>(
    `select part_id from archive_parts
      where part_id > $1 and (owed > 0 or ($2 and given_up > 0))
        and ($3::bigint[] is null or part_id = any($3)) and ($4::bigint is null or delivery_id = $4)
      order by part_id limit $5`,
    [after, scope.reopens, scope.messages?.map((key) => key.partId) ?? null, scope.delivery, limit],
  );
  return rows.map((row) => row.part_id);
}

/** Which copies; the first parameter is the parts, the next three are these. */
const IN_SCOPE = `c.part_id = any($1) and ($2::bigint is null or c.archive = $2)
  and ($3::bigint[] is null or exists (
        select from unnest($3::bigint[], $4::int[]) as k(part_id, seq) where k.part_id = c.part_id and k.seq = c.seq))`;

function scopeParams(parts: readonly number[], { archive, messages }: RetryScope) {
  return [parts, archive, messages?.map((key) => key.partId) ?? null, messages?.map((key) => key.seq) ?? null];
}

/**
 * What was given up is owed again, from now on: it gets all the time that a new debt has. Not for messages that were erased (nothing to make
 * them of) and not for archives that are gone.
 */
export async function reopenCopies(tx: Tx, parts: readonly number[], scope: RetryScope, now: Instant): Promise<number> {
  const [row] = await tx.query<{ n: number }>(
    `with reopened as (
       update archive_copies c set state = 'owed', due_since = $5, next_attempt_at = $5
         from archives a, messages m
        where ${IN_SCOPE} and c.state = 'given-up' and a.id = c.archive and a.removed_at is null
          and m.part_id = any($1) and m.part_id = c.part_id and m.seq = c.seq and m.address <> $6
        returning c.part_id, c.archive),
     parts as (
       update archive_parts p set owed = p.owed + r.n, given_up = p.given_up - r.n,
              due_at = case when p.owner is null then least(p.due_at, $5) else p.due_at end
         from (select part_id, count(*)::int as n from reopened group by part_id) r where p.part_id = r.part_id),
     counters as (
       insert into archive_counters as c (archive, delivery_id, sender, owed, given_up)
       select r.archive, p.delivery_id, '', count(*), -count(*)
         from reopened r join archive_parts p on p.part_id = r.part_id group by r.archive, p.delivery_id
       on conflict (archive, delivery_id, sender)
       do update set owed = c.owed + excluded.owed, given_up = c.given_up + excluded.given_up)
     select count(*) as n from reopened`,
    [...scopeParams(parts, scope), timestamp(now), ERASED_ADDRESS],
  );
  return row?.n ?? 0;
}

/**
 * How many are owed, whether their time was far or had come: what is due already may lie in a part that was put off because its archive
 * refused everything. Of a part that a sender has at this moment, the lease stays: it looks again when it gives the part back. What was never
 * tried is in a sender's hand until its date, two minutes away at most: brought by another one, the archive would have it twice.
 */
export async function tryNow(tx: Tx, parts: readonly number[], scope: RetryScope, now: Instant): Promise<number> {
  const [row] = await tx.query<{ n: number }>(
    `with owed as (select c.part_id from archive_copies c where ${IN_SCOPE} and c.state = 'owed'),
     sooner as (
       update archive_copies c set next_attempt_at = $5
        where ${IN_SCOPE} and c.state = 'owed' and c.attempts > 0 and c.next_attempt_at > $5),
     parts as (
       update archive_parts p set due_at = least(p.due_at, $5)
        where p.owner is null and p.part_id in (select part_id from owed))
     select count(*) as n from owed`,
    [...scopeParams(parts, scope), timestamp(now)],
  );
  return row?.n ?? 0;
}
