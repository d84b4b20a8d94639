/** Makes, replaces and deletes templates. No delivery changes with them: it has copied what it needs. */
import type { Template, TemplateInput } from "../../contract/index.ts";
import type { Instant } from "../../core/time.ts";
import type { Db, Queryable, Tx } from "../../platform/db.ts";
import { appError } from "../../platform/errors.ts";
import { assertSeen, type Seen } from "../../platform/if-match.ts";
import { findDeliveryWithManifest, refuse } from "../deliveries/index.ts";
import { checkFolder } from "../folders/index.ts";
import { checkTemplate } from "./check-template.ts";
import { deleteTemplate, findTemplate, insertTemplate, lockTemplate, type Saved, updateTemplate } from "./store.ts";

const MAX_LABEL = 500;

export async function createTemplate(db: Db, input: TemplateInput, now: Instant): Promise<Template> {
  return db.transaction((tx) => insertChecked(tx, input, now));
}

async function insertChecked(tx: Tx, input: TemplateInput, now: Instant): Promise<Template> {
  return insertTemplate(tx, await savedOf(tx, input), now);
}

/** As it is kept. Throws `invalid-input`. */
export async function savedOf(tx: Tx, input: TemplateInput): Promise<Saved> {
  const { label, code = "", category = "", description = "", folder = null, executionFolder = null } = input;
  refuse([
    ...(await checkFolder(tx, folder, "templates", "/folder")),
    ...(await checkFolder(tx, executionFolder, "deliveries", "/executionFolder")),
  ]);
  return { label, code, category, description, folder, executionFolder, ...checkTemplate(input) };
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
  const copy = { ...original, label: label ?? original.label.slice(0, MAX_LABEL - suffix.length) + suffix };
  return db.transaction((tx) => insertTemplate(tx, copy, now));
}

/** All that the delivery says, its audience aside; its folder is where further deliveries go. */
export async function saveAsTemplate(
  db: Db,
  deliveryId: number,
  { label, folder = null }: { readonly label: string; readonly folder?: string | null | undefined },
  now: Instant,
): Promise<Template> {
  const found = await findDeliveryWithManifest(db, deliveryId);
  if (!found) throw appError("not-found", { what: "delivery", id: deliveryId });
  return db.transaction(async (tx) => {
    refuse(await checkFolder(tx, folder, "templates", "/folder"));
    return insertTemplate(tx, { ...found.delivery, label, folder, executionFolder: found.delivery.folder }, now);
  });
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
    return updateTemplate(tx, id, await savedOf(tx, input), now);
  });
}

export async function removeTemplate(db: Db, id: number, seen: Seen): Promise<void> {
  await db.transaction(async (tx) => {
    await lockOwn(tx, id, seen, "deleted");
    await deleteTemplate(tx, id);
  });
}

/** Throws `template-built-in`, `version-conflict`. */
export async function lockOwn(tx: Tx, id: number, seen: Seen, action: string): Promise<Template> {
  const template = await lockTemplate(tx, id);
  if (!template) throw appError("not-found", { what: "template", id });
  if (template.builtIn) throw appError("template-built-in", { label: template.label, action });
  assertSeen(template.version, seen, `template ${id}`);
  return template;
}
