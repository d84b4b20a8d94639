/**
 * Templates and the form of a delivery: the form shows every field, a template sets some. The difference between the two, in both
 * directions.
 */
import type { Delivery, NewDelivery, Settings, Template, TemplateInput } from "../../../src/contract/index.ts";
import { type DeliveryRequest, type Draft, draftOf, emptyDraft, requestOf } from "../delivery-content/draft.ts";

export type TemplateFields = Pick<Template, "content" | "sender" | "settings">;
type Fields = Readonly<Record<string, unknown>>;

/** Groups of settings, of which each is set or not by itself. */
const isGroup = (name: string): boolean => name === "tracking" || name === "archive";

/** Settings that no field shows go along with those that the form shows. */
export const keptOf = ({ settings }: TemplateFields): Settings => settings as Settings;

/** What a form shows that knows nothing else: each field that nobody has set, with its default. */
const usual = () => requestOf(emptyDraft(), undefined);

export function draftOfTemplate(label: string, { content, sender, settings }: TemplateFields): Draft {
  const below = usual();
  const { tracking, archive } = below.settings;
  const shown = {
    ...below,
    label,
    content: { ...below.content, ...content },
    sender: { ...below.sender, ...sender },
    settings: {
      ...below.settings,
      ...settings,
      tracking: { ...tracking, ...settings.tracking },
      archive: { ...archive, ...settings.archive },
    },
  };
  return draftOf(shown as Delivery);
}

/** A field is set when it was before, or when it says something else than its default; an emptied one no longer is. */
export function templateRequest(form: DeliveryRequest, before: TemplateFields): TemplateInput {
  const below = usual();
  return {
    ...generalOf(before),
    label: form.label,
    content: setFields(form.content, below.content, before.content),
    sender: setFields(form.sender, below.sender, before.sender),
    settings: setFields(form.settings, below.settings, before.settings),
  };
}

/** What the form does not show stays. */
function generalOf({ folder, executionFolder, code, category, description }: TemplateFields & Partial<Template>) {
  const said = Object.entries({ folder, executionFolder, code, category, description });
  return Object.fromEntries(said.filter(([, value]) => value)) as Partial<TemplateInput>;
}

function setFields(form: Fields, below: Fields, before: Fields): Fields {
  const entries = Object.entries(form).flatMap(([name, value]): [string, unknown][] => {
    if (value === undefined || value === "") return [];
    if (isGroup(name)) {
      const group = setFields(value as Fields, fieldsIn(below, name), fieldsIn(before, name));
      return Object.keys(group).length === 0 ? [] : [[name, group]];
    }
    return name in before || JSON.stringify(value) !== JSON.stringify(below[name]) ? [[name, value]] : [];
  });
  return Object.fromEntries(entries);
}

/** The form of a new delivery over its template: what the template sets and the form no longer says is taken away by name. */
export function overTemplate(form: DeliveryRequest, template: TemplateFields & { id: string }): NewDelivery {
  return {
    ...form,
    template: template.id,
    content: withNulls(form.content, template.content),
    sender: withNulls(form.sender, template.sender),
    settings: withNulls(form.settings, template.settings),
  };
}

function withNulls(above: Fields, below: Fields): Fields {
  const entries = Object.keys({ ...below, ...above }).map((name): [string, unknown] => {
    const value = above[name];
    if (value === undefined) return [name, null];
    return [name, isGroup(name) ? withNulls(value as Fields, fieldsIn(below, name)) : value];
  });
  return Object.fromEntries(entries);
}

const fieldsIn = (fields: Fields, name: string): Fields => (fields[name] ?? {}) as Fields;

/** Another template under what is being typed: fields that still say what the last one said follow, the others stay. */
export function rebased(draft: Draft, from: Draft, to: Draft): Draft {
  const entries = Object.entries(draft).map(([field, value]) => {
    const name = field as keyof Draft;
    return [name, JSON.stringify(value) === JSON.stringify(from[name]) ? to[name] : value];
  });
  return Object.fromEntries(entries) as Draft;
}
