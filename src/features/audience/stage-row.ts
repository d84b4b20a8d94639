/**
 * One row of the file as one line of PostgreSQL's COPY text format for the staging table: either a recipient or the
 * reason why it is none. Pure text work, a million times per import, hence the care for the common case.
 */
import { type AddressResult, parseAddress } from "../../core/address/parse-address.ts";
import type { CsvRow } from "../../core/csv/csv-parser.ts";
import type { ImportError } from "../../contract/index.ts";
import { type Column, type ImportRules, isPlain, readText } from "./import-rules.ts";
import type { Header } from "./read-header.ts";

/** The columns that a line fills, in this order. */
export const STAGED_COLUMNS = `line, address, match_key, domain, attributes, "column", value, reason, detail`;

const MAX_VALUE = 200;
const NULL = "\\N";

export type RowStager = {
  /** A line for COPY, with its line end. */
  stage(row: CsvRow): string;
};

/** A column that becomes an attribute. `plain`: its text is stored as it is. */
type Cell = { readonly index: number; readonly key: string; readonly column: Column; readonly plain: boolean };

export function createRowStager(header: Header, columns: readonly (Column | null)[], rules: ImportRules): RowStager {
  const cells = columns.flatMap((column, index): Cell[] =>
    column === null ? [] : [{ index, key: keyOf(column.attribute), column, plain: isPlain(column) }],
  );
  return { stage: (row) => stageRow(header, cells, rules, row) };
}

export const keyOf = (attribute: string): string => escapeCopy(`${JSON.stringify(attribute)}:`);

function stageRow(header: Header, cells: readonly Cell[], rules: ImportRules, row: CsvRow): string {
  if (row.kind !== "row") {
    const column = header.names[row.column - 1] ?? `column ${row.column}`;
    return rejected(row.line, null, {
      column,
      value: row.text,
      reason: "malformed-row",
      detail: `the value ${row.detail}`,
    });
  }
  const raw = row.fields[header.address] ?? "";
  const surplus = findSurplus(header, row.fields);
  if (surplus) return rejected(row.line, raw, surplus);
  const address = parseAddress(raw);
  if (address.kind !== "valid") return rejectedAddress(row.line, raw, header.names[header.address] ?? "", address);
  const attributes = attributesOf(header, cells, rules, row.fields);
  if (typeof attributes === "object") return rejected(row.line, raw, attributes);
  const { address: text, matchKey, domain } = address;
  return `${row.line}\t${escapeCopy(text)}\t${escapeCopy(matchKey)}\t${domain}\t{${attributes}}\t\\N\t\\N\t\\N\t\\N\n`;
}

export function rejectedAddress(
  line: number,
  raw: string,
  column: string,
  address: Exclude<AddressResult, { kind: "valid" }>,
): string {
  if (address.kind === "empty") {
    const detail = "no address is given";
    return rejected(line, null, { column, value: raw, reason: "address-not-specified", detail });
  }
  const detail = `the address ${address.reason} (character ${address.at})`;
  return rejected(line, raw, { column, value: raw, reason: "invalid-address", detail });
}

export type Rejection = Omit<ImportError, "line">;

/** More values than columns: which value belongs where cannot be known. Empty ones at the end are harmless. */
function findSurplus(header: Header, fields: readonly string[]): Rejection | null {
  const count = header.names.length;
  if (fields.length <= count) return null;
  const index = fields.findIndex((value, i) => i >= count && value !== "");
  if (index < 0) return null;
  return {
    column: `column ${index + 1}`,
    value: fields[index] ?? "",
    reason: "malformed-row",
    detail: `the row has ${fields.length} values, the header ${count} columns`,
  };
}

/** The members of a JSON object, escaped for COPY; a rejection where a value does not fit. */
function attributesOf(
  header: Header,
  cells: readonly Cell[],
  rules: ImportRules,
  fields: readonly string[],
): string | Rejection {
  let json = "";
  for (const cell of cells) {
    if (cell.index >= fields.length) break;
    const value = fields[cell.index] ?? "";
    if (value === "" && rules.onBlank === "keep") continue;
    const written = cell.plain && !SPECIAL.test(value) ? `"${value}"` : writeValue(cell, rules, value);
    if (written === null) continue;
    if (typeof written !== "string") return { column: header.names[cell.index] ?? "", value, ...written };
    json += json === "" ? cell.key + written : `,${cell.key}${written}`;
  }
  return json;
}

/** Null: a blank that is to be kept. */
function writeValue(
  { column, plain }: Cell,
  rules: ImportRules,
  value: string,
): string | null | Pick<Rejection, "reason" | "detail"> {
  const read = readText(column, value, rules);
  switch (read.kind) {
    case "value":
      return escapeCopy(JSON.stringify(read.value));
    case "blank":
      if (rules.onBlank === "keep") return null;
      return plain || column.declared?.type === "text" ? '""' : "null";
    case "invalid":
      return { reason: plain ? "malformed-row" : "invalid-value", detail: `the value ${read.problem}` };
  }
}

/** What JSON or COPY would have to escape. */
// oxlint-disable-next-line no-control-regex -- control characters are what it looks for
const SPECIAL = /["\\\0-\x1f\ud800-\udfff]/;

export function rejected(line: number, address: string | null, why: Rejection): string {
  const shown = address === null || address === "" ? NULL : escapeCopy(show(address));
  const cells = [why.column, why.value, why.reason, why.detail].map((cell) => escapeCopy(show(cell)));
  return `${line}\t${shown}\t\\N\t\\N\t\\N\t${cells.join("\t")}\n`;
}

/** Short enough to look at, NUL made visible, for PostgreSQL cannot store it. */
function show(value: string): string {
  const cut = value.length > MAX_VALUE ? `${value.slice(0, MAX_VALUE).replace(/[\ud800-\udbff]$/, "")}…` : value;
  return cut.replaceAll("\0", "\u2400");
}

/** The COPY text format of PostgreSQL: backslash, tab and line ends are escaped. */
export function escapeCopy(text: string): string {
  if (!COPY_SPECIAL.test(text)) return text;
  return text.replace(/[\\\t\n\r]/g, (char) => COPY_ESCAPES[char] ?? char);
}

const COPY_SPECIAL = /[\\\t\n\r]/;
const COPY_ESCAPES: Readonly<Record<string, string>> = { "\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r" };
