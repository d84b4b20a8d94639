/** The SQL of reading the quarantine. Rows are written by the senders' commits. */
import type { QuarantineEntry } from "../../contract/index.ts";
import { formatKey } from "../../core/delivery/status.ts";
import { formatInstant, type Instant } from "../../core/time.ts";
import type { Db } from "../../platform/db.ts";

type EntryRow = {
  match_key: string;
  address: string;
  status: "with-errors" | "quarantined";
  reason: string;
  error_text: string;
  errors: number;
  denylisted: boolean;
};

export type Listed = { readonly matchKey: string; readonly entry: Omit<QuarantineEntry, "history"> };

/** In the order of match keys. */
export async function listEntries(db: Db, after: string, limit: number): Promise<Listed[]> {
  const rows = await db.query<EntryRow>(
    `select q.match_key, q.address, q.status, q.reason, q.error_text, q.errors,
            coalesce(r.denylisted_at is not null, false) as denylisted
       from quarantine q left join recipients r on r.match_key = q.match_key
      where q.match_key > $1 order by q.match_key limit $2`,
    [after, limit],
  );
  return rows.map((row) => ({ matchKey: row.match_key, entry: presentEntry(row) }));
}

/** The denylist wins: it is the word of the address's owner. */
function presentEntry(row: EntryRow): Omit<QuarantineEntry, "history"> {
  return {
    address: row.address,
    status: row.denylisted ? "denylisted" : row.status,
    reason: row.reason,
    errorText: row.error_text,
    errors: row.errors,
  };
}

/** What is known of an address; `valid` when it never failed and nobody said no. */
export async function findEntry(db: Db, matchKey: string, address: string): Promise<QuarantineEntry> {
  const [row] = await db.query<EntryRow>(
    `select q.match_key, q.address, q.status, q.reason, q.error_text, q.errors, false as denylisted
       from quarantine q where q.match_key = $1`,
    [matchKey],
  );
  const [recipient] = await db.query<{ address: string; denylisted: boolean; denylist_reason: string | null }>(
    "select address, denylisted_at is not null as denylisted, denylist_reason from recipients where match_key = $1",
    [matchKey],
  );
  const known = row
    ? presentEntry(row)
    : { address: recipient?.address ?? address, status: "valid" as const, reason: null, errorText: null, errors: 0 };
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
  }>(
    `select at, status, reason, error_text, part_id, seq from quarantine_history
      where match_key = $1 order by at desc limit 200`,
    [matchKey],
  );
  return rows.map((row) => ({
    at: formatInstant(row.at),
    status: row.status,
    reason: row.reason,
    errorText: row.error_text,
    messageKey: row.part_id === null || row.seq === null ? null : formatKey({ partId: row.part_id, seq: row.seq }),
  }));
}
