/** The second factor: codes of an authenticator app, and recovery codes for whoever lost it. */
import { base32, counterBytes, keyUri, readCode, stepsToTry, truncate } from "../../core/operators/totp.ts";
import type { Instant } from "../../core/time.ts";
import type { Db } from "../../platform/db.ts";
import { appError } from "../../platform/errors.ts";
import { type MasterKey, seal, unseal } from "../../platform/seal.ts";
import { createHmac, randomBytes, timingSafeEqual } from "node:crypto";
import type { Credentials } from "./operators-store.ts";
import { findOfferedSecret, offerSecret, putInForce, takeRecoveryCode, takeStep } from "./second-factor-store.ts";
import { type AuditEntry, recordAudit } from "./audit-store.ts";

/** Bytes; as long as the hash (RFC 4226 §4 R6). */
const SECRET = 20;
const RECOVERY_CODES = 10;
/** 80 random bits: nobody finds them from their hash. */
const RECOVERY_BYTES = 10;

const contextOf = (operatorId: number) => `totp of operator ${operatorId}`;

export type Offer = { readonly secret: string; readonly uri: string };

/** A new secret for the app to read; in force once a code confirms it. Throws when one is in force. */
export async function offerSecondFactor(
  db: Db,
  masterKey: MasterKey,
  operator: { readonly id: number; readonly login: string },
): Promise<Offer> {
  const secret = randomBytes(SECRET);
  if (!(await offerSecret(db, operator.id, seal(masterKey, secret, contextOf(operator.id))))) {
    throw appError("second-factor-state", { why: "it is in force already; remove it first" });
  }
  const text = base32(secret);
  return { secret: text, uri: keyUri("Envoi", operator.login, text) };
}

/** Recovery codes, to be shown once. */
export async function confirmSecondFactor(
  db: Db,
  masterKey: MasterKey,
  { id, code, now, audit }: { id: number; code: string; now: Instant; audit: AuditEntry },
): Promise<readonly string[]> {
  const sealed = await findOfferedSecret(db, id);
  if (sealed === null) throw appError("second-factor-state", { why: "there is none that waits for its first code" });
  const step = stepOf(openSecret(masterKey, id, sealed), code, now, 0);
  if (step === null) throw wrongCode();
  const codes = Array.from({ length: RECOVERY_CODES }, () => spaced(base32(randomBytes(RECOVERY_BYTES))));
  await db.transaction(async (tx) => {
    if (!(await putInForce(tx, id, sealed, step, codes.map(plainRecoveryCode), now))) {
      throw appError("second-factor-state", { why: "it was changed meanwhile" });
    }
    await recordAudit(tx, audit);
  });
  return codes;
}

/** Not `code-wrong`, whose 401 would say that the session is over. */
function wrongCode() {
  const message = "It is not the code that the app shows now";
  return appError("invalid-input", { detail: `/code: ${message}` }, [{ pointer: "/code", code: "wrong", message }]);
}

/** A code of the app, or a recovery code. Each counts once. */
export async function takeCode(
  db: Db,
  masterKey: MasterKey,
  { id, totp_secret: sealed, totp_step: used }: Credentials,
  text: string,
  now: Instant,
): Promise<"app" | "recovery" | null> {
  if (sealed === null) return null;
  const step = stepOf(openSecret(masterKey, id, sealed), text, now, used);
  if (step !== null) return (await takeStep(db, id, step)) ? "app" : null;
  const recovery = plainRecoveryCode(text);
  return recovery.length === 16 && (await takeRecoveryCode(db, id, recovery)) ? "recovery" : null;
}

function openSecret(masterKey: MasterKey, id: number, sealed: Buffer): Buffer {
  const secret = unseal(masterKey, sealed, contextOf(id));
  if (secret === null) throw appError("secret-key-wrong", { what: "secrets of authenticator apps" });
  return secret;
}

function stepOf(secret: Buffer, text: string, now: Instant, used: number): number | null {
  const code = readCode(text);
  if (code === null) return null;
  const codeOf = (step: number) => truncate(createHmac("sha1", secret).update(counterBytes(step)).digest());
  return stepsToTry(now, used).find((step) => timingSafeEqual(Buffer.from(codeOf(step)), Buffer.from(code))) ?? null;
}

const spaced = (code: string) => (code.match(/.{4}/g) ?? []).join("-").toLowerCase();

function plainRecoveryCode(text: string): string {
  return text.toUpperCase().replaceAll(/[\s-]/g, "").slice(0, 40);
}
