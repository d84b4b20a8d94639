/** Rows of a file that were not imported, on stderr: line, column, value, reason. The first ones; the import's error list has all. */
import { listImportErrors } from "../src/features/audience/index.ts";
import type { Db } from "../src/platform/db.ts";

const SHOWN = 20;
const VALUE_MAX = 100;

export async function reportRejectedRows(db: Db, importId: string, file: string): Promise<void> {
  const errors = await listImportErrors(db, Number(importId), { after: null, limit: SHOWN });
  for (const { line, column, value, reason, detail } of errors.data) {
    const shown = JSON.stringify(value.length > VALUE_MAX ? `${value.slice(0, VALUE_MAX)}…` : value);
    process.stderr.write(`${file}:${line}: ${column} ${shown}: ${reason} ${detail}`.trimEnd().concat("\n"));
  }
  if (errors.nextCursor !== null) process.stderr.write("… more in the import's error list\n");
}
