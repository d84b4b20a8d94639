/** The SQL of mail that came in: stored before anybody is told that it was, taken by one worker at a time, forgotten in the end. */
import type { MessageKey } from "../../core/delivery/status.ts";
import type { Envelope } from "../../core/inbound/reading.ts";
import { MINUTE, type Duration, type Instant } from "../../core/time.ts";
import { INBOUND_CHANNEL } from "../../platform/events.ts";
import { storable, timestamp, type Db, type Queryable, type Tx } from "../../platform/db.ts";

export type NewMail = Envelope & {
  readonly source: "smtp" | "api" | "mailbox";
  /** Address of the server that handed it over; null: not by SMTP. */
  readonly remote: string | null;
  /** Where it lies until it is done. */
  readonly mailbox: { readonly id: number; readonly uid: string } | null;
  readonly raw: Uint8Array;
};

/** All or none, and workers hear of it; their ids. Of a message that its mailbox gave before, no row is made. */
export async function storeMails(db: Db, mails: readonly NewMail[], now: Instant): Promise<number[]> {
  return db.transaction(async (tx) => {
    const ids: number[] = [];
    for (const mail of mails) {
      const id = await insertMail(tx, mail, now);
      if (id !== null) ids.push(id);
    }
    await tx.query("select pg_notify($1, '')", [INBOUND_CHANNEL]);
    return ids;
  });
}

/** For who works it off at once: nobody else takes it meanwhile, and a worker does when its time has passed. */
export async function storeClaimed(db: Db, mail: NewMail, now: Instant): Promise<WaitingMail> {
  return db.transaction(async (tx) => {
    const id = await insertMail(tx, mail, now);
    const claimed = id === null ? null : await claimMail(tx, id, now);
    if (claimed === null) throw new Error("a mail that was just stored is gone");
    return claimed;
  });
}

async function insertMail(tx: Tx, mail: NewMail, now: Instant): Promise<number | null> {
  const [row] = await tx.query<{ id: number }>(
    `insert into inbound_mails (received_at, source, remote, mailbox_id, mailbox_uid, recipient, return_path, size, raw,
                                next_attempt_at)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $1) on conflict do nothing returning id`,
    [
      timestamp(now),
      mail.source,
      mail.remote,
      mail.mailbox?.id ?? null,
      mail.mailbox?.uid ?? null,
      cut(mail.recipient),
      cut(mail.returnPath),
      mail.raw.length,
      Buffer.from(mail.raw.buffer, mail.raw.byteOffset, mail.raw.byteLength),
    ],
  );
  return row?.id ?? null;
}

const cut = (text: string | null): string | null => (text === null ? null : storable(text, 500));

export type WaitingMail = Envelope & {
  readonly id: number;
  readonly receivedAt: Instant;
  readonly source: NewMail["source"];
  readonly raw: Buffer;
  /** This one included. */
  readonly attempts: number;
};

const CLAIMED = `id, received_at as "receivedAt", source, recipient, return_path as "returnPath", raw, attempts`;
/** Who takes a mail has so long; then it is taken for crashed, and somebody else takes it. What is done twice changes nothing. */
const LEASE: Duration = 5 * MINUTE;

/** The oldest that are due and that nobody has, at least one; together not more than `mails`, and no heavier than `bytes`. */
export async function claimWaiting(
  db: Queryable,
  most: { readonly mails: number; readonly bytes: number },
  now: Instant,
): Promise<WaitingMail[]> {
  const rows = await db.query<WaitingMail>(
    `with due as (select id, size, next_attempt_at from inbound_mails where state = 'waiting' and next_attempt_at <= $1
                   order by next_attempt_at, id limit $3 for update skip locked),
          weighed as (select id, sum(size) over (order by next_attempt_at, id) - size as before from due)
     update inbound_mails set next_attempt_at = $2, attempts = attempts + 1
      where id in (select id from weighed where before = 0 or before < $4)
      returning ${CLAIMED}`,
    [timestamp(now), timestamp(now + LEASE), most.mails, most.bytes],
  );
  return rows.toSorted((a, b) => a.id - b.id);
}

/** This one, due or not; null: it is done, or gone. */
async function claimMail(db: Queryable, id: number, now: Instant): Promise<WaitingMail | null> {
  const [row] = await db.query<WaitingMail>(
    `update inbound_mails set next_attempt_at = $2, attempts = attempts + 1
      where id = $1 and state = 'waiting' returning ${CLAIMED}`,
    [id, timestamp(now + LEASE)],
  );
  return row ?? null;
}

/** What a mail was, and what became of it. */
export type Done = {
  readonly kind: string;
  readonly format: string | null;
  /** A word for what was done. */
  readonly outcome: string;
  readonly message: (MessageKey & { readonly deliveryId: number }) | null;
  readonly address: string | null;
  readonly type: string | null;
  readonly reason: string | null;
  readonly rule: string | null;
  /** Addresses that get a copy. */
  readonly forwardTo: readonly string[];
};

export async function markDone(
  db: Queryable,
  finished: readonly { readonly id: number; readonly done: Done }[],
  now: Instant,
): Promise<void> {
  if (finished.length === 0) return;
  const rows = finished.map(({ id, done: { message, forwardTo, address, ...done } }) => {
    return { id, ...done, ...message, address: cut(address), forward_to: forwardTo };
  });
  await db.query(
    `update inbound_mails m
        set state = 'done', processed_at = $2, error = null, kind = d.kind, format = d.format, outcome = d.outcome,
            delivery_id = d."deliveryId", part_id = d."partId", seq = d.seq, address = d.address, type = d.type,
            reason = d.reason, rule = d.rule, forward_to = d.forward_to,
            forward_at = case when cardinality(d.forward_to) > 0 then $2::timestamptz end
       from json_to_recordset($1) as d(id bigint, kind text, format text, outcome text, "deliveryId" bigint, "partId" bigint,
                                       seq int, address text, type text, reason text, rule text, forward_to text[])
      where m.id = d.id`,
    [JSON.stringify(rows), timestamp(now)],
  );
}

/** Another attempt at `next`; null: there is none. */
export async function markTroubled(
  db: Queryable,
  id: number,
  error: string,
  next: Instant | null,
  now: Instant,
): Promise<void> {
  await db.query(
    `update inbound_mails
        set state = $3, error = $2, next_attempt_at = coalesce($4, next_attempt_at),
            processed_at = case when $4::timestamptz is null then $5::timestamptz end
      where id = $1 and state = 'waiting'`,
    [id, cut(error), next === null ? "failed" : "waiting", next === null ? null : timestamp(next), timestamp(now)],
  );
}

export async function removeMail(db: Queryable, id: number): Promise<void> {
  await db.query("delete from inbound_mails where id = $1", [id]);
}

/** Bytes older than `keep` go, rows of what is done older than `keepRows`; what waits, is owed to somebody or lies in its mailbox stays. */
export async function forgetMails(db: Queryable, keep: Duration, keepRows: Duration, now: Instant): Promise<void> {
  await db.query(
    `update inbound_mails set raw = null
      where raw is not null and state <> 'waiting' and forward_at is null and received_at < $1`,
    [timestamp(now - keep)],
  );
  await db.query(
    `delete from inbound_mails m
      where state <> 'waiting' and forward_at is null and received_at < $1
        and (mailbox_uid is null or not exists (select from mailboxes b where b.id = m.mailbox_id))`,
    [timestamp(now - keepRows)],
  );
}

/** Of the deliveries that have one of their own. */
export async function loadUnqualifiedAddresses(tx: Tx, ids: readonly number[]): Promise<ReadonlyMap<number, string>> {
  const rows = await tx.query<{ id: number; address: string }>(
    `select id, sender->>'unqualifiedAddress' as address from deliveries
      where id = any($1::bigint[]) and sender->>'unqualifiedAddress' <> ''`,
    [[...new Set(ids)]],
  );
  return new Map(rows.map(({ id, address }) => [id, address]));
}
