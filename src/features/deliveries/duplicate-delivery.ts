/** A new delivery that says what another one says. What it refers to may be gone by now: its analysis says so, not the copying. */
import type { Delivery, Settings } from "../../contract/index.ts";
import { settingsSchema } from "../../contract/index.ts";
import type { Instant } from "../../core/time.ts";
import type { Db, Queryable, Tx } from "../../platform/db.ts";
import { appError } from "../../platform/errors.ts";
import { recordEvent } from "../../platform/events.ts";
import { refuseField } from "./check-delivery.ts";
import { presentDelivery, presentGeneral, type DeliveryRow } from "./present.ts";
import { findDelivery, findInherited, insertDelivery } from "./store.ts";

const LABEL_MAX = 500;
const SUFFIX = " (copy)";

export async function duplicateDelivery(
  db: Db,
  id: number,
  label: string | undefined,
  actor: string,
  now: Instant,
): Promise<Delivery> {
  return db.transaction(async (tx) => presentDelivery(await copyDelivery(tx, id, { label }, actor, now)));
}

type CopyWish = {
  /** Absent: the original's, as that of a copy. */
  readonly label?: string | undefined;
  /** Settings that are not copied. */
  readonly without?: readonly (keyof Settings)[];
  /** To be said in the copy's log. */
  readonly detail?: Readonly<Record<string, string>>;
};

/** In a transaction of somebody else. Throws `not-found`, `invalid-input`. */
export async function copyDelivery(
  tx: Tx,
  id: number,
  { label, without = [], detail = {} }: CopyWish,
  actor: string,
  now: Instant,
): Promise<DeliveryRow> {
  const original = await requireCampaign(tx, id, "/");
  // The batch size was chosen for the other's audience.
  const left: readonly string[] = ["partSize", ...without];
  const settings = Object.fromEntries(Object.entries(original.settings).filter(([name]) => !left.includes(name)));
  const copy = await insertDelivery(
    tx,
    {
      ...presentGeneral(original),
      label: label ?? `${original.label.slice(0, LABEL_MAX - SUFFIX.length)}${SUFFIX}`,
      content: original.content,
      sender: original.sender,
      audience: original.audience,
      settings: settingsSchema.parse(settings),
    },
    { templateId: original.template_id, inherited: await findInherited(tx, id) },
    now,
  );
  const said = { duplicateOf: String(id), ...detail };
  await recordEvent(tx, { deliveryId: copy.id, kind: "delivery.created", actor, at: now, detail: said });
  return copy;
}

/** A delivery that can be copied. `pointer`: what named it. Throws `not-found`, `invalid-input`. */
export async function requireCampaign(tx: Queryable, id: number, pointer: string): Promise<DeliveryRow> {
  const row = await findDelivery(tx, id);
  if (row === null) throw appError("not-found", { what: "delivery", id });
  if (row.proof_of !== null) refuseField(pointer, "proof", "This is a proof; copy its delivery");
  return row;
}
