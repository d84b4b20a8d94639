/** A new delivery, in state `editing`. What its template says is in it already: here the template is only noted. */
import type { CreateDelivery, Delivery } from "../../contract/index.ts";
import type { Inherited } from "../../core/delivery/origin.ts";
import type { Instant } from "../../core/time.ts";
import type { Db } from "../../platform/db.ts";
import { recordEvent } from "../../platform/events.ts";
import { checkFolder } from "../folders/index.ts";
import { checkDelivery, refuse, withHeaderLines } from "./check-delivery.ts";
import { presentDelivery } from "./present.ts";
import { insertDelivery } from "./store.ts";

/** `inherited`: what the template said; its later changes change nothing here. */
export async function createDelivery(
  db: Db,
  given: CreateDelivery,
  actor: string,
  now: Instant,
  inherited: Inherited | null = null,
): Promise<Delivery> {
  const input = { ...given, settings: withHeaderLines(given.settings) };
  await checkDelivery(db, input);
  return db.transaction(async (tx) => {
    refuse(await checkFolder(tx, input.folder, "deliveries", "/folder"));
    const origin = { templateId: input.template === undefined ? null : Number(input.template), inherited };
    const row = await insertDelivery(tx, { ...input, folder: input.folder ?? null }, origin, now);
    const detail = input.template === undefined ? {} : { template: input.template };
    await recordEvent(tx, { deliveryId: row.id, kind: "delivery.created", actor, at: now, detail });
    return presentDelivery(row);
  });
}
