/**
 * The SQL that brings outcomes into the database: messages, attempts, counters, quarantine in one transaction. Leases and
 * loading are in store.ts.
 */
import { matchKeyOf } from "../core/address/match-key.ts";
import { typeOfOutcome } from "../core/webhook/event-types.ts";
import { type AddressError, recordAddressAnswers } from "../features/quarantine/index.ts";
import { timestamp, type Tx } from "../platform/db.ts";
import { PROGRESS_CHANNEL } from "../platform/events.ts";
import { heard, insertOutcomes, typesOf, WANTED } from "../platform/outbox.ts";
import type { OutcomeRecord } from "./outcome-record.ts";

/**
 * Commits outcomes. An outcome counts only under the epoch of the lease it was made with, and only once: it applies to
 * the attempt after the last committed one, so committing the same record again (a lost answer, a journal read after a
 * crash) changes nothing. Counters follow from the rows that really changed. Answers with the records that counted.
 */
export async function commitOutcomes(
  tx: Tx,
  sender: string,
  records: readonly OutcomeRecord[],
): Promise<readonly OutcomeRecord[]> {
  const parts = await tx.query<{ id: number; epoch: number; delivery_id: number; seeds: boolean }>(
    "select id, epoch, delivery_id, seeds from delivery_parts where id = any($1) order by id for update",
    [[...new Set(records.map((r) => r.partId))]],
  );
  const held = new Map(parts.map((part) => [part.id, part]));
  const valid = records.filter((r) => held.get(r.partId)?.epoch === r.epoch);
  if (valid.length === 0) return [];
  const changed = await updateMessages(tx, valid);
  const applied = valid.filter((r) => changed.has(`${r.partId}-${r.seq}-${r.attempt}`));
  if (applied.length === 0) return [];
  await insertAttempts(tx, applied);
  await updateParts(tx, applied);
  // Seeds are in no figure.
  const counted = applied.filter((r) => held.get(r.partId)?.seeds !== true);
  await updateDestinations(tx, sender, counted, (partId) => held.get(partId)?.delivery_id ?? 0);
  await judgeAddresses(tx, applied, (partId) => held.get(partId)?.delivery_id ?? 0);
  await tell(tx, applied, new Set(applied.map((r) => held.get(r.partId)?.delivery_id ?? 0)));
  return applied;
}

/** Live pages, and webhooks where one wants to hear of messages: that is asked along with the rest, and costs nothing where none does. */
async function tell(tx: Tx, records: readonly OutcomeRecord[], deliveries: ReadonlySet<number>): Promise<void> {
  const told = records.map((r) => ({ partId: r.partId, seq: r.seq, attempt: r.attempt, type: typeOfOutcome(r) }));
  const [row] = await tx.query<{ wanted: boolean }>(
    `select ${WANTED} as wanted, pg_notify($2, id) from unnest($3::text[]) as id`,
    [heard(typesOf(told)), PROGRESS_CHANNEL, [...deliveries].map(String)],
  );
  const at = records.reduce((last, r) => Math.max(last, r.at), 0);
  if (row?.wanted) await insertOutcomes(tx, told, at);
}

async function updateMessages(tx: Tx, records: readonly OutcomeRecord[]): Promise<Set<string>> {
  const rows = await tx.query<{ part_id: number; seq: number; attempts: number }>(
    `update messages m
        set status = o.status, type = o.type, reason = o.reason, attempts = o.attempt,
            in_doubt = m.in_doubt or o.in_doubt, next_attempt_at = o.next_at, final_at = o.final_at,
            digest = coalesce(m.digest, decode(o.digest, 'base64')), relayed = m.relayed or o.relayed
       from unnest($1::bigint[], $2::int[], $3::smallint[], $4::text[], $5::text[], $6::text[], $7::boolean[],
                   $8::timestamptz[], $9::timestamptz[], $10::text[], $11::text[], $13::boolean[])
         as o(part_id, seq, attempt, status, type, reason, in_doubt, next_at, final_at, from_status, digest, relayed)
      where m.part_id = o.part_id and m.seq = o.seq and m.part_id = any($12)
        and m.attempts = o.attempt - 1 and m.status = o.from_status
      returning m.part_id, m.seq, m.attempts`,
    [
      records.map((r) => r.partId),
      records.map((r) => r.seq),
      records.map((r) => r.attempt),
      records.map((r) => r.status),
      records.map((r) => r.type),
      records.map((r) => r.reason),
      records.map((r) => r.inDoubt),
      records.map((r) => (r.nextAt === null ? null : timestamp(r.nextAt))),
      records.map((r) => (r.finalAt === null ? null : timestamp(r.finalAt))),
      records.map((r) => r.fromStatus),
      // A journal written before digests were has none.
      records.map((r) => r.digest ?? null),
      [...new Set(records.map((r) => r.partId))],
      records.map((r) => r.relayed ?? false),
    ],
  );
  return new Set(rows.map((row) => `${row.part_id}-${row.seq}-${row.attempts}`));
}

async function insertAttempts(tx: Tx, records: readonly OutcomeRecord[]): Promise<void> {
  await tx.query(
    `insert into message_attempts (part_id, seq, attempt, at, kind, stage, code, enhanced, reply, mx, source_ip, tls,
                                   duration_ms, type, reason, rule)
     select * from unnest($1::bigint[], $2::int[], $3::smallint[], $4::timestamptz[], $5::text[], $6::text[],
       $7::smallint[], $8::text[], $9::text[], $10::text[], $11::text[], $12::text[], $13::int[], $14::text[],
       $15::text[], $16::text[])`,
    [
      records.map((r) => r.partId),
      records.map((r) => r.seq),
      records.map((r) => r.attempt),
      records.map((r) => timestamp(r.at)),
      records.map((r) => r.kind),
      records.map((r) => r.stage),
      records.map((r) => r.code),
      records.map((r) => r.enhanced),
      records.map((r) => r.reply),
      records.map((r) => r.mx),
      records.map((r) => r.sourceIp),
      records.map((r) => r.tls),
      records.map((r) => r.durationMs),
      records.map((r) => r.type),
      records.map((r) => r.reason),
      records.map((r) => r.rule),
    ],
  );
}

const COUNTERS = {
  pending: "pending",
  "taken-into-account": "retrying",
  sent: "sent",
  failed: "failed",
  "in-doubt": "in_doubt",
} as const;
type Counter = (typeof COUNTERS)[keyof typeof COUNTERS];
type Deltas = Record<Counter, number>;

function count<K>(records: readonly OutcomeRecord[], keyOf: (r: OutcomeRecord) => K): Map<K, Deltas> {
  const deltas = new Map<K, Deltas>();
  for (const record of records) {
    const key = keyOf(record);
    let delta = deltas.get(key);
    if (!delta) deltas.set(key, (delta = { pending: 0, retrying: 0, sent: 0, failed: 0, in_doubt: 0 }));
    delta[COUNTERS[record.fromStatus]]--;
    delta[COUNTERS[record.status]]++;
  }
  return deltas;
}

async function updateParts(tx: Tx, records: readonly OutcomeRecord[]): Promise<void> {
  const deltas = [...count(records, (r) => r.partId)];
  await tx.query(
    `update delivery_parts p
        set pending = p.pending + d.pending, retrying = p.retrying + d.retrying, sent = p.sent + d.sent,
            failed = p.failed + d.failed, in_doubt = p.in_doubt + d.in_doubt
       from unnest($1::bigint[], $2::int[], $3::int[], $4::int[], $5::int[], $6::int[])
         as d(id, pending, retrying, sent, failed, in_doubt)
      where p.id = d.id`,
    [
      deltas.map(([id]) => id),
      ...(["pending", "retrying", "sent", "failed", "in_doubt"] as const).map((c) => deltas.map(([, d]) => d[c])),
    ],
  );
}

async function updateDestinations(
  tx: Tx,
  sender: string,
  records: readonly OutcomeRecord[],
  deliveryOf: (partId: number) => number,
): Promise<void> {
  if (records.length === 0) return;
  const deltas = [...count(records, (r) => `${deliveryOf(r.partId)} ${r.domain}`)].sort(([a], [b]) => (a < b ? -1 : 1));
  const last = new Map(records.map((r) => [`${deliveryOf(r.partId)} ${r.domain}`, r]));
  const column = <T>(pick: (key: string, d: Deltas) => T) => deltas.map(([key, d]) => pick(key, d));
  await tx.query(
    `insert into destination_counters as c (delivery_id, domain, sender, sent, failed, retrying, last_reply, last_reply_at)
     select d.delivery_id, d.domain, $1, d.sent, d.failed, d.retrying, d.reply, d.at
       from unnest($2::bigint[], $3::text[], $4::int[], $5::int[], $6::int[], $7::text[], $8::timestamptz[])
         as d(delivery_id, domain, sent, failed, retrying, reply, at)
     on conflict (delivery_id, domain, sender) do update
        set sent = c.sent + excluded.sent, failed = c.failed + excluded.failed, retrying = c.retrying + excluded.retrying,
            last_reply = excluded.last_reply, last_reply_at = excluded.last_reply_at`,
    [
      sender,
      column((key) => Number(key.split(" ")[0])),
      column((key) => key.slice(key.indexOf(" ") + 1)),
      column((_, d) => d.sent),
      column((_, d) => d.failed),
      column((_, d) => d.retrying),
      column((key) => last.get(key)?.reply ?? null),
      column((key) => timestamp(last.get(key)?.at ?? 0)),
    ],
  );
}

/** Which addresses failed, and which got their mail: one indexed look for those of whom nothing was ever held. */
async function judgeAddresses(
  tx: Tx,
  records: readonly OutcomeRecord[],
  deliveryOf: (partId: number) => number,
): Promise<void> {
  const errors: AddressError[] = [];
  const accepted: { matchKey: string; domain: string }[] = [];
  let now = 0;
  for (const r of records) {
    now = Math.max(now, r.at);
    if (r.status === "sent" && r.kind === "accepted") {
      accepted.push({ matchKey: matchKeyOf(r.address), domain: r.domain });
      continue;
    }
    // Journals from before scopes were written down have only hard errors, and those were about addresses.
    const scope = r.errorScope ?? (r.quarantineKey === null ? null : "address");
    if (scope === null || r.type === null || r.reason === null) continue;
    const { address, at, reply, partId, seq, type, reason } = r;
    const matchKey = r.quarantineKey ?? matchKeyOf(address);
    const verdict = { type, reason, scope };
    errors.push({ matchKey, address, at, verdict, reply, provider: null, deliveryId: deliveryOf(partId), partId, seq });
  }
  await recordAddressAnswers(tx, { errors, accepted }, now);
}
