/** The SQL of waves: when they begin, whose turn it is, what became of their messages. */
import type { DeliveryWave } from "../../contract/approvals.ts";
import type { DeliveryState } from "../../core/delivery/status.ts";
import { formatInstant, SECOND, type Duration, type Instant } from "../../core/time.ts";
import { timestamp, type Queryable, type Tx } from "../../platform/db.ts";

/** Their times count from now on. */
export async function planWaveStarts(tx: Tx, id: number, startedAt: Instant): Promise<void> {
  await tx.query(
    "update delivery_waves set starts_at = $2::timestamptz + after_ms * interval '1 millisecond' where delivery_id = $1",
    [id, timestamp(startedAt)],
  );
}

/** Those whose time has come; they have begun when this returns. */
export async function takeDueWaves(tx: Tx, id: number, now: Instant): Promise<readonly number[]> {
  const rows = await tx.query<{ number: number }>(
    `update delivery_waves set begun_at = $2
      where delivery_id = $1 and begun_at is null and starts_at <= $2 returning number`,
    [id, timestamp(now)],
  );
  return rows.map(({ number }) => number).sort((a, b) => a - b);
}

/** What went by while the delivery was paused begins as soon as it may. */
export async function moveMissedWaves(tx: Tx, id: number, now: Instant): Promise<void> {
  await tx.query(
    "update delivery_waves set starts_at = $2 where delivery_id = $1 and begun_at is null and starts_at < $2",
    [id, timestamp(now)],
  );
}

export async function dropWaves(tx: Tx, id: number): Promise<void> {
  await tx.query("update delivery_waves set starts_at = null where delivery_id = $1 and begun_at is null", [id]);
}

/** Of deliveries that are under way, those with a wave whose time has come. */
export async function listDueDeliveries(db: Queryable, now: Instant): Promise<readonly number[]> {
  const rows = await db.query<{ id: number }>(
    `select distinct d.id from delivery_waves w join deliveries d on d.id = w.delivery_id
      where w.begun_at is null and w.starts_at <= $1 and d.state = 'in-progress' order by d.id`,
    [timestamp(now)],
  );
  return rows.map(({ id }) => id);
}

/** Null: none waits. */
export async function firstWaiting(tx: Tx, id: number): Promise<{ number: number; startsAt: Instant } | null> {
  const [row] = await tx.query<{ number: number; startsAt: Instant }>(
    `select number, starts_at as "startsAt" from delivery_waves
      where delivery_id = $1 and begun_at is null and starts_at is not null order by starts_at, number limit 1`,
    [id],
  );
  return row ?? null;
}

/** When the next delivery or wave begins by itself; `id`: of this delivery only. Null: nothing waits. */
export async function nextStart(db: Queryable, id: number | null): Promise<Instant | null> {
  const [row] = await db.query<{ at: Instant | null }>(
    `select least(
       (select min(start_at) from deliveries where state in ('scheduled', 'start-pending') and ($1::bigint is null or id = $1)),
       (select min(w.starts_at) from delivery_waves w join deliveries d on d.id = w.delivery_id
         where w.begun_at is null and w.starts_at is not null and d.state = 'in-progress' and ($1::bigint is null or d.id = $1))) as at`,
    [id],
  );
  return row?.at ?? null;
}

/** The parts of these waves are due; 0 stands for a delivery without waves. */
export async function makeDue(tx: Tx, id: number, waves: readonly number[], now: Instant): Promise<void> {
  await tx.query(
    "update delivery_parts set due_at = $2 where delivery_id = $1 and wave = any($3::int[]) and pending > 0",
    [id, timestamp(now), waves],
  );
}

type WaveRow = {
  number: number;
  after_ms: Duration;
  starts_at: Instant | null;
  begun_at: Instant | null;
  to_deliver: number;
  pending: number;
  sent: number;
  failed: number;
  cancelled: number;
  in_doubt: number;
};

/** In the order of their numbers. */
export async function loadWaves(db: Queryable, id: number, state: DeliveryState): Promise<DeliveryWave[]> {
  const rows = await db.query<WaveRow>(
    `select w.number, w.after_ms, w.starts_at, w.begun_at, w.to_deliver,
            coalesce(p.pending, 0) as pending, coalesce(p.sent, 0) as sent, coalesce(p.failed, 0) as failed,
            coalesce(p.cancelled, 0) as cancelled, coalesce(p.in_doubt, 0) as in_doubt
       from delivery_waves w
       left join (select wave, sum(pending + retrying) as pending, sum(sent) as sent, sum(failed) as failed,
                         sum(cancelled) as cancelled, sum(in_doubt) as in_doubt
                    from delivery_parts where delivery_id = $1 group by wave) p on p.wave = w.number
      where w.delivery_id = $1 order by w.number`,
    [id],
  );
  return rows.map((row) => ({
    number: row.number,
    state: stateOf(row, state),
    after: row.after_ms / SECOND,
    startsAt: row.starts_at === null ? null : formatInstant(row.starts_at),
    begunAt: row.begun_at === null ? null : formatInstant(row.begun_at),
    toDeliver: row.to_deliver,
    pending: row.pending,
    sent: row.sent,
    failed: row.failed,
    cancelled: row.cancelled,
    inDoubt: row.in_doubt,
  }));
}

function stateOf({ starts_at, begun_at, pending }: WaveRow, delivery: DeliveryState): DeliveryWave["state"] {
  if (begun_at !== null) return pending > 0 ? "begun" : "done";
  if (starts_at !== null) return "waiting";
  return delivery === "stopping" || delivery === "stopped" || delivery === "finished" ? "cancelled" : "planned";
}

type MessageOfPart = { readonly part_id: number; readonly seq: number };

/** Messages to recipients who are on the denylist or in quarantine since the analysis. */
export function listGone(tx: Tx, id: number, waves: readonly number[], analysedAt: Instant): Promise<MessageOfPart[]> {
  return tx.query<MessageOfPart>(
    `select m.part_id, m.seq
       from (select id from recipients where denylisted_at >= $2
             union
             select r.id from quarantine q join recipients r on r.match_key = q.match_key
              where q.status = 'quarantined' and q.updated_at >= $2) gone
       join messages m on m.recipient_id = gone.id
       join delivery_parts p on p.id = m.part_id
      where p.delivery_id = $1 and p.wave = any($3::int[]) and m.status = 'pending'
      order by m.part_id, m.seq`,
    [id, timestamp(analysedAt), waves],
  );
}

/** The same of a target that is a file: its messages know no recipient, so the address says whose they are. */
export async function listGoneOfFile(
  tx: Tx,
  id: number,
  waves: readonly number[],
  analysedAt: Instant,
): Promise<MessageOfPart[]> {
  const gone = await tx.query<{ address: string }>(
    `select distinct f.address
       from (select match_key from recipients where denylisted_at >= $2
             union
             select match_key from quarantine where status = 'quarantined' and updated_at >= $2) gone
       join file_rows f on f.match_key = gone.match_key
      where f.import_id = (select (audience ->> 'file')::bigint from deliveries where id = $1)`,
    [id, timestamp(analysedAt)],
  );
  if (gone.length === 0) return [];
  return tx.query<MessageOfPart>(
    `select m.part_id, m.seq
       from delivery_parts p join messages m on m.part_id = p.id
      where p.delivery_id = $1 and p.wave = any($3::int[]) and not p.seeds and m.status = 'pending' and m.address = any($2)
      order by m.part_id, m.seq`,
    [id, gone.map(({ address }) => address), waves],
  );
}
