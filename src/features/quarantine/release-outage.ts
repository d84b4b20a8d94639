/** Takes back what a provider's outage did: while it answered "unknown user" to everybody, nobody's address was wrong. */
import type { Instant } from "../../core/time.ts";
import { timestamp, type Db } from "../../platform/db.ts";

export type QuarantinedByOutage = {
  readonly provider: string;
  /** Null: all sites of the provider. */
  readonly site: string | null;
  /** First answer of the burst. */
  readonly since: Instant;
};

/** Answers with how many addresses are no longer in quarantine. What they had counted before stays. */
export async function releaseOutage(db: Db, outage: QuarantinedByOutage, now: Instant): Promise<number> {
  const rows = await db.query(
    `with burst as (
       select q.match_key, q.errors from quarantine q
         join domain_sites d on d.domain = substring(q.match_key from '[^@]*$')
        where q.status in ('quarantined', 'held') and q.reason = 'user-unknown' and q.updated_at >= $1
          and d.provider = $2 and ($3::text is null or d.site = $3)
        order by q.match_key for update of q),
     told as (
       insert into quarantine_history (match_key, at, status, reason, error_text, cause, provider)
       select match_key, $4, case when errors > 1 then 'with-errors' else 'valid' end, 'error-ignored',
              'the provider refused everybody at that time', 'outage', $2
         from burst),
     gone as (delete from quarantine q using burst b where q.match_key = b.match_key and b.errors <= 1 returning q.match_key),
     kept as (update quarantine q set status = 'with-errors', errors = q.errors - 1, updated_at = $4
                from burst b where q.match_key = b.match_key and b.errors > 1 returning q.match_key)
     select match_key from gone union all select match_key from kept`,
    [timestamp(outage.since), outage.provider, outage.site, timestamp(now)],
  );
  return rows.length;
}
