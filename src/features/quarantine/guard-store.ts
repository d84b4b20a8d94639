/** The SQL of the outage guard: answers of providers by the hour, and what persons said about them. */
import type { Answers } from "../../core/quarantine/outage-guard.ts";
import { DAY, HOUR, type Instant } from "../../core/time.ts";
import { timestamp, type Db, type Tx } from "../../platform/db.ts";

/** Commits that come together mostly write different rows. */
const SHARDS = 16;
/** This hour and the one before. */
const RECENT = HOUR;
const KEEP = 14 * DAY;

export const recentSince = (now: Instant): Instant => hourOf(now) - RECENT;

const hourOf = (now: Instant): Instant => now - (now % HOUR);

type Counts = ReadonlyMap<string, Answers>;

/** Counts final answers by provider, as `domain_sites` knows the domains. */
export function countAnswers(tx: Tx, domains: Counts, now: Instant): Promise<void> {
  const byProvider = `select s.provider, sum(d.answers) as answers, sum(d.unknown) as unknown
       from d join domain_sites s on s.domain = d.domain where s.provider <> 'other' group by s.provider`;
  return addAnswers(tx, byProvider, domains, now);
}

/** The same of domains that belong to no provider with a name: each counts as one, by its own name. */
export function countDomains(tx: Tx, domains: Counts, now: Instant): Promise<void> {
  return addAnswers(tx, "select domain as provider, answers, unknown from d", domains, now);
}

/** `counted`: what is added, made of the domains `d`. In the order of names, in which everybody locks these rows. */
async function addAnswers(tx: Tx, counted: string, domains: Counts, now: Instant): Promise<void> {
  const rows = [...domains];
  if (rows.length === 0) return;
  await tx.query(
    `with d as (select * from unnest($1::text[], $2::int[], $3::int[]) as d(domain, answers, unknown))
     insert into provider_answers as p (provider, hour, shard, answers, unknown)
     select c.provider, $4, pg_backend_pid() % ${SHARDS}, c.answers, c.unknown from (${counted}) c order by c.provider
     on conflict (provider, hour, shard) do update
        set answers = p.answers + excluded.answers, unknown = p.unknown + excluded.unknown`,
    [
      rows.map(([domain]) => domain),
      rows.map(([, { answers }]) => answers),
      rows.map(([, { unknown }]) => unknown),
      timestamp(hourOf(now)),
    ],
  );
}

export type ProviderShares = { readonly recent: Answers; readonly usual: Answers; readonly isTrusted: boolean };

export async function loadShares(
  db: Db | Tx,
  providers: readonly string[],
  now: Instant,
): Promise<Map<string, ProviderShares>> {
  const rows = await db.query<
    Record<"recent" | "recent_unknown" | "usual" | "usual_unknown", number> & { provider: string; trusted: boolean }
  >(
    `select provider,
            coalesce(sum(answers) filter (where hour >= $2), 0)::int8 as recent,
            coalesce(sum(unknown) filter (where hour >= $2), 0)::int8 as recent_unknown,
            coalesce(sum(answers) filter (where hour < $2), 0)::int8 as usual,
            coalesce(sum(unknown) filter (where hour < $2), 0)::int8 as usual_unknown,
            exists (select from provider_trust t where t.provider = p.provider and t.until > $3) as trusted
       from provider_answers p where provider = any($1) and hour >= $4 group by provider`,
    [providers, timestamp(recentSince(now)), timestamp(now), timestamp(now - KEEP)],
  );
  return new Map(
    rows.map((row) => [
      row.provider,
      {
        recent: { answers: row.recent, unknown: row.recent_unknown },
        usual: { answers: row.usual, unknown: row.usual_unknown },
        isTrusted: row.trusted,
      },
    ]),
  );
}

/** What the burst put into quarantine before it was noticed. Rows that others are writing are left to their next look. */
export async function holdBurst(tx: Tx, provider: string, since: Instant, now: Instant): Promise<void> {
  await tx.query(
    `with burst as (
       select match_key from quarantine
        where updated_at >= $2 and status = 'quarantined' and reason = 'user-unknown'
          -- of the very first nobody knew yet where their domains lead
          and (provider = $1 or (provider is null and (substring(match_key from '[^@]*$') = $1 or
                 substring(match_key from '[^@]*$') in (select domain from domain_sites where provider = $1))))
          and not exists (select from quarantine_history h
                           where h.match_key = quarantine.match_key and h.cause in ('put-in', 'confirmed', 'imported') and h.at >= $2)
        order by match_key for update skip locked),
     held as (
       update quarantine q set status = 'held', provider = $1, updated_at = $3 from burst b where q.match_key = b.match_key
       returning q.match_key, q.reason, q.error_text, q.delivery_id, q.part_id, q.seq)
     insert into quarantine_history (match_key, at, status, reason, error_text, delivery_id, part_id, seq, cause, provider)
     select match_key, $3, 'held', reason, error_text, delivery_id, part_id, seq, 'guard', $1 from held`,
    [provider, timestamp(since), timestamp(now)],
  );
}

export async function trustProvider(tx: Tx, provider: string, until: Instant, actor: string): Promise<void> {
  await tx.query(
    `insert into provider_trust (provider, until, actor) values ($1, $2, $3)
     on conflict (provider) do update set until = excluded.until, actor = excluded.actor`,
    [provider, timestamp(until), actor],
  );
}

/** Answers that no share is made of any more. */
export async function forgetCounts(db: Db, now: Instant): Promise<void> {
  await db.query("delete from provider_answers where hour < $1", [timestamp(now - KEEP)]);
  await db.query("delete from provider_trust where until < $1", [timestamp(now)]);
}
