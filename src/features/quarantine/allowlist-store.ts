/** The SQL of the allowlist: addresses whose errors are ignored. */
import type { AllowedAddress } from "../../contract/quarantine.ts";
import { formatInstant, type Instant } from "../../core/time.ts";
import { timestamp, type Db, type Tx } from "../../platform/db.ts";

export type Allowed = { readonly matchKey: string; readonly address: string; readonly note: string };

export async function allow(tx: Tx, addresses: readonly Allowed[], actor: string, at: Instant): Promise<void> {
  const sorted = [...new Map(addresses.map((each) => [each.matchKey, each])).values()].toSorted((a, b) =>
    a.matchKey < b.matchKey ? -1 : 1,
  );
  await tx.query(
    `insert into address_allowlist (match_key, address, note, actor, at)
     select match_key, address, note, $4, $5 from unnest($1::text[], $2::text[], $3::text[]) as a(match_key, address, note)
     on conflict (match_key) do update set address = excluded.address, note = excluded.note, actor = excluded.actor, at = excluded.at`,
    [
      sorted.map(({ matchKey }) => matchKey),
      sorted.map(({ address }) => address),
      sorted.map(({ note }) => note),
      actor,
      timestamp(at),
    ],
  );
}

/** False: it was not on it. */
export async function disallow(db: Db, matchKey: string): Promise<boolean> {
  const rows = await db.query("delete from address_allowlist where match_key = $1 returning 1", [matchKey]);
  return rows.length > 0;
}

/** In the order of match keys. */
export async function listAllowed(
  db: Db,
  after: string,
  limit: number,
): Promise<{ readonly matchKey: string; readonly entry: AllowedAddress }[]> {
  const rows = await db.query<{ match_key: string; address: string; note: string; actor: string; at: Instant }>(
    "select match_key, address, note, actor, at from address_allowlist where match_key > $1 order by match_key limit $2",
    [after, limit],
  );
  return rows.map(({ match_key: matchKey, at, ...entry }) => ({
    matchKey,
    entry: { ...entry, at: formatInstant(at) },
  }));
}
