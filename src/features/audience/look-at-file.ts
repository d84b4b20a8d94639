/**
 * What the beginning of a file holds, before anything is imported: its columns, some values of each, what these look like, and which column
 * would be taken for the addresses. Reads as an import does: same encodings, delimiters and refusals.
 */
import type { FileLook } from "../../contract/audience-imports.ts";
import { CsvParser, type CsvRow } from "../../core/csv/csv-parser.ts";
import { sniffDelimiter } from "../../core/csv/sniff-delimiter.ts";
import { guessType } from "../../core/audience/attribute.ts";
import { appError } from "../../platform/errors.ts";
import { type ImportSource, textPieces } from "./read-csv.ts";
import { ADDRESS_NAMES, badCsv, readColumns } from "./read-header.ts";
import { readJsonLines } from "./read-json-lines.ts";

/** Enough to see what a column is. */
const MOST_ROWS = 200;
const MOST_SAMPLES = 5;
const MOST_TEXT = 64 * 1024;
const LONGEST_SAMPLE = 200;

type Table = { readonly names: readonly string[]; readonly rows: readonly (readonly string[])[] };

export async function lookAtFile(source: ImportSource, format: "csv" | "jsonl"): Promise<FileLook> {
  const { names, rows } = format === "csv" ? await readTable(source) : await readObjects(source);
  const address = ADDRESS_NAMES.find((wanted) => names.some((name) => name.toLowerCase() === wanted));
  return {
    format,
    rows: rows.length,
    address: names.find((name) => name.toLowerCase() === address) ?? null,
    columns: names.map((name, index) => {
      const values = rows.map((row) => row[index]?.trim() ?? "").filter((value) => value !== "");
      const samples = [...new Set(values)].slice(0, MOST_SAMPLES).map((value) => value.slice(0, LONGEST_SAMPLE));
      return { name, samples, looksLike: guessType(values) };
    }),
  };
}

/** The last row may be cut where what was sent ends: it counts only when there is no other. */
async function readTable(source: ImportSource): Promise<Table> {
  let text = "";
  for await (const piece of textPieces(source)) {
    text += piece.text;
    if (text.length >= MOST_TEXT) break;
  }
  const { delimiter, skip } = sniffDelimiter(text);
  const parser = new CsvParser(delimiter, skip > 0 ? 2 : 1);
  const whole = parser.push(text.slice(skip));
  const rows: readonly CsvRow[] = whole.length > 1 ? whole : [...whole, ...parser.end()];
  const [first, ...rest] = rows;
  if (first === undefined) throw appError("csv-empty", { file: source.fileName });
  if (first.kind === "hopeless") throw badCsv("csv-malformed", source.fileName, first, { detail: first.detail });
  const read = rest.flatMap((row) => (row.kind === "row" ? [row.fields] : []));
  return { names: readColumns(source.fileName, first), rows: read.slice(0, MOST_ROWS) };
}

/** The names in the order in which they come. */
async function readObjects(source: ImportSource): Promise<Table> {
  const names = new Set<string>();
  const objects: Readonly<Record<string, unknown>>[] = [];
  for await (const { rows } of readJsonLines(source)) {
    for (const row of rows) {
      if (row.kind !== "row" || objects.length >= MOST_ROWS) continue;
      objects.push(row.value);
      for (const name of Object.keys(row.value)) names.add(name);
    }
    if (objects.length >= MOST_ROWS) break;
  }
  if (names.size === 0) throw appError("csv-empty", { file: source.fileName });
  const asText = (value: unknown) =>
    typeof value === "string" ? value : value === null || value === undefined ? "" : JSON.stringify(value);
  return { names: [...names], rows: objects.map((object) => [...names].map((name) => asText(object[name]))) };
}
