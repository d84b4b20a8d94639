/** The SQL of the global suppression list. */
import type { SuppressedDomain, SuppressionCounts } from "../../contract/suppression.ts";
import { formatInstant, type Instant } from "../../core/time.ts";
import { timestamp, type Queryable, type Tx } from "../../platform/db.ts";

/** Hashes hexadecimal. */
export type Entries = { readonly hashes: readonly string[]; readonly domains: readonly string[] };

/** How many are new. */
export async function addEntries(tx: Tx, { hashes, domains }: Entries, now: Instant): Promise<number> {
  const addresses = await tx.query(
    `insert into suppressed_addresses (hash, added_at) select distinct decode(h, 'hex'), $2::timestamptz from unnest($1::text[]) h
     order by 1 on conflict do nothing returning 1`,
    [hashes, timestamp(now)],
  );
  const added = await tx.query(
    `insert into suppressed_domains (domain, added_at) select distinct d, $2::timestamptz from unnest($1::text[]) d
     order by 1 on conflict do nothing returning 1`,
    [domains, timestamp(now)],
  );
  return addresses.length + added.length;
}

/** How many were there. */
export async function removeEntries(tx: Tx, { hashes, domains }: Entries): Promise<number> {
  const addresses = await tx.query(
    "delete from suppressed_addresses where hash in (select decode(h, 'hex') from unnest($1::text[]) h) returning 1",
    [hashes],
  );
  const removed = await tx.query("delete from suppressed_domains where domain = any($1::text[]) returning 1", [
    domains,
  ]);
  return addresses.length + removed.length;
}

export async function countEntries(db: Queryable): Promise<SuppressionCounts> {
  const [row] = await db.query<SuppressionCounts>(
    "select (select count(*) from suppressed_addresses) as addresses, (select count(*) from suppressed_domains) as domains",
  );
  return row ?? { addresses: 0, domains: 0 };
}

/** By name, those behind `after`. */
export async function listDomains(db: Queryable, after: string, limit: number): Promise<SuppressedDomain[]> {
  const rows = await db.query<{ domain: string; added_at: Instant }>(
    'select domain, added_at from suppressed_domains where domain collate "C" > $1 order by domain collate "C" limit $2',
    [after, limit],
  );
  return rows.map((row) => ({ domain: row.domain, addedAt: formatInstant(row.added_at) }));
}

/** Of one hash and one domain, either may be null. */
export async function findEntries(
  db: Queryable,
  hash: string | null,
  domain: string | null,
): Promise<{ readonly address: boolean; readonly domain: boolean }> {
  const [row] = await db.query<{ address: boolean; domain: boolean }>(
    `select exists (select 1 from suppressed_addresses where hash = decode($1, 'hex')) as address,
            exists (select 1 from suppressed_domains where domain = $2) as domain`,
    [hash, domain],
  );
  return row ?? { address: false, domain: false };
}
