/** A file into the database, once for the same bytes under the same name and type. */
import { createHash } from "node:crypto";

import type { StoredFile } from "../../contract/index.ts";
import type { Instant } from "../../core/time.ts";
import type { Queryable } from "../../platform/db.ts";
import { contentTypeOf } from "./content-type.ts";
import { cleanFileName } from "./file-name.ts";
import { insertFile } from "./store.ts";

export type NewFile = {
  /** As somebody wrote it; folders and what cannot be shown are taken off. */
  readonly name: string;
  /** As somebody declared it; the bytes have the last word where they tell. */
  readonly contentType: string;
  readonly content: Uint8Array;
};

/** `created` is false when the file was there. */
export async function keepFile(
  db: Queryable,
  { name, contentType, content }: NewFile,
  now: Instant,
): Promise<{ file: StoredFile; created: boolean }> {
  const sha256 = createHash("sha256").update(content).digest();
  const cleaned = { name: cleanFileName(name), contentType: contentTypeOf(content, contentType) };
  return insertFile(db, { ...cleaned, content, sha256 }, now);
}

export async function saveFile(db: Queryable, file: NewFile, now: Instant): Promise<StoredFile> {
  return (await keepFile(db, file, now)).file;
}
