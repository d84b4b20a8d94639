/**
 * Retention of the hot tables: whole partitions go, never rows. Of a block of parts first the log goes (messages, attempts, copies), and
 * later what readers did. The parts themselves stay: their counters are the delivery's figures.
 *
 * To drop a partition its parent is locked for a moment, and whoever commits outcomes waits behind. So the lock is only waited for
 * for a blink, again and again; where that does not do, the block stays until the next night.
 */
import { setTimeout as wait } from "node:timers/promises";

import type { Duration, Instant } from "../../core/time.ts";
import { timestamp, type Db, type Queryable } from "../../platform/db.ts";
import { errorCode } from "../../platform/errors.ts";

const LOG_TABLES = ["messages", "message_attempts", "archive_copies", "single_messages"];
const TRACKING_TABLES = ["tracking_events", "message_reactions"];
/** What senders notice of it at most, for each try. */
const LOCK_MS = 50;
const PAUSE_MS: Duration = 250;
const TRIES = 40;
const LOCK_NOT_AVAILABLE = "55P03";

export type Block = {
  readonly from: number;
  /** Why it stays though it is old; null: it can go. */
  readonly kept: string | null;
  /** Of the log the messages, of the reactions an estimate. */
  readonly rows: number;
  readonly bytes: number;
};

export type DropWish = {
  /** All deliveries of a block ended before. */
  readonly before: Instant;
  readonly now: Instant;
};

type BlockRow = {
  from_part: number;
  delivery_id: number | null;
  state: string | null;
  young: boolean;
  shown: number | null;
  owed: number | null;
  messages: number;
};

/**
 * Blocks whose log is old: every delivery in them ended before. A block that still receives parts is none of them; one stays whose
 * mirror pages are still shown, of which an archive is owed copies, or in which a delivery has not ended.
 */
export async function listOldLogs(db: Queryable, { before, now }: DropWish): Promise<Block[]> {
  const rows = await db.query<BlockRow>(
    `select r.from_part, d.delivery_id, o.state, coalesce(d.young, false) as young, d.shown, a.owed, coalesce(d.messages, 0) as messages
       from message_partitions r
       cross join lateral (
         select min(d.id) filter (where d.finished_at is null) as delivery_id, bool_or(d.finished_at >= $1) as young,
                min(d.id) filter (where coalesce((d.settings->>'resourceUntil')::timestamptz,
                                               d.started_at + (d.settings->>'resourceValidity')::interval) >= $2) as shown,
                sum(p.to_deliver) as messages
           from delivery_parts p join deliveries d on d.id = p.delivery_id
          where p.id >= r.from_part and p.id < r.to_part) d
       left join deliveries o on o.id = d.delivery_id
       cross join lateral (
         select min(a.delivery_id) as owed from archive_parts a
          where a.part_id >= r.from_part and a.part_id < r.to_part and (a.owed > 0 or a.rename_at is not null)) a
      where r.log_dropped_at is null and r.created_at < $1
        and r.to_part <= (select case when is_called then last_value else last_value - 1 end from delivery_part_ids)
      order by r.from_part`,
    [timestamp(before), timestamp(now)],
  );
  const old = rows.filter(({ young }) => !young);
  return Promise.all(
    old.map(async (row) => ({
      from: row.from_part,
      kept: reasonToKeep(row),
      rows: row.messages,
      bytes: await sizeOf(db, LOG_TABLES, row.from_part),
    })),
  );
}

function reasonToKeep({ delivery_id: open, state, shown, owed }: BlockRow): string | null {
  if (open !== null) return `delivery ${open} is ${state}`;
  if (owed !== null) return `an archive is owed copies of delivery ${owed}`;
  return shown === null ? null : `mirror pages of delivery ${shown} are shown`;
}

/** Blocks without a log whose deliveries all ended before. */
export async function listOldReactions(db: Queryable, { before }: DropWish): Promise<Block[]> {
  const rows = await db.query<{ from_part: number }>(
    `select r.from_part from message_partitions r
      where r.log_dropped_at is not null
        and not exists (
          select from delivery_parts p join deliveries d on d.id = p.delivery_id
           where p.id >= r.from_part and p.id < r.to_part and (d.finished_at is null or d.finished_at >= $1))
      order by r.from_part`,
    [timestamp(before)],
  );
  return Promise.all(
    rows.map(async ({ from_part: from }) => ({
      from,
      kept: null,
      rows: await countAbout(db, TRACKING_TABLES, from),
      bytes: await sizeOf(db, TRACKING_TABLES, from),
    })),
  );
}

/** False: others hold the tables all the time; they stay as they are. */
export function dropLog(db: Db, { from }: Block, now: Instant, signal?: AbortSignal): Promise<boolean> {
  const done = (tx: Queryable) =>
    tx.query("update message_partitions set log_dropped_at = $2 where from_part = $1", [from, timestamp(now)]);
  return drop(db, LOG_TABLES, from, done, signal);
}

/** With this nothing is left of the block; see `dropLog`. */
export function dropReactions(db: Db, { from }: Block, signal?: AbortSignal): Promise<boolean> {
  const done = (tx: Queryable) => tx.query("delete from message_partitions where from_part = $1", [from]);
  return drop(db, TRACKING_TABLES, from, done, signal);
}

async function drop(
  db: Db,
  tables: readonly string[],
  from: number,
  done: (tx: Queryable) => Promise<unknown>,
  signal?: AbortSignal,
): Promise<boolean> {
  for (let n = 0; n < TRIES && signal?.aborted !== true; n++) {
    try {
      await db.transaction(async (tx) => {
        await tx.query(`set local lock_timeout = ${LOCK_MS}`);
        await tx.query(`drop table if exists ${tables.map((table) => `${table}_${from}`).join(", ")}`);
        await done(tx);
      });
      return true;
    } catch (error) {
      if (errorCode(error) !== LOCK_NOT_AVAILABLE) throw error;
      await wait(PAUSE_MS, null, signal === undefined ? {} : { signal }).catch(() => null);
    }
  }
  return false;
}

async function sizeOf(db: Queryable, tables: readonly string[], from: number): Promise<number> {
  const [row] = await db.query<{ bytes: number }>(
    "select coalesce(sum(pg_total_relation_size(to_regclass(name))), 0)::bigint as bytes from unnest($1::text[]) name",
    [tables.map((table) => `${table}_${from}`)],
  );
  return row?.bytes ?? 0;
}

/** As the last ANALYZE of the tables found. */
async function countAbout(db: Queryable, tables: readonly string[], from: number): Promise<number> {
  const [row] = await db.query<{ rows: number }>(
    "select coalesce(sum(greatest(reltuples, 0)), 0)::bigint as rows from pg_class where oid = any($1::text[]::regclass[])",
    [tables.map((table) => `${table}_${from}`)],
  );
  return row?.rows ?? 0;
}
