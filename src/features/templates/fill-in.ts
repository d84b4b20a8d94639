/** From what is asked for to a whole delivery: the template's values below it, the defaults below those. */
import { createDeliverySchema, type CreateDelivery, type NewDelivery } from "../../contract/index.ts";
import type { Queryable } from "../../platform/db.ts";
import type { FieldError } from "../../platform/errors.ts";
import { refuse, withHeaderLines } from "../deliveries/index.ts";
import { overlay } from "./overlay.ts";
import { findTemplate, type Defaults } from "./store.ts";

/** Throws `invalid-input`: there is no such template, or neither says what a delivery cannot be without. */
export async function fillIn(db: Queryable, asked: NewDelivery): Promise<CreateDelivery> {
  const defaults = await loadDefaults(db, asked.template);
  const { content, sender, settings } = asked;
  const whole = createDeliverySchema.safeParse({
    ...asked,
    content: content || defaults ? overlay(defaults?.content ?? {}, content ?? {}) : undefined,
    sender: sender || defaults ? overlay(defaults?.sender ?? {}, sender ?? {}) : undefined,
    settings: overlay(defaults?.settings ?? {}, withHeaderLines(settings ?? {})),
  });
  if (whole.success) return whole.data;
  const errors = whole.error.issues.map(({ path, code, message }) => ({
    pointer: path.map((step) => `/${String(step).replaceAll("~", "~0").replaceAll("/", "~1")}`).join(""),
    code: code.replaceAll("_", "-"),
    message,
  }));
  refuse(errors);
  throw whole.error;
}

async function loadDefaults(db: Queryable, id: string | undefined): Promise<Defaults | null> {
  if (id === undefined) return null;
  const template = await findTemplate(db, Number(id));
  const missing: FieldError = { pointer: "/template", code: "not-found", message: `There is no template ${id}` };
  if (!template) refuse([missing]);
  return template;
}
