/** Makes, replaces and deletes templates. No delivery changes with them: it has copied what it needs. */
import type { Template, TemplateInput } from "../../contract/index.ts";
import type { Instant } from "../../core/time.ts";
import type { Db, Queryable, Tx } from "../../platform/db.ts";
import { appError } from "../../platform/errors.ts";
import { findDeliveryWithManifest } from "../deliveries/index.ts";
import { checkTemplate } from "./check-template.ts";
import { deleteTemplate, findTemplate, insertTemplate, lockTemplate, updateTemplate } from "./store.ts";

/** The version that the editor saw: null for any; `none` matches no version. */
type Seen = number | "none" | null;

const MAX_LABEL = 500;

export async function createTemplate(db: Db, input: TemplateInput, now: Instant): Promise<Template> {
  return insertTemplate(db, input.label, checkTemplate(input), now);
}

export async function readTemplate(db: Queryable, id: number): Promise<Template> {
  const template = await findTemplate(db, id);
  if (!template) throw appError("not-found", { what: "template", id });
  return template;
}

/** Without a label of its own the copy is called after its original. */
export async function duplicateTemplate(
  db: Db,
  id: number,
  label: string | undefined,
  now: Instant,
): Promise<Template> {
  const original = await readTemplate(db, id);
  const suffix = " (copy)";
  return insertTemplate(db, label ?? original.label.slice(0, MAX_LABEL - suffix.length) + suffix, original, now);
}

/** All that the delivery says, its audience aside. */
export async function saveAsTemplate(db: Db, deliveryId: number, label: string, now: Instant): Promise<Template> {
  const found = await findDeliveryWithManifest(db, deliveryId);
  if (!found) throw appError("not-found", { what: "delivery", id: deliveryId });
  return insertTemplate(db, label, found.delivery, now);
}

export async function replaceTemplate(
  db: Db,
  id: number,
  input: TemplateInput,
  seen: Seen,
  now: Instant,
): Promise<Template> {
  return db.transaction(async (tx) => {
    await lockOwn(tx, id, seen, "edited");
    return updateTemplate(tx, id, input.label, checkTemplate(input), now);
  });
}

export async function removeTemplate(db: Db, id: number, seen: Seen): Promise<void> {
  await db.transaction(async (tx) => {
    await lockOwn(tx, id, seen, "deleted");
    await deleteTemplate(tx, id);
  });
}

async function lockOwn(tx: Tx, id: number, seen: Seen, action: string): Promise<void> {
  const template = await lockTemplate(tx, id);
  if (!template) throw appError("not-found", { what: "template", id });
  if (template.builtIn) throw appError("template-built-in", { label: template.label, action });
  if (seen !== null && seen !== template.version) throw appError("version-conflict", { what: `template ${id}` });
}
