/** The SQL of the installation: one row that says whether it may send, and what a copy must not do twice. */
import type { Instant } from "../../core/time.ts";
import { timestamp, type Queryable, type Tx } from "../../platform/db.ts";
import { INSTALLATION_CHANNEL } from "../../platform/events.ts";

export type InstallationRow = {
  readonly server: string | null;
  readonly database_oid: number | null;
  readonly held_at: Instant | null;
  readonly held_by: string | null;
  readonly held_reason: string | null;
  readonly backup_at: Instant | null;
  /** Deliveries that were under way. */
  readonly paused: readonly number[];
};

const COLUMNS = "server, database_oid, held_at, held_by, held_reason, backup_at, paused";

export async function loadInstallation(db: Queryable): Promise<InstallationRow> {
  const [row] = await db.query<InstallationRow>(`select ${COLUMNS} from installation`);
  if (!row) throw new Error("the table installation is empty");
  return row;
}

export async function lockInstallation(tx: Tx): Promise<InstallationRow> {
  const [row] = await tx.query<InstallationRow>(`select ${COLUMNS} from installation for update`);
  if (!row) throw new Error("the table installation is empty");
  return row;
}

export type Place = { readonly server: string; readonly oid: number };

/** Which server this is and which database in it; null: the server does not tell us. */
export async function whereAreWe(db: Queryable): Promise<Place | null> {
  const [row] = await db
    .query<Place>(
      `select (pg_control_system()).system_identifier::text as server,
              (select oid::bigint from pg_database where datname = current_database()) as oid`,
    )
    .catch(() => []);
  return row ?? null;
}

export async function savePlace(tx: Tx, { server, oid }: Place): Promise<void> {
  await tx.query("update installation set server = $1, database_oid = $2", [server, oid]);
}

export type Hold = { readonly by: string; readonly reason: string };

export async function saveHold(tx: Tx, { by, reason }: Hold, now: Instant): Promise<void> {
  await tx.query(
    "update installation set held_at = $1, held_by = $2, held_reason = $3, released_at = null, released_by = null",
    [timestamp(now), by, reason],
  );
  await announce(tx);
}

/** `backupAt`: when the copy was made, if that is known. */
export async function saveCopied(tx: Tx, backupAt: Instant | null, paused: readonly number[]): Promise<void> {
  await tx.query("update installation set backup_at = $1, paused = $2", [
    backupAt === null ? null : timestamp(backupAt),
    paused,
  ]);
}

export async function saveRelease(tx: Tx, by: string, now: Instant): Promise<void> {
  await tx.query(
    `update installation set held_at = null, held_by = null, held_reason = null, paused = '{}', backup_at = null,
            released_at = $1, released_by = $2`,
    [timestamp(now), by],
  );
  await announce(tx);
}

async function announce(tx: Tx): Promise<void> {
  await tx.query("select pg_notify($1, '')", [INSTALLATION_CHANNEL]);
}

/** Deliveries that were under way wait for a person; answers which. Analyses that ran begin again when somebody wants them. */
export async function pauseAll(tx: Tx, reason: string, now: Instant): Promise<number[]> {
  await tx.query("update deliveries set state = 'editing', updated_at = $1 where state = 'analysing'", [
    timestamp(now),
  ]);
  const rows = await tx.query<{ id: number }>(
    `update deliveries set state = 'paused', hold_reason = $1, updated_at = $2
      where state in ('in-progress', 'pausing') returning id`,
    [reason, timestamp(now)],
  );
  return rows.map(({ id }) => id).toSorted((a, b) => a - b);
}

/** What was to begin meanwhile has perhaps begun where this is a copy of: it is missed, and a person decides. */
export async function missStarts(tx: Tx, now: Instant): Promise<void> {
  await tx.query(
    "update deliveries set start_not_after = start_at where state in ('scheduled', 'start-pending') and start_at <= $1",
    [timestamp(now)],
  );
}

/** Of deliveries that were paused because they were copied, and still are. */
export async function listStillPaused(tx: Tx, ids: readonly number[]): Promise<number[]> {
  const rows = await tx.query<{ id: number }>(
    "select id from deliveries where id = any($1) and state = 'paused' and hold_reason is not null order by id",
    [ids],
  );
  return rows.map(({ id }) => id);
}

/** Parts that a sender held when the copy was made. */
export async function listHeldParts(tx: Tx): Promise<{ id: number; delivery_id: number }[]> {
  return tx.query("select id, delivery_id from delivery_parts where owner is not null order by id");
}

type Doubtful = { readonly address: string; readonly retrying: boolean };

/**
 * Messages of a part that its sender may have sent after the copy was made: in doubt, with an attempt that says so. A relay that has
 * one keeps it, and what was not due yet was not touched. The part has no owner any more. Answers with whom it concerns.
 */
export async function doubtPart(
  tx: Tx,
  partId: number,
  reply: string,
  before: Instant,
  now: Instant,
): Promise<Doubtful[]> {
  const rows = await tx.query<Doubtful>(
    `with due as (
       select seq, status, address, attempts from messages
        where part_id = $1 and status in ('pending', 'taken-into-account') and not relayed
          and (next_attempt_at is null or next_attempt_at <= $2)),
     doubted as (
       update messages m set status = 'in-doubt', type = 'ignored', reason = 'unreachable', attempts = m.attempts + 1,
              in_doubt = true, next_attempt_at = null
         from due where m.part_id = $1 and m.seq = due.seq returning m.seq),
     tried as (
       insert into message_attempts (part_id, seq, attempt, at, kind, stage, reply, type, reason)
       select $1, seq, attempts + 1, $3, 'in-doubt', 'dot', $4, 'ignored', 'unreachable' from due returning 1)
     select address, status = 'taken-into-account' as retrying from due`,
    [partId, timestamp(before), timestamp(now), reply],
  );
  const retrying = rows.filter((row) => row.retrying).length;
  await tx.query(
    `update delivery_parts set owner = null, epoch = epoch + 1, pending = pending - $2, retrying = retrying - $3,
            in_doubt = in_doubt + $2 + $3,
            due_at = case when pending + retrying - $2 - $3 = 0 then null else $4::timestamptz end
      where id = $1`,
    [partId, rows.length - retrying, retrying, timestamp(now)],
  );
  return rows;
}

/** They are not retrying any more where they are. */
export async function countDoubted(tx: Tx, deliveryId: number, domains: readonly string[]): Promise<void> {
  await tx.query(
    `insert into destination_counters as c (delivery_id, domain, sender, retrying)
     select $1, domain, '', -count(*) from unnest($2::text[]) domain group by domain order by domain
     on conflict (delivery_id, domain, sender) do update set retrying = c.retrying + excluded.retrying`,
    [deliveryId, domains],
  );
}

/** Copies that are owed go on from here; archives know a copy that comes twice. Mailboxes are nobody's at the moment. */
export async function freeOthers(tx: Tx, now: Instant): Promise<void> {
  await tx.query(
    `update archive_parts set owner = null, epoch = epoch + 1, due_at = case when owed > 0 then $1::timestamptz else due_at end
      where owner is not null`,
    [timestamp(now)],
  );
  await tx.query("update mailboxes set busy_until = null where busy_until is not null");
}
