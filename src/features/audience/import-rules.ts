/** How the columns of a file become attributes: the mapping, the types that are declared, what a blank does. */
import type { ImportRules } from "../../contract/audience-imports.ts";
import { type Attribute, parseAttributeText } from "../../core/audience/attribute.ts";
import type { Schema } from "../../core/audience/read-attributes.ts";
import { appError } from "../../platform/errors.ts";
import { badCsv, listNames, type Header } from "./read-header.ts";

export type { ImportRules } from "../../contract/audience-imports.ts";

export const UPSERT: ImportRules = { mode: "upsert", onBlank: "erase", dryRun: false, mapping: {}, unmapped: "keep" };

/** What a column of the file fills; null: nothing. */
export type Column = {
  readonly attribute: string;
  /** Not given: whatever text it is. */
  readonly declared: Attribute | undefined;
};

/** In the order of the header. */
export function planColumns(header: Header, rules: ImportRules, schema: Schema): (Column | null)[] {
  for (const name of Object.keys(rules.mapping)) assertThere(header, name);
  const columns = header.names.map((name, i) => (i === header.address ? null : columnOf(name, rules, schema)));
  columns.forEach((column, i) => {
    const first = columns.findIndex((other) => other !== null && other.attribute === column?.attribute);
    if (column === null || first === i) return;
    const place = { line: header.line, column: i + 1 };
    throw badCsv("csv-column-duplicate", header.fileName, place, { name: column.attribute, first: first + 1 });
  });
  return columns;
}

/** Null: the mapping leaves it out. */
export function attributeOf(name: string, { mapping, unmapped }: ImportRules): string | null {
  if (Object.hasOwn(mapping, name)) return mapping[name] ?? null;
  return unmapped === "keep" ? name : null;
}

/** Text of any kind needs no look at each value. */
export const isPlain = ({ declared }: Column): boolean =>
  declared === undefined || (declared.type === "text" && !declared.indexed);

export const readText = ({ declared }: Column, text: string, rules: ImportRules) =>
  parseAttributeText(declared ?? { type: "text" }, text, rules);

function columnOf(name: string, rules: ImportRules, schema: Schema): Column | null {
  const attribute = attributeOf(name, rules);
  return attribute === null ? null : { attribute, declared: schema.get(attribute) };
}

function assertThere(header: Header, name: string): void {
  if (header.names.includes(name)) return;
  throw appError("csv-column-unknown", { file: header.fileName, name, columns: listNames(header.names) });
}
