/**
 * The SQL under what senders and incoming mail say of addresses. Rows that are there are locked first, in the order of match keys, then
 * new ones are inserted in the same order: transactions that touch the same addresses wait for each other and never in a circle.
 */
import type { FailureReason } from "../../core/bounce/verdict.ts";
import type { AddressState } from "../../core/quarantine/address-state.ts";
import { OTHER_PROVIDER } from "../../core/shaping/rule.ts";
import type { Instant } from "../../core/time.ts";
import type { EventType } from "../../core/webhook/event-types.ts";
import { timestamp, type Tx } from "../../platform/db.ts";
import { putOutbox } from "../../platform/outbox.ts";

export type StoredState = Omit<AddressState, "status"> & {
  readonly status: Exclude<AddressState["status"], "valid">;
  readonly address: string;
  readonly errorText: string;
  readonly provider: string | null;
  /** That the entry was made for; null: by a person, or not known. */
  readonly message: StateChange["message"];
};

type Row = {
  match_key: string;
  address: string;
  status: StoredState["status"];
  reason: FailureReason;
  errors: number;
  error_text: string;
  provider: string | null;
  counted_at: Instant | null;
  reason_since: Instant | null;
  delivery_id: number | null;
  part_id: number | null;
  seq: number | null;
};

/** Of those that failed before; hardly any of a batch. */
export async function lockStates(tx: Tx, matchKeys: readonly string[]): Promise<Map<string, StoredState>> {
  const rows = await tx.query<Row>(
    `select match_key, address, status, reason, errors, error_text, provider, counted_at, reason_since,
            delivery_id, part_id, seq
       from quarantine where match_key = any($1) order by match_key for update`,
    [matchKeys],
  );
  return new Map(rows.map((row) => [row.match_key, stateOf(row)]));
}

function stateOf(row: Row): StoredState {
  const { status, reason, errors, address, provider } = row;
  const since = { countedAt: row.counted_at, reasonSince: row.reason_since };
  const { delivery_id: deliveryId, part_id: partId, seq } = row;
  const message = partId === null || seq === null ? null : { deliveryId, partId, seq };
  return { status, reason, errors, address, provider, message, errorText: row.error_text, ...since };
}

/** Null: nobody did, Envoi itself. */
export type ChangedBy = { readonly actor: string; readonly note: string } | null;

export type StateChange = {
  readonly matchKey: string;
  readonly address: string;
  /** As in core/quarantine/address-state.ts, and what persons do: released, put-in, confirmed, dropped, allowed, denylisted. */
  readonly cause: string;
  readonly after: AddressState;
  readonly reason: string;
  readonly errorText: string;
  readonly provider: string | null;
  readonly message: { readonly deliveryId: number | null; readonly partId: number; readonly seq: number } | null;
  readonly at: Instant;
  readonly by: ChangedBy;
};

/** Rows and their history; of several changes of one address the last is its state. */
export async function writeChanges(tx: Tx, changes: readonly StateChange[]): Promise<void> {
  if (changes.length === 0) return;
  await appendHistory(
    tx,
    changes.map((change) => ({ ...change, status: change.after.status })),
  );
  const last = new Map(changes.map((change) => [change.matchKey, change]));
  const sorted = [...last.values()].toSorted((a, b) => (a.matchKey < b.matchKey ? -1 : 1));
  const gone = sorted.filter(({ after }) => after.status === "valid").map(({ matchKey }) => matchKey);
  if (gone.length > 0) await tx.query("delete from quarantine where match_key = any($1)", [gone]);
  await upsert(
    tx,
    sorted.filter(({ after }) => after.status !== "valid"),
  );
}

/** Another transaction may have put a new address in meanwhile: nothing that servers say makes less of a quarantine. */
async function upsert(tx: Tx, changes: readonly StateChange[]): Promise<void> {
  if (changes.length === 0) return;
  const time = (at: Instant | null) => (at === null ? null : timestamp(at));
  await tx.query(
    `insert into quarantine as q (match_key, address, status, reason, error_text, errors, updated_at, delivery_id, provider,
                                  counted_at, reason_since, part_id, seq)
     select * from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::int[], $7::timestamptz[], $8::bigint[],
                          $9::text[], $10::timestamptz[], $11::timestamptz[], $12::bigint[], $13::int[])
     on conflict (match_key) do update
        set address = excluded.address, status = excluded.status, reason = excluded.reason, error_text = excluded.error_text,
            errors = excluded.errors, updated_at = excluded.updated_at, provider = excluded.provider,
            counted_at = excluded.counted_at, reason_since = excluded.reason_since,
            delivery_id = coalesce(excluded.delivery_id, q.delivery_id),
            part_id = coalesce(excluded.part_id, q.part_id), seq = coalesce(excluded.seq, q.seq)
      where q.status <> 'quarantined' or excluded.status = 'quarantined'`,
    [
      changes.map((c) => c.matchKey),
      changes.map((c) => c.address),
      changes.map((c) => c.after.status),
      changes.map((c) => c.after.reason ?? c.reason),
      changes.map((c) => c.errorText),
      changes.map((c) => c.after.errors),
      changes.map((c) => timestamp(c.at)),
      changes.map((c) => c.message?.deliveryId ?? null),
      changes.map((c) => c.provider),
      changes.map((c) => time(c.after.countedAt)),
      changes.map((c) => time(c.after.reasonSince)),
      changes.map((c) => c.message?.partId ?? null),
      changes.map((c) => c.message?.seq ?? null),
    ],
  );
}

export type HistoryEntry = Omit<StateChange, "after" | "address"> & { readonly status: string };

export async function appendHistory(tx: Tx, entries: readonly HistoryEntry[]): Promise<void> {
  await tx.query(
    `insert into quarantine_history (match_key, at, status, reason, error_text, delivery_id, part_id, seq, cause, provider, actor, note)
     select * from unnest($1::text[], $2::timestamptz[], $3::text[], $4::text[], $5::text[], $6::bigint[], $7::bigint[], $8::int[],
                          $9::text[], $10::text[], $11::text[], $12::text[])`,
    [
      entries.map((e) => e.matchKey),
      entries.map((e) => timestamp(e.at)),
      entries.map((e) => e.status),
      entries.map((e) => e.reason),
      entries.map((e) => e.errorText),
      entries.map((e) => e.message?.deliveryId ?? null),
      entries.map((e) => e.message?.partId ?? null),
      entries.map((e) => e.message?.seq ?? null),
      entries.map((e) => e.cause),
      entries.map((e) => e.provider),
      entries.map((e) => e.by?.actor ?? ""),
      entries.map((e) => e.by?.note ?? ""),
    ],
  );
  await tellWebhooks(tx, entries);
}

/** An address that is valid again because its soft errors are over was never out of use. */
const RELEASES = new Set(["released", "dropped", "allowed", "requalified"]);

function eventOf({ status, cause }: HistoryEntry): EventType | null {
  if (status === "quarantined") return "address.quarantined";
  if (status === "denylisted") return "address.denylisted";
  return status === "valid" && RELEASES.has(cause) ? "address.released" : null;
}

async function tellWebhooks(tx: Tx, entries: readonly HistoryEntry[]): Promise<void> {
  const told = entries.flatMap((entry) => {
    const type = eventOf(entry);
    return type === null ? [] : [{ entry, type }];
  });
  const facts = () =>
    told.map(({ type, entry: { matchKey: address, reason, cause, provider, by } }) => {
      return { type, address, reason, cause, provider, actor: by?.actor ?? "" };
    });
  const at = told.reduce((last, { entry }) => Math.max(last, entry.at), 0);
  await putOutbox(tx, "addresses", [...new Set(told.map(({ type }) => type))], facts, at);
}

/** Which of these addresses are on the allowlist. */
export async function findAllowed(tx: Tx, matchKeys: readonly string[]): Promise<Set<string>> {
  const rows = await tx.query<{ match_key: string }>(
    "select match_key from address_allowlist where match_key = any($1)",
    [matchKeys],
  );
  return new Set(rows.map((row) => row.match_key));
}

/** Providers by the domains that mail went to; small sites have none. */
export async function findProviders(tx: Tx, domains: readonly string[]): Promise<Map<string, string>> {
  const rows = await tx.query<{ domain: string; provider: string }>(
    "select domain, provider from domain_sites where domain = any($1) and provider <> $2",
    [domains, OTHER_PROVIDER],
  );
  return new Map(rows.map((row) => [row.domain, row.provider]));
}
