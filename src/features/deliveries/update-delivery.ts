/** Edits and deletes a delivery that was not confirmed yet; what it is found by can be changed at any time. */
import type { CreateDelivery, Delivery, General, UpdateDelivery } from "../../contract/index.ts";
import { generalSchema } from "../../contract/index.ts";
import type { Instant } from "../../core/time.ts";
import type { Db, Tx } from "../../platform/db.ts";
import { appError } from "../../platform/errors.ts";
import { recordEvent } from "../../platform/events.ts";
import { checkFolder } from "../folders/index.ts";
import { lapseAfterEdit } from "./approvals.ts";
import { checkDelivery, refuse, withHeaderLines } from "./check-delivery.ts";
import { presentDelivery, presentGeneral, type DeliveryRow } from "./present.ts";
import { deleteDelivery, lockDelivery, saveEdit, saveGeneral } from "./store.ts";
import { refuseUnless } from "./transition.ts";

type Change = UpdateDelivery | ((tx: Tx, row: DeliveryRow) => Promise<UpdateDelivery>);

/** `version` is the one that the editor saw; null takes any. Each field given replaces the whole field. */
export async function updateDelivery(
  db: Db,
  id: number,
  change: Change,
  version: number | null,
  actor: string,
  now: Instant,
): Promise<Delivery> {
  return db.transaction(async (tx) => {
    const row = await lockVersion(tx, id, version);
    const asked = typeof change === "function" ? await change(tx, row) : change;
    const given = Object.fromEntries(Object.entries(asked).filter(([, value]) => value !== undefined));
    const fields = Object.keys(given);
    const saved = fields.every(isGeneral)
      ? await changeGeneral(tx, row, given, now)
      : await changeAll(tx, row, given, now);
    if (saved.state === "editing") await lapseAfterEdit(tx, id, isOtherContent(row, saved), actor, now);
    const detail = { fields, version: saved.version };
    await recordEvent(tx, { deliveryId: id, kind: "delivery.edited", actor, at: now, detail });
    return presentDelivery(saved);
  });
}

/** As the editor saw it; throws `not-found`, `version-conflict`. */
async function lockVersion(tx: Tx, id: number, version: number | null): Promise<DeliveryRow> {
  const row = await lockDelivery(tx, id);
  if (!row) throw appError("not-found", { what: "delivery", id });
  if (version !== null && version !== row.version) throw appError("version-conflict", { id });
  return row;
}

/** Settings that say how messages are sent, and to whom; their bytes depend on the others. */
const SENDING: ReadonlySet<string> = new Set(
  "approval archive dsn exclude inDoubtPolicy mode partSize pool population priority retries routes source speed typology validity waves weight".split(
    " ",
  ),
);

function isOtherContent(before: DeliveryRow, after: DeliveryRow): boolean {
  const contentOf = ({ content, sender, settings }: DeliveryRow) =>
    JSON.stringify([content, sender, Object.entries(settings).filter(([name]) => !SENDING.has(name))]);
  return contentOf(before) !== contentOf(after);
}

const isGeneral = (field: string) => field in generalSchema.shape;

async function changeGeneral(tx: Tx, row: DeliveryRow, given: Partial<General>, now: Instant): Promise<DeliveryRow> {
  const general = { ...presentGeneral(row), ...given };
  refuse(await checkFolder(tx, general.folder, "deliveries", "/folder"));
  return saveGeneral(tx, row.id, general, now);
}

/** Throws `action-not-allowed`, `invalid-input`. */
async function changeAll(
  tx: Tx,
  row: DeliveryRow,
  given: Partial<CreateDelivery & General>,
  now: Instant,
): Promise<DeliveryRow> {
  refuseUnless(row.id, row.state, "edit");
  const { label, content, sender, audience, settings } = row;
  const wanted = { ...presentGeneral(row), label, content, sender, audience, settings, ...given };
  const edited = { ...wanted, settings: withHeaderLines(wanted.settings) };
  refuse(await checkFolder(tx, edited.folder, "deliveries", "/folder"));
  await checkDelivery(tx, { ...edited, folder: edited.folder ?? undefined });
  return saveEdit(tx, row.id, edited, now);
}

export async function removeDelivery(db: Db, id: number, actor: string, now: Instant): Promise<void> {
  await db.transaction(async (tx) => {
    const row = await lockDelivery(tx, id);
    if (!row) throw appError("not-found", { what: "delivery", id });
    refuseUnless(id, row.state, "delete");
    await deleteDelivery(tx, id);
    const detail = { label: row.label };
    await recordEvent(tx, { deliveryId: id, kind: "delivery.deleted", actor, at: now, detail });
  });
}
