/** The SQL of the log judged again. Parts are locked first, in the order of their ids, as senders do. */
import type { Instant } from "../../core/time.ts";
import { timestamp, type Tx } from "../../platform/db.ts";
import { PROGRESS_CHANNEL } from "../../platform/events.ts";
import type { PastAttempt, PastMessage, Rejudged } from "./judge-again.ts";
import type { PartSize } from "./run-store.ts";

export async function lockParts(tx: Tx, parts: readonly number[]): Promise<void> {
  await tx.query("select 1 from delivery_parts where id = any($1) order by id for update", [parts]);
}

type Row = Omit<PastAttempt, "message"> &
  Omit<PastMessage, "type" | "reason"> & {
    readonly messageType: PastMessage["type"];
    readonly messageReason: PastMessage["reason"];
  };

/** Every attempt that has a reason, of messages that ended since then without arriving. */
export async function loadFailed(tx: Tx, parts: readonly number[], since: Instant): Promise<PastAttempt[]> {
  const rows = await tx.query<Row>(
    `select a.part_id as "partId", a.seq, a.attempt, a.at, a.kind, a.stage, a.code, a.enhanced, a.reply, a.mx, a.type, a.reason,
            a.rule, m.address, m.recipient_id as "recipientId", m.status, m.type as "messageType", m.reason as "messageReason",
            p.delivery_id as "deliveryId", coalesce(d.settings ->> 'mode', 'live') as mode
       from messages m
       join message_attempts a on a.part_id = m.part_id and a.seq = m.seq
       join delivery_parts p on p.id = m.part_id join deliveries d on d.id = p.delivery_id
      where m.part_id = any($1) and a.part_id = any($1) and m.status in ('failed', 'cancelled') and m.final_at >= $2
        and a.type is not null and a.reason is not null
      order by a.part_id, a.seq, a.attempt`,
    [parts, timestamp(since)],
  );
  return rows.map(
    ({ deliveryId, mode, address, recipientId, status, messageType: type, messageReason: reason, ...attempt }) => ({
      ...attempt,
      message: { deliveryId, mode, address, recipientId, status, type, reason },
    }),
  );
}

/** Writes down what was and what is to be. */
export async function insertRejudged(tx: Tx, run: number, changed: readonly Rejudged[]): Promise<void> {
  await tx.query(
    `insert into requalified_attempts (requalification_id, part_id, seq, attempt, type, reason, rule, new_type, new_reason, new_rule, decides)
     select $1, * from unnest($2::bigint[], $3::int[], $4::smallint[], $5::text[], $6::text[], $7::text[], $8::text[], $9::text[],
                              $10::text[], $11::boolean[])`,
    [
      run,
      changed.map(({ attempt }) => attempt.partId),
      changed.map(({ attempt }) => attempt.seq),
      changed.map(({ attempt }) => attempt.attempt),
      changed.map(({ attempt }) => attempt.type),
      changed.map(({ attempt }) => attempt.reason),
      changed.map(({ attempt }) => attempt.rule),
      changed.map(({ type }) => type),
      changed.map(({ reason }) => reason),
      changed.map(({ rule }) => rule),
      changed.map(({ decides }) => decides),
    ],
  );
}

const SAME = "part_id = n.part_id and %.seq = n.seq and %.part_id = any($2)";
const same = (alias: string): string => `${alias}.${SAME.replaceAll("%", alias)}`;
const MINE = "n as (select * from requalified_attempts where requalification_id = $1 and part_id = any($2))";

/** What `insertRejudged` wrote down becomes what the log says. Call with the parts locked. */
export async function applyRejudged(tx: Tx, run: number, parts: readonly number[]): Promise<void> {
  await tx.query(
    `with ${MINE},
     logged as (update message_attempts a set type = n.new_type, reason = n.new_reason, rule = n.new_rule
                  from n where ${same("a")} and a.attempt = n.attempt)
     update messages m set type = n.new_type, reason = n.new_reason from n where n.decides and ${same("m")}`,
    [run, parts],
  );
}

/** New ones only; how many. */
export async function insertDeliveries(tx: Tx, run: number, deliveries: readonly number[]): Promise<number> {
  const rows = await tx.query(
    `insert into requalified_deliveries (requalification_id, delivery_id) select $1, * from unnest($2::bigint[])
     on conflict do nothing returning 1`,
    [run, deliveries],
  );
  return rows.length;
}

/** Live pages read the log of these again. */
export async function announce(tx: Tx, deliveries: readonly number[]): Promise<void> {
  await tx.query("select pg_notify($1, id) from unnest($2::text[]) as id", [PROGRESS_CHANNEL, deliveries.map(String)]);
}

/** The next parts that a run changed, with how many attempts. */
export function nextChangedParts(tx: Tx, run: number, after: number, limit: number): Promise<PartSize[]> {
  return tx.query<PartSize>(
    `select part_id as id, count(*) as size from requalified_attempts
      where requalification_id = $1 and part_id > $2 group by part_id order by part_id limit $3`,
    [run, after, limit],
  );
}

/** Attempts that are still as they were made become what they were; how many are not. Call with the parts locked. */
export async function takeBack(tx: Tx, run: number, parts: readonly number[]): Promise<number> {
  const [row] = await tx.query<{ kept: number }>(
    `with ${MINE},
     logged as (update message_attempts a set type = n.type, reason = n.reason, rule = n.rule
                  from n where ${same("a")} and a.attempt = n.attempt and a.type = n.new_type and a.reason = n.new_reason
                           and a.rule is not distinct from n.new_rule returning 1),
     said as (update messages m set type = n.type, reason = n.reason
                from n where n.decides and ${same("m")} and m.type = n.new_type and m.reason = n.new_reason
                         and m.status in ('failed', 'cancelled'))
     select (select count(*) from n) - (select count(*) from logged) as kept`,
    [run, parts],
  );
  return row?.kept ?? 0;
}

export async function findDeliveries(tx: Tx, parts: readonly number[]): Promise<number[]> {
  const rows = await tx.query<{ id: number }>(
    "select distinct delivery_id as id from delivery_parts where id = any($1)",
    [parts],
  );
  return rows.map(({ id }) => id);
}
