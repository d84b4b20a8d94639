/** Edits and deletes a delivery that was not confirmed yet. */
import type { CreateDelivery, Delivery, UpdateDelivery } from "../../contract/index.ts";
import type { Instant } from "../../core/time.ts";
import type { Db, Tx } from "../../platform/db.ts";
import { appError } from "../../platform/errors.ts";
import { recordEvent } from "../../platform/events.ts";
import { checkDelivery, withHeaderLines } from "./check-delivery.ts";
import { presentDelivery, type DeliveryRow } from "./present.ts";
import { deleteDelivery, lockDelivery, saveEdit } from "./store.ts";
import { refuseUnless } from "./transition.ts";

/** `version` is the one that the editor saw; null takes any. Each field given replaces the whole field. */
export async function updateDelivery(
  db: Db,
  id: number,
  change: UpdateDelivery,
  version: number | null,
  actor: string,
  now: Instant,
): Promise<Delivery> {
  return db.transaction(async (tx) => {
    const row = await lockUnconfirmed(tx, id, "edit");
    if (version !== null && version !== row.version) throw appError("version-conflict", { id });
    const given = Object.fromEntries(Object.entries(change).filter(([, value]) => value !== undefined));
    const { label, content, sender, audience, settings } = row;
    const wanted: CreateDelivery = { label, content, sender, audience, settings, ...given };
    const edited = { ...wanted, settings: withHeaderLines(wanted.settings) };
    await checkDelivery(tx, edited);
    const saved = await saveEdit(tx, id, edited, now);
    const detail = { fields: Object.keys(given), version: saved.version };
    await recordEvent(tx, { deliveryId: id, kind: "delivery.edited", actor, at: now, detail });
    return presentDelivery(saved);
  });
}

export async function removeDelivery(db: Db, id: number, actor: string, now: Instant): Promise<void> {
  await db.transaction(async (tx) => {
    const row = await lockUnconfirmed(tx, id, "delete");
    await deleteDelivery(tx, id);
    const detail = { label: row.label };
    await recordEvent(tx, { deliveryId: id, kind: "delivery.deleted", actor, at: now, detail });
  });
}

async function lockUnconfirmed(tx: Tx, id: number, act: "edit" | "delete"): Promise<DeliveryRow> {
  const row = await lockDelivery(tx, id);
  if (!row) throw appError("not-found", { what: "delivery", id });
  refuseUnless(id, row.state, act);
  return row;
}
