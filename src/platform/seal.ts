/**
 * Secrets at rest: AES-256-GCM (NIST SP 800-38D) under the key of the installation. A sealed value says nothing without the
 * key, opens only in the context it was sealed for, and is refused when any byte of it was altered.
 */
import { createCipheriv, createDecipheriv, type KeyObject, randomBytes } from "node:crypto";

/** 32 bytes. A KeyObject never shows them in a log or in JSON. */
export type MasterKey = KeyObject;

/** First byte of a sealed value: how it was made. */
const VERSION = 1;
const CIPHER = "aes-256-gcm";
/** 96 random bits: at the few values of an installation no nonce occurs twice (SP 800-38D §8.2.2). */
const NONCE = 12;
const TAG = 16;

/** Version, nonce, ciphertext, tag. `context` names the place of the value: there and nowhere else it opens. */
export function seal(key: MasterKey, plaintext: Uint8Array | string, context: string): Buffer {
  const nonce = randomBytes(NONCE);
  const cipher = createCipheriv(CIPHER, key, nonce, { authTagLength: TAG });
  cipher.setAAD(Buffer.from(context, "utf8"));
  const sealed = Buffer.concat([
    Buffer.of(VERSION),
    nonce,
    cipher.update(typeof plaintext === "string" ? Buffer.from(plaintext, "utf8") : plaintext),
    cipher.final(),
  ]);
  return Buffer.concat([sealed, cipher.getAuthTag()]);
}

/** Null when the value was sealed with another key, for another context, or altered. */
export function unseal(key: MasterKey, sealed: Uint8Array, context: string): Buffer | null {
  const bytes = Buffer.from(sealed);
  if (bytes.length < 1 + NONCE + TAG || bytes[0] !== VERSION) return null;
  const decipher = createDecipheriv(CIPHER, key, bytes.subarray(1, 1 + NONCE), { authTagLength: TAG });
  decipher.setAAD(Buffer.from(context, "utf8"));
  decipher.setAuthTag(bytes.subarray(-TAG));
  try {
    return Buffer.concat([decipher.update(bytes.subarray(1 + NONCE, -TAG)), decipher.final()]);
  } catch {
    return null;
  }
}
