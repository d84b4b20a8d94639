/** The header line of a recipients file: which column holds the address, what the attributes are called. */
import type { CsvRow } from "../../core/csv/csv-parser.ts";
import { appError, type AppError, type ErrorCode, type Params } from "../../platform/errors.ts";

export type Header = {
  readonly fileName: string;
  /** As written, trimmed. */
  readonly names: readonly string[];
  /** Index of the address column. */
  readonly address: number;
  /** Where the header is. */
  readonly line: number;
};

/** What the address column may be called, in the order of preference. */
export const ADDRESS_NAMES: readonly string[] = ["email", "e-mail", "email_address", "mail"];
const MAX_LISTED = 20;
const MAX_NAME = 40;

/** `addressName`: what the column of addresses is called in this file. */
export function readHeader(fileName: string, row: CsvRow, addressName?: string): Header {
  const names = readColumns(fileName, row);
  return { fileName, names, address: findAddress(fileName, names, row.line, addressName), line: row.line };
}

/** Each column has a name of its own. */
export function readColumns(fileName: string, row: CsvRow): readonly string[] {
  if (row.kind !== "row") throw badCsv("csv-malformed", fileName, row, { detail: row.detail });
  const names = row.fields.map((name) => name.trim());
  // A delimiter at the end of every line makes no column.
  while (names.length > 1 && names.at(-1) === "") names.pop();
  names.forEach((name, i) => {
    const place = { line: row.line, column: i + 1 };
    if (name.includes("\0")) {
      throw badCsv("csv-malformed", fileName, place, { detail: "has a NUL character" });
    }
    if (name === "") throw badCsv("csv-column-unnamed", fileName, place);
    const first = names.findIndex((other) => sameColumn(other, name));
    if (first < i) throw badCsv("csv-column-duplicate", fileName, place, { name: short(name), first: first + 1 });
  });
  return names;
}

function findAddress(fileName: string, names: readonly string[], line: number, given: string | undefined): number {
  if (given !== undefined) {
    const index = names.indexOf(given);
    if (index >= 0) return index;
    throw appError("csv-column-unknown", { file: fileName, name: given, columns: listNames(names) });
  }
  const found = ADDRESS_NAMES.find((wanted) => names.some((name) => name.toLowerCase() === wanted));
  if (found === undefined) {
    throw badCsv("csv-no-email-column", fileName, { line, column: 1 }, { columns: listNames(names) });
  }
  return names.findIndex((name) => name.toLowerCase() === found);
}

/** Short enough for a sentence. */
export function listNames(names: readonly string[]): string {
  const listed = names.slice(0, MAX_LISTED).map(short).join(", ");
  return names.length > MAX_LISTED ? `${listed} and ${names.length - MAX_LISTED} more` : listed;
}

/** An error about a place in the file. */
export function badCsv(
  code: ErrorCode,
  file: string,
  place: { readonly line: number; readonly column: number },
  more: Params = {},
): AppError {
  const params = { file, line: place.line, column: place.column, ...more };
  const { message } = appError(code, params);
  return appError(code, params, [{ pointer: `${file}:${place.line}:${place.column}`, code, message }]);
}

/** Attribute names are told apart by case, address columns are not. */
function sameColumn(a: string, b: string): boolean {
  if (a === b) return true;
  const lower = a.toLowerCase();
  return lower === b.toLowerCase() && ADDRESS_NAMES.includes(lower);
}

function short(name: string): string {
  return name.length > MAX_NAME ? `${name.slice(0, MAX_NAME)}…` : name;
}
