/**
 * The acts on a delivery that is under way, each one conditional update of its row; which act leads where is the table in
 * core/delivery/lifecycle.ts. How it gets under way is in start-delivery.ts. Senders hear of every change through NOTIFY
 * envoi_control and take no new message of a delivery that is not in progress.
 */
import { outcomeOf, settled } from "../../core/delivery/lifecycle.ts";
import type { DeliveryState } from "../../core/delivery/status.ts";
import { DAY, type Duration, type Instant } from "../../core/time.ts";
import { timestamp, type Db, type Tx } from "../../platform/db.ts";
import { resumeWaves } from "./begin-waves.ts";
import { cancelRest } from "./cancel-rest.ts";
import { announce, lockFor, lockRow, notify, setHoldReason, setState } from "./transition.ts";
import { dropWaves } from "./waves-store.ts";

/** Stops taking new messages. Answers how many are on the wire and will still finish. */
export async function pauseDelivery(db: Db, id: number, actor: string, now: Instant): Promise<{ onWire: number }> {
  return db.transaction(async (tx) => {
    const delivery = await lockFor(tx, id, "pause");
    await setState(tx, id, delivery.state, "pause", now);
    const onWire = await countOnWire(tx, id);
    await announce(tx, id, "delivery.paused", actor, now, { onWire });
    return { onWire };
  });
}

export async function resumeDelivery(db: Db, id: number, actor: string, now: Instant): Promise<void> {
  await db.transaction(async (tx) => {
    const delivery = await lockFor(tx, id, "resume");
    await setState(tx, id, delivery.state, "resume", now);
    await setHoldReason(tx, id, null);
    await announce(tx, id, "delivery.resumed", actor, now);
    await resumeWaves(tx, id, delivery, now);
  });
}

/** Ends the delivery: what has not gone out is cancelled. Final. Copies of what went out are still made. */
export async function stopDelivery(db: Db, id: number, actor: string, now: Instant): Promise<{ onWire: number }> {
  return db.transaction(async (tx) => {
    const delivery = await lockFor(tx, id, "stop");
    return stop(tx, id, delivery.state, actor, now);
  });
}

async function stop(
  tx: Tx,
  id: number,
  state: DeliveryState,
  actor: string,
  now: Instant,
  detail: Readonly<Record<string, string>> = {},
): Promise<{ onWire: number }> {
  await setState(tx, id, state, "stop", now);
  await dropWaves(tx, id);
  const onWire = await countOnWire(tx, id);
  await announce(tx, id, "delivery.stopped", actor, now, { onWire, ...detail });
  return { onWire };
}

/** For whoever wants to look at it as it stands. */
const OVERDUE_AFTER: Duration = DAY;

/** Stops what is still paused a day after its validity: nothing of it can leave any more, and as long as it is open its log is kept. */
export async function stopOverdue(db: Db, now: Instant): Promise<void> {
  const overdue = "state = 'paused' and valid_until < $1 and open_until is null";
  const before = timestamp(now - OVERDUE_AFTER);
  for (const { id } of await db.query<{ id: number }>(`select id from deliveries where ${overdue}`, [before])) {
    await db.transaction(async (tx) => {
      const [row] = await tx.query<{ state: DeliveryState }>(
        `select state from deliveries where ${overdue} and id = $2 for update`,
        [before, id],
      );
      if (row) await stop(tx, id, row.state, "worker", now, { reason: "its validity is over" });
    });
  }
}

/** Pauses a delivery that cannot go on, for a reason that the operator must see; harmless when repeated. */
export async function holdDelivery(db: Db, id: number, reason: string, now: Instant): Promise<void> {
  await db.transaction(async (tx) => {
    const delivery = await lockRow(tx, id);
    if (!delivery || outcomeOf("hold", delivery.state) === null) return;
    await setState(tx, id, delivery.state, "hold", now);
    await setHoldReason(tx, id, reason);
    await announce(tx, id, "delivery.held", "mta", now, { reason });
  });
}

/**
 * Ends what can be ended: `pausing` without leases becomes `paused`, `stopping` cancels what is left and becomes
 * `stopped`, `in-progress` with nothing left to do becomes `finished`. Called by senders when they release parts and by
 * the worker now and then.
 */
export async function settleDelivery(db: Db, id: number, now: Instant): Promise<void> {
  const [delivery] = await db.query<{ state: DeliveryState }>("select state from deliveries where id = $1", [id]);
  if (delivery?.state === "stopping") await cancelRest(db, id, now);
  await db.transaction(async (tx) => {
    const [row] = await tx.query<{ state: DeliveryState; kept: boolean; leased: boolean; open: boolean }>(
      `select d.state, coalesce(d.open_until > $2, false) as kept,
              exists (select 1 from delivery_parts p where p.delivery_id = d.id and p.owner is not null) as leased,
              exists (select 1 from delivery_parts p where p.delivery_id = d.id and p.pending + p.retrying > 0) as open
         from deliveries d where d.id = $1 for update`,
      [id, timestamp(now)],
    );
    if (!row || row.leased) return;
    // A carrier of single messages may get further ones, unless it is to stop.
    const next = settled(row.state, row.open || (row.kept && row.state !== "stopping"));
    if (next === null) return;
    await tx.query(
      `update deliveries set state = $2, updated_at = $3,
              finished_at = case when $2 in ('finished', 'stopped') then $3 else finished_at end
        where id = $1`,
      [id, next, timestamp(now)],
    );
    if (next === "finished") await announce(tx, id, "delivery.finished", "mta", now);
    else await notify(tx, id);
  });
}

async function countOnWire(tx: Tx, id: number): Promise<number> {
  const [row] = await tx.query<{ on_wire: number }>(
    "select coalesce(sum(on_wire), 0) as on_wire from sender_status where delivery_id = $1",
    [id],
  );
  return row?.on_wire ?? 0;
}
