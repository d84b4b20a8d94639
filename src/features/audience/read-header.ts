/** The header line of a recipients file: which column holds the address, what the attributes are called. */
import type { CsvRow } from "../../core/csv/csv-parser.ts";
import { appError, type AppError, type ErrorCode, type Params } from "../../platform/errors.ts";

export type Header = {
  readonly fileName: string;
  /** As written, trimmed. */
  readonly names: readonly string[];
  /** Index of the address column. */
  readonly address: number;
};

/** What the address column may be called, in the order of preference. */
const ADDRESS_NAMES: readonly string[] = ["email", "e-mail", "email_address", "mail"];
const MAX_LISTED = 20;
const MAX_NAME = 40;

export function readHeader(fileName: string, row: CsvRow): Header {
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
  const found = ADDRESS_NAMES.find((wanted) => names.some((name) => name.toLowerCase() === wanted));
  if (found === undefined) {
    const listed = names.slice(0, MAX_LISTED).map(short).join(", ");
    const columns = names.length > MAX_LISTED ? `${listed} and ${names.length - MAX_LISTED} more` : listed;
    throw badCsv("csv-no-email-column", fileName, { line: row.line, column: 1 }, { columns });
  }
  return { fileName, names, address: names.findIndex((name) => name.toLowerCase() === found) };
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
