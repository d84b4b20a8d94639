/** The SQL that ends what `lapsed` of core/quarantine/address-state.ts says of single addresses, for all of them. */
import type { QuarantinePolicy } from "../../core/quarantine/address-state.ts";
import type { Instant } from "../../core/time.ts";
import { timestamp, type Queryable } from "../../platform/db.ts";

/** Addresses with errors that were long ago are valid again. Rows that others are writing are left to the next night. */
export async function endLapsed(db: Queryable, { resetAfter, reasons }: QuarantinePolicy, now: Instant): Promise<void> {
  const own = Object.entries(reasons);
  await db.query(
    `with lapsed as (
       select q.match_key from quarantine q left join unnest($2::text[], $3::bigint[]) as own(reason, after) on own.reason = q.reason
        where q.status = 'with-errors' and q.counted_at < $1::timestamptz - coalesce(own.after, $4) * interval '1 millisecond'
        order by q.match_key for update of q skip locked),
     gone as (
       delete from quarantine q using lapsed l where q.match_key = l.match_key returning q.match_key, q.reason, q.provider)
     insert into quarantine_history (match_key, at, status, reason, cause, provider)
     select match_key, $1, 'valid', reason, 'lapsed', provider from gone`,
    [timestamp(now), own.map(([reason]) => reason), own.map(([, policy]) => policy.resetAfter), resetAfter],
  );
}
