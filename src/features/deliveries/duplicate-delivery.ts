/** A new delivery that says what another one says. What it refers to may be gone by now: its analysis says so, not the copying. */
import type { Delivery } from "../../contract/index.ts";
import { settingsSchema } from "../../contract/index.ts";
import type { Instant } from "../../core/time.ts";
import type { Db } from "../../platform/db.ts";
import { appError } from "../../platform/errors.ts";
import { recordEvent } from "../../platform/events.ts";
import { refuseField } from "./check-delivery.ts";
import { presentDelivery, presentGeneral } from "./present.ts";
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
  return db.transaction(async (tx) => {
    const original = await findDelivery(tx, id);
    if (!original) throw appError("not-found", { what: "delivery", id });
    if (original.proof_of !== null) refuseField("/", "proof", "This is a proof; copy its delivery");
    // The batch size was chosen for the other's audience.
    const { partSize: _, ...settings } = original.settings;
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
    const detail = { duplicateOf: String(id) };
    await recordEvent(tx, { deliveryId: copy.id, kind: "delivery.created", actor, at: now, detail });
    return presentDelivery(copy);
  });
}
