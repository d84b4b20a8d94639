/** The SQL of late answers and complaints: each in one transaction, the part locked first as senders do. */
import { parseAddress } from "../../core/address/parse-address.ts";
import { afterLateAnswer } from "../../core/inbound/late-answer.ts";
import type { MessageKey } from "../../core/delivery/status.ts";
import { OTHER_PROVIDER } from "../../core/shaping/rule.ts";
import { SYSTEM_SOURCE } from "../../core/shaping/source.ts";
import type { Instant } from "../../core/time.ts";
import { timestamp, type Queryable, type Tx } from "../../platform/db.ts";
import { COMPLAINT_CHANNEL, type ComplaintNote, PROGRESS_CHANNEL } from "../../platform/events.ts";
import { denylist } from "../quarantine/index.ts";
import { noteReplies } from "../reply-texts/index.ts";
import { recordWarmUp } from "../sources/index.ts";
import { finish, type GivenWord, type Row } from "./final-word-store.ts";

const REPLY_MAX = 2000;

type LockedRow = Row & {
  onItsWay: boolean;
  last_attempt_at: Instant | null;
  type: string | null;
  reason: string | null;
};

export type Applied = {
  /** `early`: its sender has not written down yet what became of it. `late`: too long after the last attempt. */
  readonly outcome: "failed" | "reason" | "unchanged" | "late" | "early" | "missing";
  readonly deliveryId: number;
  readonly status: Row["status"] | null;
};

/** The same answer once more changes nothing. */
export async function applyLateAnswer(
  tx: Tx,
  key: MessageKey,
  given: GivenWord,
  receivedAt: Instant,
  now: Instant,
): Promise<Applied> {
  const row = await lockMessage(tx, key);
  if (row === null) return { outcome: "missing", deliveryId: 0, status: null };
  const deliveryId = row.delivery_id;
  if (row.onItsWay) return { outcome: "early", deliveryId, status: row.status };
  const change = afterLateAnswer(row.status, row.last_attempt_at, { ...given, receivedAt });
  if (change === null || change === "late") return { outcome: change ?? "unchanged", deliveryId, status: row.status };
  if (change.kind === "reason") {
    if (row.type === change.type && row.reason === change.reason) {
      return { outcome: "unchanged", deliveryId, status: row.status };
    }
    await tx.query("update messages set type = $3, reason = $4 where part_id = $1 and seq = $2", [
      key.partId,
      key.seq,
      change.type,
      change.reason,
    ]);
  } else {
    const reply = given.reply.replaceAll("\0", "�").slice(0, REPLY_MAX);
    await finish(tx, key, row, { ...given, reply, kind: "bounce" }, change, now);
  }
  await tx.query("select pg_notify($1, $2)", [PROGRESS_CHANNEL, String(deliveryId)]);
  const { verdict, code, enhanced, mx, reply: text } = given;
  await noteReplies(tx, [{ ...verdict, text, stage: "async", code, enhanced, mx, provider: null, at: now }]);
  const outcome = change.kind === "final" ? "failed" : "reason";
  return { outcome, deliveryId, status: change.kind === "final" ? change.status : row.status };
}

async function lockMessage(tx: Tx, { partId, seq }: MessageKey): Promise<LockedRow | null> {
  await tx.query("select 1 from delivery_parts where id = $1 for update", [partId]);
  const [row] = await tx.query<LockedRow>(
    `select p.delivery_id, m.address, m.status, m.attempts, m.type, m.reason,
            p.owner is not null and m.status in ('pending', 'taken-into-account') as "onItsWay",
            coalesce((select max(a.at) from message_attempts a
                       where a.part_id = m.part_id and a.seq = m.seq and a.kind not in ('bounce', 'final-word')),
                     m.final_at) as last_attempt_at
       from messages m join delivery_parts p on p.id = m.part_id
      where m.part_id = $1 and m.seq = $2 for update of m`,
    [partId, seq],
  );
  return row ?? null;
}

export type Complained = { readonly deliveryId: number; readonly address: string; readonly first: boolean };

/** Marks the message and puts its address on the denylist; again changes nothing. Null: there is no such message. */
export async function applyComplaint(tx: Tx, { partId, seq }: MessageKey, now: Instant): Promise<Complained | null> {
  const [row] = await tx.query<{ delivery_id: number; address: string }>(
    `select p.delivery_id, m.address from messages m join delivery_parts p on p.id = m.part_id
      where m.part_id = $1 and m.seq = $2`,
    [partId, seq],
  );
  if (!row) return null;
  const { delivery_id: deliveryId, address } = row;
  const parsed = parseAddress(address);
  if (parsed.kind !== "valid") return null;
  await denylist(tx, { matchKey: parsed.matchKey, address, reason: "complaint", messageKey: { partId, seq }, at: now });
  const marked = await tx.query(
    `insert into message_reactions (part_id, seq, kind, link, human) values ($1, $2, 'complaint', 0, true)
     on conflict do nothing returning seq`,
    [partId, seq],
  );
  if (marked.length === 0) return { deliveryId, address, first: false };
  await tx.query(
    `insert into tracking_counters as c (delivery_id, kind, link, recipients, recipients_human, total, total_human)
     values ($1, 'complaint', 0, 1, 1, 1, 1)
     on conflict (delivery_id, kind, link) do update
        set recipients = c.recipients + 1, recipients_human = c.recipients_human + 1, total = c.total + 1,
            total_human = c.total_human + 1`,
    [deliveryId],
  );
  await countComplaint(tx, { partId, seq }, parsed.domain, now);
  await tx.query("select pg_notify($1, $2)", [PROGRESS_CHANNEL, String(deliveryId)]);
  return { deliveryId, address, first: true };
}

/** For the warm-up of the source from which the message left, and for the senders, where it is known where it went. */
async function countComplaint(tx: Tx, { partId, seq }: MessageKey, domain: string, now: Instant): Promise<void> {
  const [way] = await tx.query<{
    id: number | null;
    name: string | null;
    provider: string | null;
    site: string | null;
  }>(
    `select s.id, s.name, d.provider, d.site
       from (select source_ip from message_attempts where part_id = $1 and seq = $2 and source_ip is not null
              order by attempt desc limit 1) a
       left join sources s on a.source_ip in (s.address_v4, s.address_v6)
       left join domain_sites d on d.domain = $3 limit 1`,
    [partId, seq, domain],
  );
  if (!way) return;
  const { id, name, provider, site } = way;
  if (id !== null) {
    const counts = { at: now, accepted: 0, deferred: 0, refused: 0, complaints: 1 };
    await recordWarmUp(tx, [{ sourceId: id, provider: provider ?? OTHER_PROVIDER, ...counts }]);
  }
  if (provider === null || site === null) return;
  const note: ComplaintNote = { partId, sourceId: id, source: name ?? SYSTEM_SOURCE, site, provider, domain };
  await tx.query("select pg_notify($1, $2)", [COMPLAINT_CHANNEL, JSON.stringify(note)]);
}

/**
 * A message that the mail may be about when nothing in it is signed: the last one that went to this recipient before it came, of the
 * delivery that it names where it names one. Good for a note only.
 */
export async function guessMessage(
  db: Queryable,
  matchKeys: readonly string[],
  deliveryId: number | null,
  receivedAt: Instant,
): Promise<(MessageKey & { readonly deliveryId: number; readonly address: string }) | null> {
  if (matchKeys.length === 0) return null;
  const [row] = await db.query<{ part_id: number; seq: number; delivery_id: number; address: string }>(
    `select m.part_id, m.seq, p.delivery_id, m.address
       from recipients r join messages m on m.recipient_id = r.id join delivery_parts p on p.id = m.part_id
      where r.match_key = any($1) and ($2::bigint is null or p.delivery_id = $2)
        and m.final_at <= $3 and m.final_at > $3::timestamptz - interval '30 days'
      order by m.final_at desc limit 1`,
    [matchKeys, deliveryId, timestamp(receivedAt)],
  );
  return row ? { partId: row.part_id, seq: row.seq, deliveryId: row.delivery_id, address: row.address } : null;
}
