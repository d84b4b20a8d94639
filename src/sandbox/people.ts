/** Writes generated people as the CSV file that an import reads: UTF-8, header row, CRLF; in bounded memory. */
import { createWriteStream } from "node:fs";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";

import { csvRecord, personAt, PERSON_COLUMNS } from "../core/sandbox/people.ts";

const ROWS_PER_WRITE = 500;

/** People 0 … n − 1 of the seed; the same arguments write the same bytes. */
export async function writePeopleCsv(path: string, n: number, seed: number): Promise<void> {
  await pipeline(Readable.from(chunks(n, seed)), createWriteStream(path));
}

function* chunks(n: number, seed: number): Generator<string> {
  yield csvRecord(PERSON_COLUMNS);
  for (let from = 0; from < n; from += ROWS_PER_WRITE) {
    let text = "";
    for (let i = from; i < Math.min(n, from + ROWS_PER_WRITE); i++) {
      const person = personAt(seed, i);
      text += csvRecord(PERSON_COLUMNS.map((column) => person[column]));
    }
    yield text;
  }
}
