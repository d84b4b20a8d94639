/**
 * The acts that move a delivery through its states, each one conditional update of its row:
 *
 *   editing ─analyse─▶ analysing ─▶ ready ─confirm─▶ in-progress ─▶ finished
 *                                             in-progress ─pause─▶ pausing ─▶ paused ─resume─▶ in-progress
 *                              in-progress, pausing, paused ─stop─▶ stopping ─▶ stopped
 *
 * `pausing` and `stopping` last while messages are on the wire or parts are leased; `settle` ends them. Senders hear of
 * every change through NOTIFY envoi_control and take no new message of a delivery that is not in progress.
 */
import type { Settings } from "../../contract/index.ts";
import { parseAddress } from "../../core/address/parse-address.ts";
import type { DeliveryState } from "../../core/delivery/status.ts";
import { formatDuration } from "../../core/delivery/validity.ts";
import type { Instant } from "../../core/time.ts";
import { signingKeysFor } from "../domains/index.ts";
import { loadSettings } from "../settings/index.ts";
import { timestamp, type Db, type Tx } from "../../platform/db.ts";
import { appError } from "../../platform/errors.ts";
import { PROGRESS_CHANNEL, recordEvent } from "../../platform/events.ts";
import { cancelRest } from "./cancel-rest.ts";
import { freezeCopies } from "./copies.ts";
import { readValidity } from "./present.ts";

export const CONTROL_CHANNEL = "envoi_control";

/** Starts sending. The validity period begins now; how long it is and what archives take is settled. */
export async function confirmDelivery(db: Db, id: number, actor: string, now: Instant): Promise<void> {
  await db.transaction(async (tx) => {
    const delivery = await lock(tx, id);
    if (delivery.state !== "ready") throw notAllowed(id, delivery.state, "confirmed");
    if (delivery.version !== delivery.analysed_version) throw appError("delivery-changed", { id });
    const validity = readValidity(delivery.validity, (await loadSettings(tx)).validityCap);
    await tx.query(
      `update deliveries set state = 'in-progress', started_at = $2, valid_until = $3, updated_at = $2, signing_keys = $4
        where id = $1`,
      [id, timestamp(now), timestamp(now + validity), await chooseSigningKeys(tx, delivery)],
    );
    const copies = await freezeCopies(tx, id, { ...delivery, senderAddress: delivery.sender_address });
    await tx.query("update delivery_parts set due_at = $2 where delivery_id = $1", [id, timestamp(now)]);
    const mode = delivery.mode === "live" ? {} : { mode: delivery.mode };
    const detail = { validity: formatDuration(validity), ...mode, ...copies };
    await announce(tx, id, "delivery.confirmed", actor, now, detail);
  });
}

/** Stops taking new messages. Answers how many are on the wire and will still finish. */
export async function pauseDelivery(db: Db, id: number, actor: string, now: Instant): Promise<{ onWire: number }> {
  return db.transaction(async (tx) => {
    const delivery = await lock(tx, id);
    if (delivery.state !== "in-progress") throw notAllowed(id, delivery.state, "paused");
    await setState(tx, id, "pausing", now);
    const onWire = await countOnWire(tx, id);
    await announce(tx, id, "delivery.paused", actor, now, { onWire });
    return { onWire };
  });
}

export async function resumeDelivery(db: Db, id: number, actor: string, now: Instant): Promise<void> {
  await db.transaction(async (tx) => {
    const delivery = await lock(tx, id);
    if (delivery.state !== "paused" && delivery.state !== "pausing") throw notAllowed(id, delivery.state, "resumed");
    await tx.query("update deliveries set state = 'in-progress', hold_reason = null, updated_at = $2 where id = $1", [
      id,
      timestamp(now),
    ]);
    await announce(tx, id, "delivery.resumed", actor, now);
  });
}

/** Ends the delivery: what has not gone out is cancelled. Final. Copies of what went out are still made. */
export async function stopDelivery(db: Db, id: number, actor: string, now: Instant): Promise<{ onWire: number }> {
  return db.transaction(async (tx) => {
    const delivery = await lock(tx, id);
    if (!["in-progress", "pausing", "paused"].includes(delivery.state)) throw notAllowed(id, delivery.state, "stopped");
    await setState(tx, id, "stopping", now);
    const onWire = await countOnWire(tx, id);
    await announce(tx, id, "delivery.stopped", actor, now, { onWire });
    return { onWire };
  });
}

/** Pauses a delivery that cannot go on, for a reason that the operator must see; harmless when repeated. */
export async function holdDelivery(db: Db, id: number, reason: string, now: Instant): Promise<void> {
  await db.transaction(async (tx) => {
    const delivery = await lock(tx, id);
    if (delivery.state !== "in-progress") return;
    await tx.query("update deliveries set state = 'pausing', hold_reason = $3, updated_at = $2 where id = $1", [
      id,
      timestamp(now),
      reason,
    ]);
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
    const [row] = await tx.query<{ state: DeliveryState; leased: boolean; open: boolean }>(
      `select d.state,
              exists (select 1 from delivery_parts p where p.delivery_id = d.id and p.owner is not null) as leased,
              exists (select 1 from delivery_parts p where p.delivery_id = d.id and p.pending + p.retrying > 0) as open
         from deliveries d where d.id = $1 for update`,
      [id],
    );
    if (!row || row.leased) return;
    const next = settled(row.state, row.open);
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

function settled(state: DeliveryState, open: boolean): DeliveryState | null {
  if (!open && (state === "in-progress" || state === "pausing")) return "finished";
  if (state === "pausing") return "paused";
  if (state === "stopping" && !open) return "stopped";
  return null;
}

type Locked = {
  state: DeliveryState;
  version: number;
  analysed_version: number | null;
  validity: string | null;
  sender_address: string;
  dkim: Settings["dkim"] | null;
  archive: Settings["archive"] | null;
  nature: Settings["nature"] | null;
  mode: Settings["mode"];
};

/** From here on the same keys sign, whatever becomes of them: a retry must have the bytes of the first attempt. */
function chooseSigningKeys(tx: Tx, { sender_address, dkim }: Locked): Promise<number[]> {
  const sender = parseAddress(sender_address);
  return signingKeysFor(tx, sender.kind === "valid" ? sender.domain : "", dkim ?? null);
}

async function lock(tx: Tx, id: number): Promise<Locked> {
  const [row] = await tx.query<Locked>(
    `select state, version, analysed_version, settings->>'validity' as validity, sender->>'address' as sender_address,
            settings->'dkim' as dkim, settings->'archive' as archive, settings->>'nature' as nature,
            coalesce(settings->>'mode', 'live') as mode
       from deliveries where id = $1 for update`,
    [id],
  );
  if (!row) throw appError("not-found", { what: "delivery", id });
  return row;
}

function notAllowed(id: number, state: DeliveryState, action: string) {
  return appError("action-not-allowed", { id, state, action, currentState: state });
}

async function setState(tx: Tx, id: number, state: DeliveryState, now: Instant): Promise<void> {
  await tx.query("update deliveries set state = $2, updated_at = $3 where id = $1", [id, state, timestamp(now)]);
}

async function countOnWire(tx: Tx, id: number): Promise<number> {
  const [row] = await tx.query<{ on_wire: number }>(
    "select coalesce(sum(on_wire), 0) as on_wire from sender_status where delivery_id = $1",
    [id],
  );
  return row?.on_wire ?? 0;
}

export async function announce(
  tx: Tx,
  id: number,
  kind: Parameters<typeof recordEvent>[1]["kind"],
  actor: string,
  now: Instant,
  detail: Record<string, unknown> = {},
): Promise<void> {
  await recordEvent(tx, { deliveryId: id, kind, actor, at: now, detail });
  await notify(tx, id);
}

/** Senders act on it, live pages show it. */
async function notify(tx: Tx, id: number): Promise<void> {
  await tx.query("select pg_notify($1, $3), pg_notify($2, $3)", [CONTROL_CHANNEL, PROGRESS_CHANNEL, String(id)]);
}
