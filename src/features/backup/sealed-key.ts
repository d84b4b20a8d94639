/** The master key inside a backup: sealed with a passphrase (scrypt, AES-256-GCM), never in clear. */
import { createCipheriv, createDecipheriv, randomBytes, scryptSync } from "node:crypto";

import { appError } from "../../platform/errors.ts";

export type SealedKey = { readonly salt: string; readonly iv: string; readonly data: string; readonly tag: string };

/** 128 MiB and about half a second for each guess. */
const COST = { N: 131_072, r: 8, p: 1, maxmem: 256 * 1024 * 1024 } as const;
const LEAST = 12;

export function sealKey(key: string, passphrase: string): SealedKey {
  if (passphrase.length < LEAST) {
    throw appError("option-invalid", {
      option: "--passphrase-file",
      detail: `a passphrase has ${LEAST} characters or more`,
    });
  }
  const salt = randomBytes(16);
  const iv = randomBytes(12);
  const cipher = createCipheriv("aes-256-gcm", scryptSync(passphrase, salt, 32, COST), iv);
  const data = Buffer.concat([cipher.update(key, "utf8"), cipher.final()]);
  const text = (bytes: Buffer) => bytes.toString("base64");
  return { salt: text(salt), iv: text(iv), data: text(data), tag: text(cipher.getAuthTag()) };
}

/** Throws `backup-unusable` when the passphrase is not the one. */
export function unsealKey(sealed: SealedKey, passphrase: string): string {
  const bytes = (text: string) => Buffer.from(text, "base64");
  try {
    const key = scryptSync(passphrase, bytes(sealed.salt), 32, COST);
    const decipher = createDecipheriv("aes-256-gcm", key, bytes(sealed.iv));
    decipher.setAuthTag(bytes(sealed.tag));
    return Buffer.concat([decipher.update(bytes(sealed.data)), decipher.final()]).toString("utf8");
  } catch {
    throw appError("backup-unusable", { detail: "the passphrase does not open its secret key" });
  }
}
