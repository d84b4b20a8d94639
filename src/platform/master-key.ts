/** The key of the installation, which seals all other secrets: from ENVOI_SECRET_KEY, or a file that only its owner can read. */
import { createSecretKey, randomBytes } from "node:crypto";
import { closeSync, fstatSync, openSync, readFileSync } from "node:fs";
import { join } from "node:path";

import { appError, errorCode, errorText } from "./errors.ts";
import type { MasterKey } from "./seal.ts";
import { writeOnce } from "./write-once.ts";

/** `secretKey` as `parseSecretKey` accepts it; null: the file in the data directory. */
export type MasterKeySource = { readonly secretKey: string | null; readonly dataDir: string };

const BYTES = 32;
const HEXADECIMAL = /^[0-9a-f]{64}$/i;
/** 32 bytes are 43 digits; of the last one two bits are left over and must be zero. Either alphabet (RFC 4648 §4, §5). */
const BASE64 = /^[A-Za-z0-9+/_-]{42}[AEIMQUYcgkosw048]=?$/;

/** Null when the text is not 32 bytes in base64 or hexadecimal. */
export function parseSecretKey(text: string): Buffer | null {
  if (HEXADECIMAL.test(text)) return Buffer.from(text, "hex");
  return BASE64.test(text) ? Buffer.from(text, "base64") : null;
}

/** Null when there is none yet. Throws `secret-key-unusable`. */
export function readMasterKey(source: MasterKeySource): MasterKey | null {
  if (source.secretKey !== null) return toKey(source.secretKey, "ENVOI_SECRET_KEY");
  const path = secretKeyPath(source);
  const text = readPrivate(path);
  return text === null ? null : toKey(text.trim(), path);
}

/** Makes the file, unless another process just did: then its key is the one. */
export function createMasterKey(source: MasterKeySource): MasterKey {
  const path = secretKeyPath(source);
  try {
    writeOnce(path, `${randomBytes(BYTES).toString("base64")}\n`);
  } catch (error) {
    throw unusable(path, `cannot be written: ${errorText(error)}`);
  }
  const key = readMasterKey(source);
  if (key === null) throw unusable(path, "vanished");
  return key;
}

function secretKeyPath({ dataDir }: MasterKeySource): string {
  return join(dataDir, "secret-key");
}

function toKey(text: string, place: string): MasterKey {
  const bytes = parseSecretKey(text);
  if (bytes === null) throw unusable(place, "is not 32 bytes in base64 or hexadecimal");
  return createSecretKey(bytes);
}

/** Mode and content of one and the same file; null when there is none. */
function readPrivate(path: string): string | null {
  let file: number;
  try {
    file = openSync(path, "r");
  } catch (error) {
    if (errorCode(error) === "ENOENT") return null;
    throw unusable(path, `cannot be read: ${errorText(error)}`);
  }
  try {
    const { mode } = fstatSync(file);
    // Windows has no such bits: there every file shows them all.
    if (process.platform !== "win32" && (mode & 0o077) !== 0) {
      const shown = (mode & 0o777).toString(8);
      throw unusable(
        path,
        `is open to other users (mode ${shown}): run chmod 600 on it, and think about who may have read it`,
      );
    }
    return readFileSync(file, "utf8");
  } finally {
    closeSync(file);
  }
}

function unusable(place: string, detail: string) {
  return appError("secret-key-unusable", { place, detail });
}
