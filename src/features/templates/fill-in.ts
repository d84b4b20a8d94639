/** From what is asked for to a whole delivery: the template's values below it, the defaults below those. */
import { createDeliverySchema, type CreateDelivery, type NewDelivery, type Template } from "../../contract/index.ts";
import { collectSet, type Inherited } from "../../core/delivery/origin.ts";
import type { Queryable } from "../../platform/db.ts";
import type { FieldError } from "../../platform/errors.ts";
import { schemaErrors } from "../../platform/schema-errors.ts";
import { refuse, withHeaderLines } from "../deliveries/index.ts";
import { overlay } from "./overlay.ts";
import { findTemplate, type Defaults } from "./store.ts";

/** Throws `invalid-input`: there is no such template, or neither says what a delivery cannot be without. */
export async function fillIn(db: Queryable, asked: NewDelivery): Promise<Filled> {
  const template = await loadTemplate(db, asked.template);
  return { delivery: layOver(template, asked), inherited: template && collectSet(whatIsSaid(template)) };
}

export type Filled = {
  readonly delivery: CreateDelivery;
  /** What the template says now, by path; null: no template. */
  readonly inherited: Inherited | null;
};

/** What deliveries made from it copy, only what it sets. */
function whatIsSaid({ code, category, description, executionFolder, content, sender, settings }: Template) {
  const words = Object.entries({ code, category, description }).filter(([, text]) => text !== "");
  return { ...Object.fromEntries(words), folder: executionFolder, content, sender, settings };
}

/** Throws `invalid-input`: neither says what a delivery cannot be without. */
export function layOver(defaults: (Defaults & Partial<Template>) | null, asked: NewDelivery): CreateDelivery {
  const { content, sender, settings } = asked;
  const whole = createDeliverySchema.safeParse({
    ...asked,
    ...generalOf(defaults, asked),
    content: content || defaults ? overlay(defaults?.content ?? {}, content ?? {}) : undefined,
    sender: overlay(defaults?.sender ?? {}, sender ?? {}),
    settings: overlay(defaults?.settings ?? {}, withHeaderLines(settings ?? {})),
  });
  if (whole.success) return whole.data;
  refuse(schemaErrors(whole.error));
  throw whole.error;
}

/** Null in a request: not the template's value. */
function generalOf(template: Partial<Template> | null, asked: NewDelivery) {
  const word = (name: "code" | "category" | "description") =>
    asked[name] ?? (asked[name] === null ? "" : template?.[name]);
  const folder = asked.folder === undefined ? template?.executionFolder : asked.folder;
  return {
    code: word("code"),
    category: word("category"),
    description: word("description"),
    folder: folder ?? undefined,
  };
}

async function loadTemplate(db: Queryable, id: string | undefined): Promise<Template | null> {
  if (id === undefined) return null;
  const template = await findTemplate(db, Number(id));
  const missing: FieldError = { pointer: "/template", code: "not-found", message: `There is no template ${id}` };
  if (!template) refuse([missing]);
  return template;
}
