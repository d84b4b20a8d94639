/** A delivery's properties one by one: where each value comes from, and how it gets another or the inherited one again. */
import { type PropertyList, type UpdateDelivery, updateDeliverySchema } from "../../contract/index.ts";
import { outcomeOf } from "../../core/delivery/lifecycle.ts";
import { changeProperties, missingProperties, traceProperties, valueBelow } from "../../core/delivery/origin.ts";
import type { Queryable, Tx } from "../../platform/db.ts";
import { schemaErrors } from "../../platform/schema-errors.ts";
import { loadSettings } from "../settings/index.ts";
import { refuse } from "./check-delivery.ts";
import { type DeliveryRow, presentGeneral } from "./present.ts";
import { findInherited, mustFind } from "./store.ts";

/** Throws `not-found`. */
export async function listProperties(db: Queryable, id: string): Promise<PropertyList> {
  const row = await mustFind(db, id);
  const [inherited, platform] = [await findInherited(db, row.id), await loadSettings(db)];
  return {
    version: row.version,
    editable: outcomeOf("edit", row.state) !== null,
    properties: traceProperties(fieldsOf(row), inherited ?? {}, platform),
  };
}

/** The change that gives some properties other values; null: the inherited one again. Throws `invalid-input`. */
export async function readWish(
  tx: Tx,
  row: DeliveryRow,
  wish: Readonly<Record<string, unknown>>,
): Promise<UpdateDelivery> {
  const inherited = (await findInherited(tx, row.id)) ?? {};
  const changed = changeProperties(
    fieldsOf(row),
    (path, property) => valueBelow(path, property, inherited).value,
    wish,
  );
  refuseUnknown(changed.unknown);
  const fields = changed.fields as Readonly<Record<string, unknown>>;
  refuse(missingProperties(fields, wish).map((path) => missing(path)));
  const touched = new Set(Object.keys(wish).map((path) => path.split(".")[0] ?? ""));
  const parsed = updateDeliverySchema.safeParse(
    Object.fromEntries([...touched].map((name) => [name, name === "folder" ? (fields[name] ?? null) : fields[name]])),
  );
  if (!parsed.success) refuse(schemaErrors(parsed.error));
  return parsed.data ?? {};
}

const fieldsOf = (row: DeliveryRow) => {
  const { label, content, sender, settings } = row;
  return { label, content, sender, settings, ...presentGeneral(row) };
};

/** Throws `invalid-input`. */
export function refuseUnknown(paths: readonly string[]): void {
  refuse(
    paths.map((path) => ({ pointer: pointerTo(path), code: "unknown", message: `There is no property "${path}"` })),
  );
}

const pointerTo = (path: string) => `/${path.replaceAll("~", "~0").replaceAll("/", "~1").replaceAll(".", "/")}`;

const missing = (path: string) => ({
  pointer: pointerTo(path),
  code: "required",
  message: "There is no delivery without it, and nothing that it could inherit",
});
