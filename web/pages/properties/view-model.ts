/** How values of properties are shown and typed. */
import type { TFunction } from "i18next";

import {
  PROPERTIES,
  PROPERTY_GROUPS,
  type Property,
  type PropertyList,
  type Traced,
} from "../../../src/contract/index.ts";
import type { Kind } from "../../queries-properties.ts";

/** What was changed and not saved, by path; null: reset. */
export type Typed = Readonly<Record<string, unknown>>;

/** Choices that have words already. */
const WORDS: Readonly<Record<string, string>> = {
  "settings.priority": "pace.priorities",
  "settings.mode": "mode",
  "settings.format": "section.formats",
  "settings.proof.format": "section.formats",
  "settings.mirror": "section.mirrors",
  "settings.nature": "section.natures",
  "settings.dsn": "section.dsns",
  "settings.transport": "section.transports",
};
/** What a line holds; more is for the page of the content. */
const LONGEST = 300;

/** Keys that are made of data: what has no word yet is shown by its name. */
type AnyWord = (key: string, options: { defaultValue: string }) => string;
const wordOf = (t: TFunction, key: string, otherwise: string) =>
  (t as unknown as AnyWord)(key, { defaultValue: otherwise });

export const nameOf = (t: TFunction, path: string) => wordOf(t, `property.name.${path}`, path);
export const optionWord = (t: TFunction, path: string, option: string) =>
  WORDS[path] === undefined ? option : wordOf(t, `${WORDS[path]}.${option}`, option);

export function groupsOf({ properties }: PropertyList, onlyOwn: boolean, kind: Kind, typed: Typed) {
  const own = kind === "deliveries" ? "delivery" : "template";
  const shown = properties.filter(({ path, origin }) => !onlyOwn || origin === own || path in typed);
  return PROPERTY_GROUPS.map((group) => ({ group, rows: shown.filter((row) => row.group === group) })).filter(
    ({ rows }) => rows.length > 0,
  );
}

export const propertyOf = (path: string): Property | undefined => PROPERTIES.get(path);

/** Long texts, lists and objects have a page of their own. */
export function isInline({ type }: Property): boolean {
  return type.kind !== "shape" && !(type.kind === "text" && type.most > 10_000);
}

export const isFound = (path: string) => ["folder", "code", "category", "description"].includes(path);

/** The value as a line of text; null: not set. */
export function valueText(
  t: TFunction,
  path: string,
  value: unknown,
  things: ReadonlyMap<string, string>,
): string | null {
  if (value === null || value === undefined || value === "") return null;
  const type = propertyOf(path)?.type;
  if (typeof value === "boolean") return t(value ? "property.on" : "property.off");
  if (typeof value === "object") {
    const isEmpty = Object.keys(value).length === 0;
    return isEmpty ? null : JSON.stringify(value).slice(0, LONGEST);
  }
  const text = String(value as string | number);
  if (type?.kind === "choice") return optionWord(t, path, text);
  return (type?.kind === "id" ? (things.get(text) ?? text) : text).slice(0, LONGEST);
}

/** What is asked of the server: a field that was emptied says nothing of its own any more. */
export function wishOf(typed: Typed): Typed {
  const isLeft = (path: string) => propertyOf(path)?.default === undefined && !propertyOf(path)?.required;
  return Object.fromEntries(
    Object.entries(typed).map(([path, value]) => [path, value === "" && isLeft(path) ? null : value]),
  );
}

/** What somebody typed into a row: nothing is changed where it is the value that is there. */
export function typedOver(typed: Typed, row: Traced, value: unknown): Typed {
  const { [row.path]: _before, ...others } = typed;
  const isSame = JSON.stringify(value ?? null) === JSON.stringify(row.value ?? null) && value !== null;
  return isSame ? others : { ...others, [row.path]: value };
}
