/**
 * A CSV file or upload as a header and batches of rows: opens it, finds out encoding and delimiter from its beginning,
 * refuses what is no CSV of recipients. Memory holds one piece at a time.
 */
import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";

import { CsvParser, type CsvRow } from "../../core/csv/csv-parser.ts";
import { sniffDelimiter } from "../../core/csv/sniff-delimiter.ts";
import { sniffEncoding } from "../../core/csv/sniff-encoding.ts";
import { appError, AppError, errorCode, errorText } from "../../platform/errors.ts";
import { createTextDecoding } from "./decode-text.ts";
import { badCsv, readHeader, type Header } from "./read-header.ts";

export type ImportSource = {
  /** What errors and lists call it. */
  readonly fileName: string;
} & ({ readonly path: string } | { readonly stream: AsyncIterable<Uint8Array> });

export type CsvBatch = { readonly header: Header; readonly rows: readonly CsvRow[]; readonly bytes: number };

const PIECE = 64 * 1024;
const SAMPLE = 64 * 1024;

/** The header comes with every batch; the first batch may be empty. Every row after the header counts. */
export async function* readCsv(source: ImportSource, addressName?: string): AsyncGenerator<CsvBatch> {
  let parser: CsvParser | null = null;
  let header: Header | null = null;
  let bytes = 0;
  for await (const piece of textPieces(source)) {
    bytes += piece.bytes;
    let text = piece.text;
    if (parser === null) {
      // The first line may not be complete yet.
      if (piece.text === "" && !piece.last) continue;
      const { delimiter, skip } = sniffDelimiter(text);
      parser = new CsvParser(delimiter, skip > 0 ? 2 : 1);
      text = text.slice(skip);
    }
    let rows = piece.last ? [...parser.push(text), ...parser.end()] : parser.push(text);
    const hopeless = rows.find((row) => row.kind === "hopeless");
    if (hopeless) throw badCsv("csv-malformed", source.fileName, hopeless, { detail: hopeless.detail });
    const [first] = rows;
    if (header === null && first) {
      header = readHeader(source.fileName, first, addressName);
      rows = rows.slice(1);
    }
    if (header) yield { header, rows, bytes };
  }
  if (header === null) throw appError("csv-empty", { file: source.fileName });
}

export type TextPiece = { readonly text: string; readonly bytes: number; readonly last: boolean };

/** The file decoded; the last piece says so. Throws `csv-binary`, `file-unreadable`, `import-interrupted`. */
export async function* textPieces(source: ImportSource): AsyncGenerator<TextPiece> {
  const chunks = bytePieces(source);
  const sample: Uint8Array[] = [];
  let length = 0;
  while (length < SAMPLE) {
    const next = await chunks.next();
    if (next.done) break;
    sample.push(next.value);
    length += next.value.length;
  }
  const first = Buffer.concat(sample);
  const encoding = sniffEncoding(first.subarray(0, SAMPLE));
  if (encoding.kind === "binary") {
    const { offset, looksLike } = encoding;
    throw appError("csv-binary", { file: source.fileName, offset, looksLike });
  }
  const decoding = createTextDecoding(encoding.encoding);
  yield { text: decoding.push(first.subarray(encoding.bomLength)), bytes: first.length, last: false };
  for await (const chunk of chunks) yield { text: decoding.push(chunk), bytes: chunk.length, last: false };
  yield { text: decoding.end(), bytes: 0, last: true };
}

async function* bytePieces(source: ImportSource): AsyncGenerator<Uint8Array> {
  const file = source.fileName;
  try {
    if ("path" in source) {
      if ((await stat(source.path)).isDirectory())
        throw appError("file-unreadable", { file, detail: "it is a directory" });
      yield* createReadStream(source.path, { highWaterMark: PIECE });
    } else {
      yield* source.stream;
    }
  } catch (error) {
    if (error instanceof AppError) throw error;
    if ("stream" in source) throw appError("import-interrupted", { file, detail: errorText(error) });
    throw appError("file-unreadable", { file, detail: readProblem(error) });
  }
}

function readProblem(error: unknown): string {
  switch (errorCode(error)) {
    case "ENOENT":
      return "there is no such file";
    case "EACCES":
    case "EPERM":
      return "permission denied";
    default:
      return errorText(error);
  }
}
