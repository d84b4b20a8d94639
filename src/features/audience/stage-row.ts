/**
 * One row of the file as one line of PostgreSQL's COPY text format for the staging table: either a recipient or the
 * reason why it is none. Pure text work, a million times per import, hence the care for the common case.
 */
import { parseAddress } from "../../core/address/parse-address.ts";
import type { CsvRow } from "../../core/csv/csv-parser.ts";
import type { ImportError } from "../../contract/index.ts";
import type { Header } from "./read-header.ts";

/** The columns that a line fills, in this order. */
export const STAGED_COLUMNS = `line, address, match_key, domain, attributes, "column", value, reason, detail`;

const MAX_VALUE = 200;
const NULL = "\\N";

export type RowStager = {
  /** A line for COPY, with its line end. */
  stage(row: CsvRow): string;
};

export function createRowStager(header: Header): RowStager {
  const keys = header.names.map((name) => escapeCopy(`${JSON.stringify(name)}:`));
  return { stage: (row) => stageRow(header, keys, row) };
}

function stageRow(header: Header, keys: readonly string[], row: CsvRow): string {
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
  const column = header.names[header.address] ?? "";
  switch (address.kind) {
    case "empty":
      return rejected(row.line, null, {
        column,
        value: raw,
        reason: "address-not-specified",
        detail: "no address is given",
      });
    case "invalid":
      return rejected(row.line, raw, {
        column,
        value: raw,
        reason: "invalid-address",
        detail: `the address ${address.reason} (character ${address.at})`,
      });
    case "valid": {
      const attributes = attributesOf(header, keys, row.fields);
      if (typeof attributes === "object") return rejected(row.line, raw, attributes);
      const { address: text, matchKey, domain } = address;
      return `${row.line}\t${escapeCopy(text)}\t${escapeCopy(matchKey)}\t${domain}\t{${attributes}}\t\\N\t\\N\t\\N\t\\N\n`;
    }
  }
}

type Rejection = Omit<ImportError, "line">;

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

/** The members of a JSON object, escaped for COPY; a rejection where PostgreSQL could not store a value. */
function attributesOf(header: Header, keys: readonly string[], fields: readonly string[]): string | Rejection {
  let json = "";
  const count = Math.min(fields.length, keys.length);
  for (let i = 0; i < count; i++) {
    if (i === header.address) continue;
    const value = fields[i] ?? "";
    if (json !== "") json += ",";
    json += keys[i];
    if (!SPECIAL.test(value)) {
      json += `"${value}"`;
    } else if (value.includes("\0")) {
      return { column: header.names[i] ?? "", value, reason: "malformed-row", detail: "the value has a NUL character" };
    } else {
      json += escapeCopy(JSON.stringify(value));
    }
  }
  return json;
}

/** What JSON or COPY would have to escape. */
// oxlint-disable-next-line no-control-regex -- control characters are what it looks for
const SPECIAL = /["\\\0-\x1f\ud800-\udfff]/;

function rejected(line: number, address: string | null, why: Rejection): string {
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
function escapeCopy(text: string): string {
  if (!COPY_SPECIAL.test(text)) return text;
  return text.replace(/[\\\t\n\r]/g, (char) => COPY_ESCAPES[char] ?? char);
}

const COPY_SPECIAL = /[\\\t\n\r]/;
const COPY_ESCAPES: Readonly<Record<string, string>> = { "\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r" };
