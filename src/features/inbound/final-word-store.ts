/**
 * The SQL of final words: message, attempt, counters and quarantine in one transaction, as senders write outcomes. The part
 * is locked first, as they do.
 */
import { parseAddress } from "../../core/address/parse-address.ts";
import type { Verdict } from "../../core/bounce/verdict.ts";
import { afterWord, type Change, type Word } from "../../core/delivery/final-word.ts";
import type { MessageKey, MessageStatus } from "../../core/delivery/status.ts";
import type { Instant } from "../../core/time.ts";
import { timestamp, type Db, type Tx } from "../../platform/db.ts";
import { PROGRESS_CHANNEL } from "../../platform/events.ts";
import { recordAddressErrors } from "../quarantine/index.ts";

const REPLY_MAX = 2000;

type Relayed = {
  readonly address: string;
  readonly relayed: boolean;
  /** A sender holds it and has not said yet what became of it. */
  readonly onItsWay: boolean;
};

/** Null when there is no such message. */
export async function findRelayed(db: Db, { partId, seq }: MessageKey): Promise<Relayed | null> {
  const [row] = await db.query<Relayed>(
    `select m.address, m.relayed,
            p.owner is not null and m.status in ('pending', 'taken-into-account') as "onItsWay"
       from messages m join delivery_parts p on p.id = m.part_id where m.part_id = $1 and m.seq = $2`,
    [partId, seq],
  );
  return row ?? null;
}

export type GivenWord = {
  readonly word: Word;
  readonly verdict: Verdict;
  readonly code: number | null;
  readonly enhanced: string | null;
  readonly reply: string;
  readonly mx: string | null;
};

export type Row = { delivery_id: number; address: string; status: MessageStatus; attempts: number };
type Final = Extract<Change, { kind: "final" }>;
/** `bounce`: of a message that its recipient's server had taken. */
type Told = GivenWord & { readonly kind: "final-word" | "bounce" };

/** Of a message that was relayed. The same word once more changes nothing. */
export async function applyWord(
  tx: Tx,
  key: MessageKey,
  given: GivenWord,
  now: Instant,
): Promise<{ deliveryId: number; status: MessageStatus; changed: boolean }> {
  await tx.query("select 1 from delivery_parts where id = $1 for update", [key.partId]);
  const [row] = await tx.query<Row>(
    `select p.delivery_id, m.address, m.status, m.attempts from messages m join delivery_parts p on p.id = m.part_id
      where m.part_id = $1 and m.seq = $2 and m.relayed for update of m`,
    [key.partId, key.seq],
  );
  if (!row) throw new Error("a relayed message is gone");
  const word = { ...given, reply: given.reply.replaceAll("\0", "�").slice(0, REPLY_MAX) };
  const change = afterWord(row.status, word.word, word.verdict);
  const deliveryId = row.delivery_id;
  if (change === null) return { deliveryId, status: row.status, changed: false };
  if (change.kind === "reason") {
    await tx.query("update messages set type = $3, reason = $4 where part_id = $1 and seq = $2", [
      key.partId,
      key.seq,
      change.type,
      change.reason,
    ]);
  } else {
    await finish(tx, key, row, { ...word, kind: "final-word" }, change, now);
  }
  await tx.query("select pg_notify($1, $2)", [PROGRESS_CHANNEL, String(deliveryId)]);
  return { deliveryId, status: change.kind === "final" ? change.status : row.status, changed: true };
}

/** Call with part and message locked, and a reply that fits into the database. */
export async function finish(
  tx: Tx,
  key: MessageKey,
  row: Row,
  word: Told,
  change: Final,
  now: Instant,
): Promise<void> {
  await tx.query(
    `update messages set status = $3, type = $4, reason = $5, attempts = attempts + 1, final_at = $6, next_attempt_at = null
      where part_id = $1 and seq = $2`,
    [key.partId, key.seq, change.status, change.type, change.reason, timestamp(now)],
  );
  await tx.query(
    `insert into message_attempts (part_id, seq, attempt, at, kind, code, enhanced, reply, mx, type, reason, rule)
     values ($1, $2, $3, $4, $12, $5, $6, $7, $8, $9, $10, $11)`,
    [
      key.partId,
      key.seq,
      row.attempts + 1,
      timestamp(now),
      word.code,
      word.enhanced,
      word.reply,
      word.mx,
      change.type,
      change.reason,
      change.status === "failed" ? word.verdict.rule : null,
      word.kind,
    ],
  );
  await count(tx, key.partId, row, word.reply, change, now);
  if (change.status === "failed") await blame(tx, key, row, word, now);
}

/** A part that nobody holds and that has nothing left is done. */
async function count(tx: Tx, partId: number, row: Row, reply: string, { status }: Final, now: Instant): Promise<void> {
  const retrying = row.status === "taken-into-account" ? -1 : 0;
  const sent = Number(status === "sent") - Number(row.status === "sent");
  const failed = Number(status === "failed");
  await tx.query(
    `update delivery_parts
        set retrying = retrying + $2, sent = sent + $3, failed = failed + $4, in_doubt = in_doubt + $5,
            due_at = case when owner is null and pending + retrying + $2 = 0 then null else due_at end
      where id = $1`,
    [partId, retrying, sent, failed, row.status === "in-doubt" ? -1 : 0],
  );
  const parsed = parseAddress(row.address);
  await tx.query(
    `insert into destination_counters as c (delivery_id, domain, sender, sent, failed, retrying, last_reply, last_reply_at)
     values ($1, $2, '', $3, $4, $5, $6, $7)
     on conflict (delivery_id, domain, sender) do update
        set sent = c.sent + excluded.sent, failed = c.failed + excluded.failed, retrying = c.retrying + excluded.retrying,
            last_reply = excluded.last_reply, last_reply_at = excluded.last_reply_at`,
    [row.delivery_id, parsed.kind === "valid" ? parsed.domain : "", sent, failed, retrying, reply, timestamp(now)],
  );
}

/** Whether it is held against the address is not decided here. */
async function blame(
  tx: Tx,
  { partId, seq }: MessageKey,
  { address, delivery_id: deliveryId }: Row,
  { reply, verdict }: GivenWord,
  now: Instant,
): Promise<void> {
  const parsed = parseAddress(address);
  if (parsed.kind !== "valid") return;
  const { matchKey } = parsed;
  const error = { matchKey, address, at: now, verdict, reply, provider: null, deliveryId, partId, seq };
  await recordAddressErrors(tx, [error], now);
}
