/**
 * The SQL of reports: messages, attempts, counters and quarantine in one transaction, as senders write outcomes, and in their order of
 * locks: parts, messages, counters, addresses; the caller adds reply texts last.
 */
import { parseAddress } from "../../core/address/parse-address.ts";
import type { MessageKey } from "../../core/delivery/status.ts";
import type { Instant } from "../../core/time.ts";
import { typeOfOutcome } from "../../core/webhook/event-types.ts";
import { timestamp, type Tx } from "../../platform/db.ts";
import { PROGRESS_CHANNEL } from "../../platform/events.ts";
import { putOutcomes } from "../../platform/outbox.ts";
import { type AddressError, recordAddressErrors } from "../quarantine/index.ts";
import type { MessageRow, Written } from "./decide-word.ts";

export const keyText = ({ partId, seq }: MessageKey): string => `${partId}-${seq}`;

/** By `keyText`; what is not there is no more. Parts first, in the order of their ids, as senders lock them. */
export async function lockMessages(tx: Tx, given: readonly MessageKey[]): Promise<Map<string, MessageRow>> {
  const keys = [...new Map(given.map((key) => [keyText(key), key])).values()];
  const parts = [...new Set(keys.map(({ partId }) => partId))];
  await tx.query("select 1 from delivery_parts where id = any($1) order by id for update", [parts]);
  const rows = await tx.query<MessageRow>(
    `select m.part_id as "partId", m.seq, p.delivery_id as "deliveryId", m.address, m.status, m.attempts, m.type, m.reason,
            m.relayed, p.seeds as seed, p.owner is not null and m.status in ('pending', 'taken-into-account') as "onItsWay",
            coalesce((select max(a.at) from message_attempts a
                       where a.part_id = m.part_id and a.seq = m.seq and a.kind not in ('bounce', 'final-word')),
                     m.final_at) as "lastAttemptAt"
       from unnest($1::bigint[], $2::int[]) as k(part_id, seq)
       join messages m on m.part_id = k.part_id and m.seq = k.seq and m.part_id = any($3)
       join delivery_parts p on p.id = m.part_id
      order by m.part_id, m.seq for update of m`,
    [keys.map(({ partId }) => partId), keys.map(({ seq }) => seq), parts],
  );
  return new Map(rows.map((row) => [keyText(row), row]));
}

/** `written`: in the order in which it was decided; call with the messages locked. */
export async function writeWords(tx: Tx, written: readonly Written[], now: Instant): Promise<void> {
  if (written.length === 0) return;
  await updateMessages(tx, written, now);
  const finals = written.filter(({ change }) => change.kind === "final");
  if (finals.length > 0) {
    await insertAttempts(tx, finals, now);
    await updateParts(tx, finals);
    await updateDestinations(
      tx,
      finals.filter(({ before }) => !before.seed),
      now,
    );
    await recordAddressErrors(
      tx,
      finals.flatMap((word) => errorOf(word, now)),
      now,
    );
    const outcomes = finals.map(({ kind, after }) => ({
      partId: after.partId,
      seq: after.seq,
      attempt: after.attempts,
      type: typeOfOutcome({ kind, status: after.status }),
    }));
    await putOutcomes(tx, outcomes, now);
  }
  const deliveries = [...new Set(written.map(({ before }) => String(before.deliveryId)))];
  await tx.query("select pg_notify($1, id) from unnest($2::text[]) as id", [PROGRESS_CHANNEL, deliveries]);
}

async function updateMessages(tx: Tx, written: readonly Written[], now: Instant): Promise<void> {
  const last = [...new Map(written.map((word) => [keyText(word.before), word.after])).values()];
  const isFinal = new Set(written.flatMap(({ before, change }) => (change.kind === "final" ? [keyText(before)] : [])));
  await tx.query(
    `update messages m
        set status = w.status, type = w.type, reason = w.reason, attempts = w.attempts,
            final_at = case when w.final then $7 else m.final_at end,
            next_attempt_at = case when w.final then null else m.next_attempt_at end
       from unnest($1::bigint[], $2::int[], $3::text[], $4::text[], $5::text[], $6::smallint[], $8::boolean[])
         as w(part_id, seq, status, type, reason, attempts, final)
      where m.part_id = w.part_id and m.seq = w.seq and m.part_id = any($9)`,
    [
      last.map(({ partId }) => partId),
      last.map(({ seq }) => seq),
      last.map(({ status }) => status),
      last.map(({ type }) => type),
      last.map(({ reason }) => reason),
      last.map(({ attempts }) => attempts),
      timestamp(now),
      last.map((row) => isFinal.has(keyText(row))),
      [...new Set(last.map(({ partId }) => partId))],
    ],
  );
}

async function insertAttempts(tx: Tx, finals: readonly Written[], now: Instant): Promise<void> {
  await tx.query(
    `insert into message_attempts (part_id, seq, attempt, at, kind, code, enhanced, reply, mx, type, reason, rule)
     select w.part_id, w.seq, w.attempt, $11, w.kind, w.code, w.enhanced, w.reply, w.mx, w.type, w.reason, w.rule
       from unnest($1::bigint[], $2::int[], $3::smallint[], $4::text[], $5::smallint[], $6::text[], $7::text[], $8::text[],
                   $9::text[], $10::text[], $12::text[])
         as w(part_id, seq, attempt, kind, code, enhanced, reply, mx, type, reason, rule)`,
    [
      finals.map(({ before }) => before.partId),
      finals.map(({ before }) => before.seq),
      finals.map(({ after }) => after.attempts),
      finals.map(({ kind }) => kind),
      finals.map(({ given }) => given.code),
      finals.map(({ given }) => given.enhanced),
      finals.map(({ given }) => given.reply),
      finals.map(({ given }) => given.mx),
      finals.map(({ after }) => after.type),
      finals.map(({ after }) => after.reason),
      timestamp(now),
      finals.map(({ after, given }) => (after.status === "failed" ? given.verdict.rule : null)),
    ],
  );
}

type Deltas = { retrying: number; sent: number; failed: number; inDoubt: number; last: Written };

/** By how much counters change, in the order of their keys. */
function deltasOf(finals: readonly Written[], keyOf: (word: Written) => string): [string, Deltas][] {
  const sums = new Map<string, Deltas>();
  for (const word of finals) {
    const key = keyOf(word);
    const sum = sums.get(key) ?? { retrying: 0, sent: 0, failed: 0, inDoubt: 0, last: word };
    const { before, after } = word;
    sums.set(key, {
      retrying: sum.retrying - Number(before.status === "taken-into-account"),
      sent: sum.sent + Number(after.status === "sent") - Number(before.status === "sent"),
      failed: sum.failed + Number(after.status === "failed"),
      inDoubt: sum.inDoubt - Number(before.status === "in-doubt"),
      last: word,
    });
  }
  return [...sums].toSorted(([a], [b]) => (a < b ? -1 : 1));
}

/** A part that nobody holds and that has nothing left is done. */
async function updateParts(tx: Tx, finals: readonly Written[]): Promise<void> {
  const parts = deltasOf(finals, ({ before }) => String(before.partId));
  await tx.query(
    `update delivery_parts p
        set retrying = p.retrying + d.retrying, sent = p.sent + d.sent, failed = p.failed + d.failed,
            in_doubt = p.in_doubt + d.in_doubt,
            due_at = case when p.owner is null and p.pending + p.retrying + d.retrying = 0 then null else p.due_at end
       from unnest($1::bigint[], $2::int[], $3::int[], $4::int[], $5::int[]) as d(id, retrying, sent, failed, in_doubt)
      where p.id = d.id`,
    [
      parts.map(([id]) => Number(id)),
      parts.map(([, { retrying }]) => retrying),
      parts.map(([, { sent }]) => sent),
      parts.map(([, { failed }]) => failed),
      parts.map(([, { inDoubt }]) => inDoubt),
    ],
  );
}

async function updateDestinations(tx: Tx, finals: readonly Written[], now: Instant): Promise<void> {
  if (finals.length === 0) return;
  const domains = deltasOf(finals, ({ before }) => `${before.deliveryId} ${domainOf(before.address)}`);
  await tx.query(
    `insert into destination_counters as c (delivery_id, domain, sender, sent, failed, retrying, last_reply, last_reply_at)
     select d.delivery_id, d.domain, '', d.sent, d.failed, d.retrying, d.reply, $7
       from unnest($1::bigint[], $2::text[], $3::int[], $4::int[], $5::int[], $6::text[])
         as d(delivery_id, domain, sent, failed, retrying, reply)
     on conflict (delivery_id, domain, sender) do update
        set sent = c.sent + excluded.sent, failed = c.failed + excluded.failed, retrying = c.retrying + excluded.retrying,
            last_reply = excluded.last_reply, last_reply_at = excluded.last_reply_at`,
    [
      domains.map(([, { last }]) => last.before.deliveryId),
      domains.map(([, { last }]) => domainOf(last.before.address)),
      domains.map(([, { sent }]) => sent),
      domains.map(([, { failed }]) => failed),
      domains.map(([, { retrying }]) => retrying),
      domains.map(([, { last }]) => last.given.reply),
      timestamp(now),
    ],
  );
}

function domainOf(address: string): string {
  const parsed = parseAddress(address);
  return parsed.kind === "valid" ? parsed.domain : "";
}

/** Whether it is held against the address is not decided here. */
function errorOf({ before, after, given: { verdict, reply } }: Written, now: Instant): AddressError[] {
  const { address, deliveryId, partId, seq } = before;
  const parsed = parseAddress(address);
  if (after.status !== "failed" || parsed.kind !== "valid") return [];
  const { matchKey } = parsed;
  return [{ matchKey, address, at: now, verdict, reply, provider: null, deliveryId, partId, seq }];
}
