/** The SQL of reading the quarantine. What is written to it is in record-store.ts. */
import type { QuarantineEntry } from "../../contract/index.ts";
import { formatKey } from "../../core/delivery/status.ts";
import { formatInstant, type Instant } from "../../core/time.ts";
import { timestamp, type Db, type Queryable } from "../../platform/db.ts";

type EntryRow = {
  match_key: string;
  address: string;
  status: "with-errors" | "held" | "quarantined" | null;
  reason: string | null;
  error_text: string | null;
  errors: number | null;
  provider: string | null;
  updated_at: Instant | null;
  denylisted: boolean;
};

export type Summary = Omit<QuarantineEntry, "history">;
export type Listed = { readonly matchKey: string; readonly entry: Summary };

export type QuarantineFilter = {
  readonly status?: QuarantineEntry["status"] | "held" | undefined;
  readonly reason?: string | undefined;
  /** Part of the server's reply. */
  readonly text?: string | undefined;
  readonly provider?: string | undefined;
  readonly domain?: string | undefined;
  readonly since?: Instant | undefined;
  readonly until?: Instant | undefined;
};

/** Conditions on `q`; parameters from $1 on. */
function conditionsOf(filter: QuarantineFilter): { readonly where: string; readonly params: unknown[] } {
  const params: unknown[] = [];
  const where = ["true"];
  const add = (sql: (param: string) => string, value: unknown) => {
    if (value === undefined) return;
    params.push(value);
    where.push(sql(`$${params.length}`));
  };
  const { status, since, until, text } = filter;
  if (status === "with-errors") where.push("q.status in ('with-errors', 'held')");
  else if (status !== "denylisted") add((p) => `q.status = ${p}`, status);
  add((p) => `q.reason = ${p}`, filter.reason);
  add((p) => `strpos(lower(q.error_text), ${p}) > 0`, text?.toLowerCase());
  add((p) => `coalesce(q.provider, d.provider) = ${p}`, filter.provider);
  add((p) => `substring(q.match_key from '[^@]*$') = ${p}`, filter.domain?.toLowerCase());
  add((p) => `q.updated_at >= ${p}`, since === undefined ? undefined : timestamp(since));
  add((p) => `q.updated_at <= ${p}`, until === undefined ? undefined : timestamp(until));
  return { where: where.join(" and "), params };
}

const SITES = "left join domain_sites d on d.domain = substring(q.match_key from '[^@]*$')";

/** In the order of match keys. */
export async function listEntries(db: Db, filter: QuarantineFilter, after: string, limit: number): Promise<Listed[]> {
  const { where, params } = conditionsOf(filter);
  const isDenied = filter.status === "denylisted";
  const shared = "q.status, q.error_text, q.errors, coalesce(q.provider, d.provider) as provider, q.updated_at";
  // Most on the denylist never failed.
  const sql = isDenied
    ? `select r.match_key, r.address, r.denylist_reason as reason, ${shared}, true as denylisted
         from recipients r left join quarantine q on q.match_key = r.match_key ${SITES}
        where r.denylisted_at is not null and r.match_key > $${params.length + 1} and ${where} order by r.match_key limit $${params.length + 2}`
    : `select q.match_key, q.address, q.reason, ${shared}, coalesce(r.denylisted_at is not null, false) as denylisted
         from quarantine q left join recipients r on r.match_key = q.match_key ${SITES}
        where q.match_key > $${params.length + 1} and ${where} order by q.match_key limit $${params.length + 2}`;
  const rows = await db.query<EntryRow>(sql, [...params, after, limit]);
  return rows.map((row) => ({ matchKey: row.match_key, entry: presentEntry(row) }));
}

/** Of those in quarantine or held. */
export async function findMatchKeys(
  db: Queryable,
  filter: QuarantineFilter,
  after: string,
  limit: number,
): Promise<string[]> {
  const { where, params } = conditionsOf(filter);
  const rows = await db.query<{ match_key: string }>(
    `select q.match_key from quarantine q ${SITES}
      where q.status in ('quarantined', 'held') and ${where} and q.match_key > $${params.length + 1}
      order by q.match_key limit $${params.length + 2}`,
    [...params, after, limit],
  );
  return rows.map((row) => row.match_key);
}

/** The denylist wins: it is the word of the address's owner. */
function presentEntry(row: EntryRow): Summary {
  return {
    address: row.address,
    status: row.denylisted ? "denylisted" : row.status === "held" ? "with-errors" : (row.status ?? "valid"),
    reason: row.reason,
    errorText: row.error_text,
    errors: row.errors ?? 0,
    held: row.status === "held",
    provider: row.provider,
    updatedAt: row.updated_at === null ? null : formatInstant(row.updated_at),
  };
}

const UNKNOWN = { reason: null, errorText: null, errors: 0, held: false, provider: null, updatedAt: null };

/** What is known of an address; `valid` when it never failed and nobody said no. */
export async function findEntry(db: Db, matchKey: string, address: string): Promise<QuarantineEntry> {
  const [row] = await db.query<EntryRow>(
    `select q.match_key, q.address, q.status, q.reason, q.error_text, q.errors, q.provider, q.updated_at, false as denylisted
       from quarantine q where q.match_key = $1`,
    [matchKey],
  );
  const [recipient] = await db.query<{ address: string; denylisted: boolean; denylist_reason: string | null }>(
    "select address, denylisted_at is not null as denylisted, denylist_reason from recipients where match_key = $1",
    [matchKey],
  );
  const known: Summary = row
    ? presentEntry(row)
    : { address: recipient?.address ?? address, status: "valid", ...UNKNOWN };
  const history = await loadHistory(db, matchKey);
  if (!recipient?.denylisted) return { ...known, history };
  return { ...known, status: "denylisted", reason: recipient.denylist_reason ?? known.reason, history };
}

async function loadHistory(db: Db, matchKey: string): Promise<QuarantineEntry["history"]> {
  const rows = await db.query<{
    at: Instant;
    status: string;
    reason: string;
    error_text: string;
    part_id: number | null;
    seq: number | null;
    cause: string;
    actor: string;
    note: string;
  }>(
    `select at, status, reason, error_text, part_id, seq, cause, actor, note from quarantine_history
      where match_key = $1 order by at desc limit 200`,
    [matchKey],
  );
  return rows.map(({ at, status, reason, error_text: errorText, part_id: partId, seq, ...by }) => ({
    at: formatInstant(at),
    status,
    reason,
    errorText,
    messageKey: partId === null || seq === null ? null : formatKey({ partId, seq }),
    ...by,
  }));
}

export type HeldRow = {
  readonly provider: string | null;
  readonly count: number;
  readonly since: Instant;
  readonly until: Instant;
  readonly example: string;
};

export function listHeld(db: Db): Promise<HeldRow[]> {
  return db.query<HeldRow>(
    `select provider, count(*) as count, min(updated_at) as since, max(updated_at) as until, min(error_text) as example
       from quarantine where status = 'held' group by provider order by count(*) desc, provider`,
  );
}

export async function listHeldOf(db: Queryable, provider: string, limit: number): Promise<string[]> {
  const rows = await db.query<{ match_key: string }>(
    "select match_key from quarantine where status = 'held' and provider = $1 order by match_key limit $2",
    [provider, limit],
  );
  return rows.map((row) => row.match_key);
}

/** Addresses that a delivery's errors put into quarantine, and that requalifying did not take out again. */
export async function loadNewQuarantines(db: Db, deliveryId: number): Promise<number> {
  const [row] = await db.query<{ count: number }>(
    `select count(*) filter (where status = 'quarantined') as count
       from (select distinct on (match_key) status from quarantine_history
              where delivery_id = $1 and (status = 'quarantined' or cause = 'requalified')
              order by match_key, at desc) last`,
    [deliveryId],
  );
  return row?.count ?? 0;
}

/** Since when and why an address is on the denylist; null: it is not. */
export async function findDenylisting(
  db: Queryable,
  matchKey: string,
): Promise<{ readonly since: Instant; readonly reason: string } | null> {
  const [row] = await db.query<{ since: Instant; reason: string | null }>(
    "select denylisted_at as since, denylist_reason as reason from recipients where match_key = $1 and denylisted_at is not null",
    [matchKey],
  );
  return row ? { since: row.since, reason: row.reason ?? "denylisted" } : null;
}
