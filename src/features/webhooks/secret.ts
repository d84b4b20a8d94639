/** Secrets of webhooks (Standard Webhooks): `whsec_` and base64 of 24 to 64 bytes. Kept sealed, each under the id of its webhook. */
import { createHmac, randomBytes } from "node:crypto";

import type { Instant } from "../../core/time.ts";
import { appError } from "../../platform/errors.ts";
import { type MasterKey, seal, unseal } from "../../platform/seal.ts";

const PREFIX = "whsec_";
const BYTES = 32;
const contextOf = (id: number) => `webhooks/${id}`;

export function makeSecret(): string {
  return `${PREFIX}${randomBytes(BYTES).toString("base64")}`;
}

/** Throws `invalid-input`. */
export function checkSecret(secret: string, pointer: string): string {
  const bytes = Buffer.from(secret.slice(PREFIX.length), "base64");
  const isWhole = bytes.toString("base64").replace(/=+$/, "") === secret.slice(PREFIX.length).replace(/=+$/, "");
  if (secret.startsWith(PREFIX) && isWhole && bytes.length >= 24 && bytes.length <= 64) return secret;
  const message = "A secret is whsec_ and 24 to 64 bytes in base64";
  throw appError("invalid-input", { detail: `${pointer}: ${message}` }, [{ pointer, code: "invalid-secret", message }]);
}

export function sealSecret(key: MasterKey, id: number, secret: string): Buffer {
  return seal(key, secret, contextOf(id));
}

/** Throws `secret-key-wrong`. */
export function openSecret(key: MasterKey, id: number, sealed: Buffer): string {
  const text = unseal(key, sealed, contextOf(id));
  if (text === null) throw appError("secret-key-wrong", { what: `the secret of webhook ${id}` });
  return text.toString("utf8");
}

export type Signed = { readonly key: string; readonly at: Instant; readonly body: string };

/** The headers of one attempt: signed with every secret that counts now, the newest first. */
export function signatureHeaders(secrets: readonly string[], { key, at, body }: Signed): Record<string, string> {
  const timestamp = String(Math.floor(at / 1000));
  const signatures = secrets.map((secret) => {
    const bytes = Buffer.from(secret.slice(PREFIX.length), "base64");
    return `v1,${createHmac("sha256", bytes).update(`${key}.${timestamp}.${body}`).digest("base64")}`;
  });
  return { "webhook-id": key, "webhook-timestamp": timestamp, "webhook-signature": signatures.join(" ") };
}
