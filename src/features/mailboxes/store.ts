/** The SQL of mailboxes that are polled, and of what is known about the mails that lie in them. Secrets leave the database sealed. */
import type { MailboxInput } from "../../contract/mailboxes.ts";
import type { Duration, Instant } from "../../core/time.ts";
import { timestamp, type Db, type Queryable, type Tx } from "../../platform/db.ts";
import { MAILBOX_CHANNEL } from "../../platform/events.ts";

/** From where new access tokens come, without secrets. */
export type Refresh = { readonly tokenUrl: string; readonly clientId: string; readonly scope: string | null };

export type MailboxFields = Pick<
  MailboxInput,
  "name" | "enabled" | "protocol" | "tls" | "verifyCertificate" | "host" | "user" | "folder" | "deleteProcessed"
> & {
  readonly port: number;
  readonly auth: MailboxInput["auth"]["kind"];
  readonly refresh: Refresh | null;
  readonly everySeconds: number;
};

export type MailboxRow = MailboxFields & {
  readonly id: number;
  readonly sealedSecret: Buffer | null;
  readonly version: number;
  readonly createdAt: Instant;
  readonly updatedAt: Instant;
  readonly polledAt: Instant | null;
  readonly succeededAt: Instant | null;
  /** Not a number while somebody looks. */
  readonly nextPollAt: Instant;
  readonly busyUntil: Instant | null;
  readonly failures: number;
  readonly lastError: string | null;
  readonly note: string | null;
  readonly found: number | null;
  readonly taken: number;
  readonly deleted: number;
};

const COLUMNS = `id, name, enabled, protocol, tls, verify_certificate as "verifyCertificate", host, port, user_name as "user", auth,
  refresh, folder, every_seconds as "everySeconds", delete_processed as "deleteProcessed", sealed_secret as "sealedSecret", version,
  created_at as "createdAt", updated_at as "updatedAt", polled_at as "polledAt", succeeded_at as "succeededAt",
  next_poll_at as "nextPollAt", busy_until as "busyUntil", failures, last_error as "lastError", note, found, taken, deleted`;

/** Oldest first, those after `after`. */
export function listMailboxes(db: Queryable, after = 0, limit: number | null = null): Promise<MailboxRow[]> {
  return db.query<MailboxRow>(`select ${COLUMNS} from mailboxes where id > $1 order by id limit $2`, [after, limit]);
}

export async function findMailbox(db: Queryable, id: number): Promise<MailboxRow | null> {
  const [row] = await db.query<MailboxRow>(`select ${COLUMNS} from mailboxes where id = $1`, [id]);
  return row ?? null;
}

/** Mailboxes are checked against each other, so they are changed one at a time. Whoever polls hears of it at commit. */
export async function beginChange(tx: Tx): Promise<void> {
  await tx.query("lock table mailboxes in share row exclusive mode");
  await tx.query("select pg_notify($1, '')", [MAILBOX_CHANNEL]);
}

const valuesOf = (fields: MailboxFields) => [
  fields.name,
  fields.enabled,
  fields.protocol,
  fields.tls,
  fields.verifyCertificate,
  fields.host,
  fields.port,
  fields.user,
  fields.auth,
  fields.refresh === null ? null : JSON.stringify(fields.refresh),
  fields.folder,
  fields.everySeconds,
  fields.deleteProcessed,
];

/** Without its secret, which is sealed for the id that it gets here. */
export async function insertMailbox(tx: Tx, fields: MailboxFields, now: Instant): Promise<MailboxRow> {
  const [row] = await tx.query<MailboxRow>(
    `insert into mailboxes (name, enabled, protocol, tls, verify_certificate, host, port, user_name, auth, refresh, folder,
                            every_seconds, delete_processed, next_poll_at, created_at, updated_at)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $14, $14) returning ${COLUMNS}`,
    [...valuesOf(fields), timestamp(now)],
  );
  return row as MailboxRow;
}

/** What went wrong with what was set before says nothing any more; it is due at once. */
export async function updateMailbox(tx: Tx, id: number, fields: MailboxFields, now: Instant): Promise<MailboxRow> {
  const [row] = await tx.query<MailboxRow>(
    `update mailboxes set name = $1, enabled = $2, protocol = $3, tls = $4, verify_certificate = $5, host = $6, port = $7,
            user_name = $8, auth = $9, refresh = $10, folder = $11, every_seconds = $12, delete_processed = $13,
            next_poll_at = $14, updated_at = $14, version = version + 1, failures = 0, last_error = null, note = null
      where id = $15 returning ${COLUMNS}`,
    [...valuesOf(fields), timestamp(now), id],
  );
  return row as MailboxRow;
}

export async function setSecret(tx: Queryable, id: number, sealed: Buffer): Promise<void> {
  await tx.query("update mailboxes set sealed_secret = $2 where id = $1", [id, sealed]);
}

/** A token that was renewed; nothing when somebody changed the mailbox meanwhile. */
export async function replaceSecret(db: Queryable, { id, version }: MailboxRow, sealed: Buffer): Promise<void> {
  await db.query("update mailboxes set sealed_secret = $3 where id = $1 and version = $2", [id, version, sealed]);
}

/** The mails that it gave stay. */
export async function deleteMailbox(tx: Tx, id: number): Promise<void> {
  await tx.query("delete from mailboxes where id = $1", [id]);
}

/** It is looked into as soon as somebody can, also when somebody does so now. */
export function askForLook(db: Db, id: number, now: Instant): Promise<MailboxRow | null> {
  return db.transaction(async (tx) => {
    const [row] = await tx.query<MailboxRow>(
      `update mailboxes set next_poll_at = $2 where id = $1 returning ${COLUMNS}`,
      [id, timestamp(now)],
    );
    await tx.query("select pg_notify($1, '')", [MAILBOX_CHANNEL]);
    return row ?? null;
  });
}

/**
 * The one that is due for longest, also when whoever had it did not come back in time. Until it is given back it is due only when
 * somebody asks.
 */
export async function claimDue(db: Queryable, now: Instant, lease: Duration): Promise<MailboxRow | null> {
  const [row] = await db.query<MailboxRow>(
    `update mailboxes set busy_until = $2, next_poll_at = 'infinity'
      where id = (select id from mailboxes
                   where enabled and ((busy_until is null and next_poll_at <= $1) or busy_until < $1)
                   order by next_poll_at limit 1 for update skip locked)
      returning ${COLUMNS}`,
    [timestamp(now), timestamp(now + lease)],
  );
  return row ?? null;
}

/** False: it was changed, disabled or removed meanwhile, and who looks has to stop. */
export async function keepClaim(db: Queryable, { id, version }: MailboxRow, until: Instant): Promise<boolean> {
  const rows = await db.query(
    `update mailboxes set busy_until = $3 where id = $1 and version = $2 and enabled and busy_until is not null returning 1`,
    [id, version, timestamp(until)],
  );
  return rows.length > 0;
}

export type Outcome = {
  /** Null: it went well. */
  readonly error: string | null;
  readonly note: string | null;
  /** Unless somebody asked for an earlier one. */
  readonly next: Instant;
};

/** After a change of what is set, that counts and not what went wrong before. */
export async function giveBack(
  db: Queryable,
  { id, version }: MailboxRow,
  outcome: Outcome,
  now: Instant,
): Promise<void> {
  await db.query(
    `update mailboxes set busy_until = null, polled_at = $3,
            next_poll_at = case when next_poll_at = 'infinity' then $6 else next_poll_at end,
            succeeded_at = case when $4::text is null then $3 else succeeded_at end,
            failures = case when version <> $2 then failures when $4::text is null then 0 else failures + 1 end,
            last_error = case when version <> $2 then last_error else $4 end,
            note = case when version <> $2 then note else $5 end
      where id = $1`,
    [id, version, timestamp(now), outcome.error, outcome.note, timestamp(outcome.next)],
  );
}

/** Without having looked to the end: it is due again. */
export async function release(db: Queryable, id: number, now: Instant): Promise<void> {
  await db.query(
    `update mailboxes set busy_until = null, next_poll_at = least(next_poll_at, $2) where id = $1 and busy_until is not null`,
    [id, timestamp(now)],
  );
}

export type Progress = { readonly found: number; readonly taken: number; readonly deleted: number };

export async function noteProgress(db: Queryable, id: number, { found, taken, deleted }: Progress): Promise<void> {
  await db.query("update mailboxes set found = $2, taken = taken + $3, deleted = deleted + $4 where id = $1", [
    id,
    found,
    taken,
    deleted,
  ]);
}

export type MailState = "waiting" | "done" | "failed";

/** By their UIDs, those of its mails that are stored and still lie there, as far as is known. */
export async function loadKnown(db: Queryable, id: number): Promise<Map<string, MailState>> {
  const rows = await db.query<{ uid: string; state: MailState }>(
    "select mailbox_uid as uid, state from inbound_mails where mailbox_id = $1 and mailbox_uid is not null",
    [id],
  );
  return new Map(rows.map(({ uid, state }) => [uid, state]));
}

/** They no longer lie there: whatever has these UIDs from now on is another mail. */
export async function forgetUids(db: Queryable, id: number, uids: readonly string[]): Promise<void> {
  if (uids.length === 0) return;
  await db.query("update inbound_mails set mailbox_uid = null where mailbox_id = $1 and mailbox_uid = any($2)", [
    id,
    uids,
  ]);
}
