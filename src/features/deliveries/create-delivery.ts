/** A new delivery, in state `editing`. What its template says is in it already: here the template is only noted. */
import type { CreateDelivery, Delivery } from "../../contract/index.ts";
import type { Inherited } from "../../core/delivery/origin.ts";
import type { Instant } from "../../core/time.ts";
import type { Db, Tx } from "../../platform/db.ts";
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
  return db.transaction((tx) => createInside(tx, given, actor, now, { inherited, detail: {} }));
}

type Origin = {
  /** What the template said. */
  readonly inherited: Inherited | null;
  /** To be said in the delivery's log. */
  readonly detail: Readonly<Record<string, string>>;
};

/** In a transaction of somebody else. Throws `invalid-input`. */
export async function createInside(
  tx: Tx,
  given: CreateDelivery,
  actor: string,
  now: Instant,
  { inherited, detail: said }: Origin,
): Promise<Delivery> {
  const input = { ...given, settings: withHeaderLines(given.settings) };
  await checkDelivery(tx, input);
  refuse(await checkFolder(tx, input.folder, "deliveries", "/folder"));
  const origin = { templateId: input.template === undefined ? null : Number(input.template), inherited };
  const row = await insertDelivery(tx, { ...input, folder: input.folder ?? null }, origin, now);
  const detail = input.template === undefined ? said : { template: input.template, ...said };
  await recordEvent(tx, { deliveryId: row.id, kind: "delivery.created", actor, at: now, detail });
  return presentDelivery(row);
}
