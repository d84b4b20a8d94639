/** One act on one delivery: its row is locked, the table of core decides, the new state is written, senders and pages hear of it. */
import type { Settings } from "../../contract/index.ts";
import { ACT_WORDS, outcomeOf, type Act } from "../../core/delivery/lifecycle.ts";
import type { DeliveryState } from "../../core/delivery/status.ts";
import type { Instant } from "../../core/time.ts";
import { timestamp, type Tx } from "../../platform/db.ts";
import { appError } from "../../platform/errors.ts";
import { PROGRESS_CHANNEL, recordEvent } from "../../platform/events.ts";
import { senderAddressOf } from "../settings/index.ts";

export const CONTROL_CHANNEL = "envoi_control";

export type LockedDelivery = {
  readonly state: DeliveryState;
  readonly version: number;
  readonly analysed_version: number | null;
  readonly analysed_at: Instant | null;
  readonly to_deliver: number;
  readonly validity: string | null;
  /** As its settings say. */
  readonly said_until: string | null;
  readonly sender_address: string;
  readonly dkim: Settings["dkim"] | null;
  readonly archive: Settings["archive"] | null;
  readonly nature: Settings["nature"] | null;
  readonly mode: Settings["mode"];
  readonly start_at: Instant | null;
  readonly start_not_after: Instant | null;
  readonly start_by: string | null;
};

/** Null: no such delivery. */
export async function lockRow(tx: Tx, id: number): Promise<LockedDelivery | null> {
  const [row] = await tx.query<LockedDelivery>(
    `select state, version, analysed_version, analysed_at, to_deliver, settings->>'validity' as validity,
            settings->>'validUntil' as said_until,
            ${senderAddressOf("deliveries")} as sender_address, settings->'dkim' as dkim, settings->'archive' as archive,
            settings->>'nature' as nature, coalesce(settings->>'mode', 'live') as mode,
            start_at, start_not_after, start_by
       from deliveries where id = $1 for update`,
    [id],
  );
  return row ?? null;
}

/** The delivery's row, locked; throws `not-found` or `action-not-allowed`. */
export async function lockFor(tx: Tx, id: number, act: Act): Promise<LockedDelivery> {
  const row = await lockRow(tx, id);
  if (!row) throw appError("not-found", { what: "delivery", id });
  refuseUnless(id, row.state, act);
  return row;
}

/** Throws `action-not-allowed`. */
export function refuseUnless(id: number, state: DeliveryState, act: Act): void {
  if (outcomeOf(act, state) === null) {
    throw appError("action-not-allowed", { id, state, action: ACT_WORDS[act], currentState: state });
  }
}

export type PlannedStart = {
  readonly at: Instant;
  readonly notAfter: Instant;
  /** In which the date was said; null: nobody said one. */
  readonly zone: string | null;
  readonly by: string;
};

/** `planned` exactly for the states that wait for their time: with any other change what was planned is over. */
export async function setState(
  tx: Tx,
  id: number,
  from: DeliveryState,
  act: Act,
  now: Instant,
  planned: PlannedStart | null = null,
): Promise<void> {
  await tx.query(
    `update deliveries set state = $2, updated_at = $3, start_at = $4, start_not_after = $5, start_zone = $6, start_by = $7
      where id = $1`,
    [
      id,
      outcomeOf(act, from),
      timestamp(now),
      ...(planned === null ? [null, null] : [timestamp(planned.at), timestamp(planned.notAfter)]),
      planned?.zone ?? null,
      planned?.by ?? null,
    ],
  );
}

/** Why the delivery does not go on by itself; null: it does. */
export async function setHoldReason(tx: Tx, id: number, reason: string | null): Promise<void> {
  await tx.query("update deliveries set hold_reason = $2 where id = $1", [id, reason]);
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
export async function notify(tx: Tx, id: number): Promise<void> {
  await tx.query("select pg_notify($1, $3), pg_notify($2, $3)", [CONTROL_CHANNEL, PROGRESS_CHANNEL, String(id)]);
}
