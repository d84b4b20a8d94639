/**
 * Partitions of the hot tables: each holds the messages and attempts of a block of part ids, so that retention drops
 * whole partitions instead of deleting rows (drop-partitions.ts). A new block also starts after a week, so that old mail does not share a
 * partition with new mail.
 */
import { timestamp, type Db, type Tx } from "../../platform/db.ts";
import { DAY, type Instant } from "../../core/time.ts";

/** Part ids per partition: about four million messages of large deliveries. */
const BLOCK = 4096;
const ROLL_AFTER = 7 * DAY;
/** Serialises the allocation of part ids and the making of partitions. */
const LOCK = 7_236_002;
/** Room for one update of each row in its own page: status changes stay heap-only (no index changes). */
const FILLFACTOR = 75;
/** Keyed by part: all are cut at the same part ids. */
const HOT_TABLES = [
  "messages",
  "message_attempts",
  "tracking_events",
  "message_reactions",
  "archive_copies",
  "single_messages",
];

/** First of `count` consecutive new part ids; their partitions exist when this returns. */
export function allocateParts(db: Db, count: number, now: Instant): Promise<number> {
  return db.transaction(async (tx) => {
    await tx.query("select pg_advisory_xact_lock($1)", [LOCK]);
    const [newest] = await tx.query<{ to_part: number; created_at: Instant }>(
      "select to_part, created_at from message_partitions order by from_part desc limit 1",
    );
    const [sequence] = await tx.query<{ next: number }>(
      "select case when is_called then last_value + 1 else last_value end as next from delivery_part_ids",
    );
    let first = sequence?.next ?? 1;
    if (newest && now - newest.created_at > ROLL_AFTER && first < newest.to_part) first = newest.to_part;
    await tx.query("select setval('delivery_part_ids', $1)", [first + count - 1]);
    for (let from = blockOf(first); from < first + count; from += BLOCK) await createPartition(tx, from, now);
    return first;
  });
}

function blockOf(part: number): number {
  return Math.floor(part / BLOCK) * BLOCK;
}

async function createPartition(tx: Tx, from: number, now: Instant): Promise<void> {
  const exists = await tx.query("select 1 from message_partitions where from_part = $1", [from]);
  if (exists.length > 0) return;
  for (const table of HOT_TABLES) {
    // Made apart and attached: that takes a lock on the parent that neither senders nor readers notice.
    await tx.query(`create table ${table}_${from} (like ${table} including all) with (fillfactor = ${FILLFACTOR})`);
    await tx.query(
      `alter table ${table} attach partition ${table}_${from} for values from (${from}) to (${from + BLOCK})`,
    );
  }
  await tx.query("insert into message_partitions (from_part, to_part, created_at) values ($1, $2, $3)", [
    from,
    from + BLOCK,
    timestamp(now),
  ]);
}
