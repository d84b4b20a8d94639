/**
 * Tries again what failed in a delivery that is over, as long as its validity period lasts: after a provider's outage, or
 * when a rule was wrong. The attempts that were made stay in the log and count; every message has the bytes that it had.
 * Whoever is on the denylist or in quarantine by now gets nothing: release them first.
 */
import { parseAddress } from "../../core/address/parse-address.ts";
import type { FailureReason } from "../../core/bounce/verdict.ts";
import type { Instant } from "../../core/time.ts";
import { timestamp, type Db, type Tx } from "../../platform/db.ts";
import { appError } from "../../platform/errors.ts";
import { announce, lockFor, setState } from "./transition.ts";

type Reopened = { readonly part_id: number; readonly address: string; readonly attempted: boolean };

/** Those that failed for one of `reasons`; null: for any. Answers how many. Throws `nothing-to-retry`. */
export async function retryFailed(
  db: Db,
  id: number,
  reasons: readonly FailureReason[] | null,
  actor: string,
  now: Instant,
): Promise<number> {
  return db.transaction(async (tx) => {
    const delivery = await lockFor(tx, id, "retry-failed");
    const [row] = await tx.query<{ over: boolean }>("select valid_until <= $2 as over from deliveries where id = $1", [
      id,
      timestamp(now),
    ]);
    if (row?.over !== false) throw appError("nothing-to-retry", { id, why: "its validity period is over" });
    const reopened = await reopen(tx, id, reasons, now);
    if (reopened.length === 0) throw appError("nothing-to-retry", { id, why: "nobody's message failed so" });
    await countParts(tx, reopened, now);
    await countDestinations(tx, id, reopened);
    await setState(tx, id, delivery.state, "retry-failed", now);
    await tx.query("update deliveries set finished_at = null, hold_reason = null where id = $1", [id]);
    const detail = { messages: reopened.length, ...(reasons === null ? {} : { reasons: reasons.join(", ") }) };
    await announce(tx, id, "delivery.retried-failed", actor, now, detail);
    return reopened.length;
  });
}

async function reopen(
  tx: Tx,
  id: number,
  reasons: readonly FailureReason[] | null,
  now: Instant,
): Promise<readonly Reopened[]> {
  return tx.query<Reopened>(
    `update messages m
        set status = case when m.attempts > 0 then 'taken-into-account' else 'pending' end,
            final_at = null, next_attempt_at = case when m.attempts > 0 then $3::timestamptz end
       from (select id from delivery_parts where delivery_id = $1 and not seeds order by id for update) p
      where m.part_id = p.id and m.status = 'failed' and not m.relayed and ($2::text[] is null or m.reason = any($2))
        and not exists (
          select 1 from recipients r
            left join quarantine q on q.match_key = r.match_key and q.status = 'quarantined'
           where r.id = m.recipient_id and (r.denylisted_at is not null or q.match_key is not null))
        and not exists (
          select 1 from deliveries d
            join file_rows f on f.import_id = (d.audience ->> 'file')::bigint
            left join recipients r on r.match_key = f.match_key
            left join quarantine q on q.match_key = f.match_key and q.status = 'quarantined'
           where d.id = $1 and f.address = m.address and (r.denylisted_at is not null or q.match_key is not null))
      returning m.part_id, m.address, m.attempts > 0 as attempted`,
    [id, reasons, timestamp(now)],
  );
}

/** What a sender that comes back late says about them is of no use any more: their epoch is over. */
async function countParts(tx: Tx, reopened: readonly Reopened[], now: Instant): Promise<void> {
  await tx.query(
    `update delivery_parts p
        set failed = p.failed - c.n, retrying = p.retrying + c.attempted, pending = p.pending + c.n - c.attempted,
            epoch = p.epoch + 1, due_at = $3
       from (select part_id, count(*)::int as n, count(*) filter (where attempted)::int as attempted
               from unnest($1::bigint[], $2::boolean[]) as t(part_id, attempted) group by part_id) c
      where p.id = c.part_id`,
    [reopened.map((m) => m.part_id), reopened.map((m) => m.attempted), timestamp(now)],
  );
}

async function countDestinations(tx: Tx, id: number, reopened: readonly Reopened[]): Promise<void> {
  await tx.query(
    `insert into destination_counters as c (delivery_id, domain, sender, failed, retrying)
     select $1, domain, '', -count(*), count(*) filter (where attempted)
       from unnest($2::text[], $3::boolean[]) as t(domain, attempted) group by domain order by domain
     on conflict (delivery_id, domain, sender) do update
        set failed = c.failed + excluded.failed, retrying = c.retrying + excluded.retrying`,
    [id, reopened.map((m) => domainOf(m.address)), reopened.map((m) => m.attempted)],
  );
}

function domainOf(address: string): string {
  const parsed = parseAddress(address);
  return parsed.kind === "valid" ? parsed.domain : "";
}
