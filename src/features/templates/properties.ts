/** A template's properties one by one: what it sets, and what the platform says of the others. */
import { type PropertyList, templateSchema } from "../../contract/index.ts";
import { changeProperties, traceTemplate } from "../../core/delivery/origin.ts";
import type { Instant } from "../../core/time.ts";
import type { Db, Queryable } from "../../platform/db.ts";
import type { Seen } from "../../platform/if-match.ts";
import { schemaErrors } from "../../platform/schema-errors.ts";
import { refuse, refuseUnknown } from "../deliveries/index.ts";
import { loadSettings } from "../settings/index.ts";
import { lockOwn, readTemplate, savedOf } from "./save-template.ts";
import { type Saved, updateTemplate } from "./store.ts";

/** Throws `not-found`. */
export async function listTemplateProperties(db: Queryable, id: number): Promise<PropertyList> {
  const template = await readTemplate(db, id);
  return {
    version: template.version,
    editable: !template.builtIn,
    properties: traceTemplate(fieldsOf(template), await loadSettings(db)),
  };
}

/** Null: the template says nothing about it any more. Throws `invalid-input`, `template-built-in`, `version-conflict`. */
export async function changeTemplate(db: Db, id: number, wish: object, seen: Seen, now: Instant): Promise<void> {
  await db.transaction(async (tx) => {
    const template = await lockOwn(tx, id, seen, "edited");
    const changed = changeProperties(fieldsOf(template), () => undefined, wish);
    refuseUnknown(changed.unknown);
    const parsed = templateSchema.safeParse(changed.fields);
    if (!parsed.success) return refuse(schemaErrors(parsed.error));
    await updateTemplate(tx, id, await savedOf(tx, parsed.data), now);
  });
}

/** An empty text says nothing. */
function fieldsOf({ label, content, sender, settings, folder, executionFolder, ...words }: Saved) {
  const { code, category, description } = words;
  const said = Object.entries({ code, category, description, folder, executionFolder });
  return { label, content, sender, settings, ...Object.fromEntries(said.filter(([, value]) => value)) };
}
