/** A file of JSON lines: one object a line, the address and the attributes as its members. */
import { appError } from "../../platform/errors.ts";
import type { ImportSource } from "./read-csv.ts";
import { textPieces } from "./read-csv.ts";

export type JsonLine =
  | { readonly line: number; readonly kind: "row"; readonly value: Readonly<Record<string, unknown>> }
  | { readonly line: number; readonly kind: "malformed"; readonly text: string; readonly detail: string };

export type JsonBatch = { readonly rows: readonly JsonLine[]; readonly bytes: number };

/** Longer than any recipient can be; also what memory holds of one. */
const MAX_LINE = 8 << 20;

/** Blank lines are no rows. */
export async function* readJsonLines(source: ImportSource): AsyncGenerator<JsonBatch> {
  let rest = "";
  let line = 0;
  let bytes = 0;
  for await (const piece of textPieces(source)) {
    bytes += piece.bytes;
    const lines = piece.text.split("\n");
    lines[0] = rest + (lines[0] ?? "");
    rest = piece.last ? "" : (lines.pop() ?? "");
    if (rest.length > MAX_LINE) {
      const place = { line: line + lines.length + 1, column: 1, detail: `is longer than ${MAX_LINE} characters` };
      throw appError("csv-malformed", { file: source.fileName, ...place });
    }
    const rows: JsonLine[] = [];
    for (const text of lines) {
      line++;
      if (text.trim() !== "") rows.push(readLine(text, line));
    }
    yield { rows, bytes };
  }
}

function readLine(text: string, line: number): JsonLine {
  const malformed = (detail: string): JsonLine => ({ line, kind: "malformed", text, detail });
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return malformed("is no JSON");
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) return malformed("is no JSON object");
  return { line, kind: "row", value: value as Record<string, unknown> };
}
