/** The SQL of the ledger as a sender reads it: what is known of the copies of loaded messages, leases of debts, what is owed. */
import type { CopyState } from "../core/archive/archive.ts";
import type { MessageStatus } from "../core/delivery/status.ts";
import type { Instant } from "../core/time.ts";
import { timestamp, type Db } from "../platform/db.ts";

export type KnownCopy = {
  readonly seq: number;
  readonly archive: number;
  readonly state: CopyState;
  readonly digest: Buffer | null;
  readonly next_attempt_at: Instant | null;
};

/** Of the messages `from` to `to` of a part. */
export function loadCopies(db: Db, partId: number, from: number, to: number): Promise<KnownCopy[]> {
  return db.query<KnownCopy>(
    "select seq, archive, state, digest, next_attempt_at from archive_copies where part_id = $1 and seq between $2 and $3",
    [partId, from, to],
  );
}

export type DebtLease = { readonly partId: number; readonly deliveryId: number; readonly epoch: number };

/** Leases up to `limit` parts with debts that may be tried now, until `expiresAt`; none of deliveries that have `unusable` archives only. */
export async function leaseDebts(
  db: Db,
  sender: string,
  limit: number,
  unusable: readonly number[],
  now: Instant,
  expiresAt: Instant,
): Promise<DebtLease[]> {
  const candidates = await db.query<{ part_id: number; delivery_id: number; epoch: number }>(
    `select part_id, delivery_id, epoch from archive_parts
      where due_at <= $1
        and (cardinality($3::int[]) = 0 or delivery_id not in (
              select id from deliveries where archive is not null and not exists (
                select from jsonb_array_elements_text(archive->'archives') as a(id) where a.id::int <> all($3))))
      order by due_at, part_id limit $2`,
    [timestamp(now), limit * 2, unusable],
  );
  const leases: DebtLease[] = [];
  for (const part of candidates) {
    if (leases.length === limit) break;
    const won = await db.query(
      `update archive_parts set owner = $3, epoch = epoch + 1, due_at = $4
        where part_id = $1 and epoch = $2 and due_at <= $5 returning part_id`,
      [part.part_id, part.epoch, sender, timestamp(expiresAt), timestamp(now)],
    );
    if (won.length > 0) leases.push({ partId: part.part_id, deliveryId: part.delivery_id, epoch: part.epoch + 1 });
  }
  return leases;
}

export type OwedCopy = {
  readonly seq: number;
  readonly archive: number;
  readonly attempts: number;
  readonly due_since: Instant;
  readonly copy_digest: Buffer | null;
  readonly location: string | null;
  readonly address: string;
  readonly vars: Record<string, unknown>;
  readonly message_digest: Buffer | null;
  readonly status: MessageStatus;
};

/** Archives that copies are not loaded for: `closed`: none; `resting`: only those that are due since `overdueSince`, which are given up. */
export type ShutOut = {
  readonly closed: readonly number[];
  readonly resting: readonly number[];
  readonly overdueSince: Instant;
};

/** What of a part may be tried now, longest waiting first. */
export function loadOwed(
  db: Db,
  partId: number,
  limit: number,
  now: Instant,
  { closed, resting, overdueSince }: ShutOut,
): Promise<OwedCopy[]> {
  return db.query<OwedCopy>(
    `select c.seq, c.archive, c.attempts, c.due_since, c.digest as copy_digest, c.location,
            m.address, m.vars, m.digest as message_digest, m.status
       from archive_copies c join messages m on m.part_id = c.part_id and m.seq = c.seq
      where c.part_id = $1 and m.part_id = $1 and c.state = 'owed' and c.next_attempt_at <= $3
        and c.archive <> all($4::int[]) and (c.archive <> all($5::int[]) or c.due_since <= $6)
      order by c.next_attempt_at, c.seq limit $2`,
    [partId, limit, timestamp(now), closed, resting, timestamp(overdueSince)],
  );
}

/** Keeps leases alive; answers with the parts that are still ours. */
export async function renewDebts(
  db: Db,
  sender: string,
  leases: readonly DebtLease[],
  expiresAt: Instant,
): Promise<Set<number>> {
  const rows = await db.query<{ part_id: number }>(
    `with mine as (
       select p.part_id from archive_parts p join unnest($2::bigint[], $3::int[]) as m(part_id, epoch)
              on p.part_id = m.part_id and p.epoch = m.epoch
        where p.owner = $1 order by p.part_id for update of p)
     update archive_parts p set due_at = $4 from mine where p.part_id = mine.part_id returning p.part_id`,
    [sender, leases.map((l) => l.partId), leases.map((l) => l.epoch), timestamp(expiresAt)],
  );
  return new Set(rows.map((row) => row.part_id));
}

/**
 * Gives the debts of a part back: due again when the next of them is, but not before `notBefore`, and those of an archive that is `shut` not
 * before it opens. The row is locked before the debts are looked at, so that one that is committed meanwhile is not overlooked.
 */
export function releaseDebts(
  db: Db,
  sender: string,
  lease: DebtLease,
  notBefore: Instant,
  shut: ReadonlyMap<number, Instant>,
): Promise<void> {
  return db.transaction(async (tx) => {
    const held = await tx.query(
      "select 1 from archive_parts where part_id = $1 and epoch = $2 and owner = $3 for update",
      [lease.partId, lease.epoch, sender],
    );
    if (held.length === 0) return;
    await tx.query(
      `update archive_parts p set owner = null,
              due_at = (select min(greatest($2::timestamptz, c.next_attempt_at, s.until)) from archive_copies c
                          left join unnest($3::int[], $4::timestamptz[]) as s(archive, until) on s.archive = c.archive
                         where c.part_id = $1 and c.state = 'owed')
        where p.part_id = $1`,
      [lease.partId, timestamp(notBefore), [...shut.keys()], [...shut.values()].map(timestamp)],
    );
  });
}

/**
 * Gives back all that this sender held before it ended: leases of debts, and copies that it had in hand with their messages' parts. Call it
 * before the leases of those parts are given back.
 */
export async function releaseCopies(db: Db, sender: string, now: Instant): Promise<void> {
  await db.transaction(async (tx) => {
    await tx.query(
      `with mine as (select part_id from archive_parts where owner = $1 order by part_id for update)
       update archive_parts p
          set owner = null, epoch = epoch + 1, due_at = case when owed > 0 then $2::timestamptz end
         from mine where p.part_id = mine.part_id`,
      [sender, timestamp(now)],
    );
    const parts = await tx.query<{ part_id: number }>(
      `select a.part_id from archive_parts a join delivery_parts p on p.id = a.part_id
        where p.owner = $1 and a.owed > 0 order by a.part_id for update of a`,
      [sender],
    );
    const ids = parts.map((part) => part.part_id);
    await tx.query(
      `update archive_copies set next_attempt_at = $2
        where part_id = any($1) and state = 'owed' and attempts = 0 and next_attempt_at > $2`,
      [ids, timestamp(now)],
    );
    await tx.query("update archive_parts set due_at = least(due_at, $2) where part_id = any($1) and owner is null", [
      ids,
      timestamp(now),
    ]);
  });
}

/** Copies owed on the whole platform. */
export async function countOwed(db: Db): Promise<number> {
  const [row] = await db.query<{ owed: number }>(
    "select coalesce(sum(owed), 0)::float8 as owed from archive_parts where owed > 0",
  );
  return row?.owed ?? 0;
}

/** An archive takes nothing at all: whoever looks after it sees why. */
export async function noteTrouble(
  db: Db,
  sender: string,
  trouble: { readonly archive: number; readonly deliveryId: number; readonly reply: string },
  now: Instant,
): Promise<void> {
  await db.query(
    `insert into archive_counters as c (archive, delivery_id, sender, last_reply, last_reply_at, failing)
     values ($1, $2, $3, $4, $5, true)
     on conflict (archive, delivery_id, sender) do update
        set last_reply = excluded.last_reply, last_reply_at = excluded.last_reply_at, failing = true`,
    [trouble.archive, trouble.deliveryId, sender, trouble.reply, timestamp(now)],
  );
}

/** Changes with every change of archives and settings, and with every wish to try again: one row, so cheap that senders ask every few seconds. */
export async function readArchiveMarks(db: Db): Promise<{ readonly mark: string; readonly retried: number | null }> {
  const [row] = await db.query<{ mark: string; retried: number | null }>(
    `select concat_ws(' ', (select sum(version) from archives), (select count(*) from archives where removed_at is null),
                      (select version from platform_settings)) as mark,
            (select max(id) from archive_events where kind = 'retried') as retried`,
  );
  return row ?? { mark: "", retried: null };
}
