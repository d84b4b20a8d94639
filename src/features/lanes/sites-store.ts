/** The SQL of where recipient domains went last: senders write it, plans and explanations read it. */
import { DAY, type Duration, type Instant } from "../../core/time.ts";
import { timestamp, type Queryable } from "../../platform/db.ts";
import { storableJson, storableText } from "./storable.ts";

/** A domain that nobody wrote to for this long is looked up again by whoever does. */
const SITES_FOR: Duration = 180 * DAY;

export type DomainSite = {
  /** In ASCII, lower case. */
  readonly domain: string;
  readonly site: string;
  readonly provider: string;
  readonly mx: readonly string[];
};

/** One statement; rows that say what is known and are younger than a day stay as they are. In order of domains, so that two senders never deadlock. */
export async function rememberDomainSites(db: Queryable, rows: readonly DomainSite[], now: Instant): Promise<void> {
  if (rows.length === 0) return;
  const sites = [...new Map(rows.map((row) => [storableText(row.domain), row])).entries()];
  sites.sort(([a], [b]) => (a < b ? -1 : 1));
  await db.query(
    `insert into domain_sites as known (domain, site, provider, mx, seen_at)
     select domain, site, provider, array(select jsonb_array_elements_text(mx::jsonb)), $5
       from unnest($1::text[], $2::text[], $3::text[], $4::text[]) as given(domain, site, provider, mx)
     on conflict (domain) do update
        set site = excluded.site, provider = excluded.provider, mx = excluded.mx, seen_at = excluded.seen_at
      where known.site <> excluded.site or known.provider <> excluded.provider or known.mx <> excluded.mx
         or known.seen_at < excluded.seen_at - interval '1 day'`,
    [
      sites.map(([domain]) => domain),
      sites.map(([, { site }]) => storableText(site)),
      sites.map(([, { provider }]) => storableText(provider)),
      sites.map(([, { mx }]) => storableJson(mx)),
      timestamp(now),
    ],
  );
}

export async function findDomainSite(db: Queryable, domain: string): Promise<DomainSite | null> {
  const [row] = await db.query<DomainSite>("select domain, site, provider, mx from domain_sites where domain = $1", [
    domain,
  ]);
  return row ?? null;
}

export async function forgetOldSites(db: Queryable, now: Instant): Promise<void> {
  await db.query("delete from domain_sites where seen_at < $1", [timestamp(now - SITES_FOR)]);
}
