/** Files as messages carry them. */
import type { Queryable } from "../../platform/db.ts";
import { loadFiles } from "./store.ts";

/** Base64 of each file's bytes, by id; those that exist. */
export async function encodeFiles(db: Queryable, ids: readonly number[]): Promise<Map<number, string>> {
  return new Map([...(await loadFiles(db, ids))].map(([id, { content }]) => [id, toBase64(content)]));
}

export function toBase64(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("base64");
}
