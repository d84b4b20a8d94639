/**
 * Recipients as a file, page by page: CSV for spreadsheets, JSON lines for programs. What comes out can be imported again. Memory holds
 * one page whatever the size; people who come or go meanwhile are in it or not.
 */
import type { ExportQuery } from "../../contract/audience-recipients.ts";
import type { Db } from "../../platform/db.ts";
import { findNames, findRecipients } from "./recipient-store.ts";
import type { RecipientRow } from "./store.ts";

const PAGE = 2000;

type Write = (row: RecipientRow) => string;

export async function* exportRecipients(db: Db, query: ExportQuery): AsyncGenerator<string> {
  const { format, attributes, guard, ...filter } = query;
  const names = attributes ?? (format === "csv" ? await findNames(db, filter) : null);
  if (format === "csv") yield csvLine(["email", ...(names ?? [])].map((name) => shown(name, guard)));
  const write: Write = format === "csv" ? csvWriter(names ?? [], guard) : jsonWriter(names);
  for (let after = 0; ; ) {
    const rows = await findRecipients(db, { filter, after, limit: PAGE });
    const text = rows.map(write).join("");
    if (text !== "") yield text;
    after = rows.at(-1)?.id ?? after;
    if (rows.length < PAGE) return;
  }
}

function csvWriter(names: readonly string[], guard: boolean): Write {
  return ({ address, attributes }) => {
    return csvLine([shown(address, guard), ...names.map((name) => cellOf(attributes[name], guard))]);
  };
}

function cellOf(value: unknown, guard: boolean): string {
  if (value === undefined || value === null) return "";
  if (typeof value === "string") return shown(value, guard);
  // Numbers too: a negative one is no formula. What programs stored as a list or an object stays readable for them.
  return JSON.stringify(value);
}

/** Null: all attributes. `email` is the address, also where an attribute has that name. */
function jsonWriter(names: readonly string[] | null): Write {
  return ({ address, attributes }) => {
    const entries = Object.entries(attributes).filter(([name]) => name !== "email" && names?.includes(name) !== false);
    return `${JSON.stringify(Object.fromEntries([["email", address], ...entries]))}\n`;
  };
}

/** RFC 4180. */
export const csvLine = (values: readonly string[]): string =>
  `${values.map((value) => (/[",;\t\r\n]/.test(value) ? `"${value.replaceAll('"', '""')}"` : value)).join(",")}\r\n`;

/** Foreign text must be no formula where a spreadsheet opens the file; addresses may begin with = too. */
export const shown = (text: string, guard = true): string => (guard && /^[=+\-@\t\r]/.test(text) ? `'${text}` : text);
