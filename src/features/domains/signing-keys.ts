/** Which keys sign the mail of a sender, and their private halves for those who sign. */
import type { DkimKey } from "../../contract/index.ts";
import type { Instant } from "../../core/time.ts";
import type { Db, Queryable } from "../../platform/db.ts";
import { appError } from "../../platform/errors.ts";
import { type MasterKey, seal, unseal } from "../../platform/seal.ts";
import { recordName, withParents } from "./key-record.ts";
import { contextOf, type KeyDeps } from "./save-signing-key.ts";
import {
  findSealedKeys,
  hasActiveKeys,
  type KeyRow,
  listActiveKeys,
  lockPlainKeys,
  type PlainKeyRow,
  storeSealed,
} from "./store.ts";

export type SigningKey = {
  readonly id: number;
  readonly domain: string;
  readonly selector: string;
  readonly algorithm: DkimKey["algorithm"];
  readonly canonicalization: DkimKey["canonicalization"];
  /** PEM. */
  readonly privateKey: string;
};

/**
 * Ids of the active keys, RSA first: those named; else those of the sender address's domain; else those of the closest domain
 * above it that has some, whose signature still counts as the sender's (relaxed alignment, RFC 7489 §3.1.1).
 */
export async function signingKeysFor(
  db: Queryable,
  senderDomain: string,
  named: { readonly domain: string; readonly selector: string } | null,
): Promise<number[]> {
  if (named) {
    const selector = named.selector.toLowerCase();
    const keys = await listActiveKeys(db, [named.domain.toLowerCase()]);
    return keys.filter((key) => key.selector === selector).map((key) => key.id);
  }
  return (await signersOf(db, senderDomain)).map((key) => key.id);
}

/** The keys that sign mail from this domain when a delivery names none. */
export async function signersOf(db: Queryable, senderDomain: string): Promise<KeyRow[]> {
  const domains = withParents(senderDomain.toLowerCase());
  const keys = await listActiveKeys(db, domains);
  const closest = domains.find((domain) => keys.some((key) => key.domain === domain));
  return keys.filter((key) => key.domain === closest);
}

/** As which domain mail from this one is signed, null for none; and whether any domain has a key. */
export async function loadSigner(
  db: Queryable,
  senderDomain: string,
  named: { readonly domain: string; readonly selector: string } | null,
): Promise<{ readonly signedAs: string | null; readonly someKeys: boolean }> {
  const someKeys = await hasActiveKeys(db);
  const signers = await signingKeysFor(db, senderDomain, named);
  if (signers.length === 0) return { signedAs: null, someKeys };
  const signedAs = named?.domain.toLowerCase() ?? (await signersOf(db, senderDomain))[0]?.domain ?? null;
  return { signedAs, someKeys };
}

/** In the order of `ids`; retired keys too. Throws `secret-key-wrong`. */
export async function loadSigningKeys(
  db: Queryable,
  masterKey: MasterKey,
  ids: readonly number[],
): Promise<SigningKey[]> {
  const rows = new Map((await findSealedKeys(db, ids)).map((row) => [row.id, row]));
  return ids.map((id) => {
    const row = rows.get(id);
    if (!row) throw new Error(`there is no signing key ${id}`);
    const privateKey = unseal(masterKey, row.sealed, contextOf(row));
    if (privateKey === null) {
      throw appError("secret-key-wrong", { what: `the DKIM key ${recordName(row.selector, row.domain)}` });
    }
    const { domain, selector, algorithm, canonicalization } = row;
    return { id, domain, selector, algorithm, canonicalization, privateKey: privateKey.toString("utf8") };
  });
}

/** Earlier versions kept private keys as plain text: seals those. Nothing to do is the usual case. */
export async function sealPlainKeys(db: Db, deps: KeyDeps, now: Instant): Promise<void> {
  await db.transaction(async (tx) => {
    for (const row of await lockPlainKeys(tx)) await storeSealed(tx, sealPlain(deps, row), now);
  });
}

function sealPlain({ masterKey, readKey }: KeyDeps, row: PlainKeyRow) {
  const name = { domain: row.domain.toLowerCase(), selector: row.selector.toLowerCase() };
  const sealed = seal(masterKey, row.private_key, contextOf(name));
  const key = readKey(row.private_key);
  return key.kind === "key"
    ? { ...name, id: row.id, sealed, usable: true, algorithm: key.algorithm, bits: key.bits, public_key: key.publicKey }
    : { ...name, id: row.id, sealed, usable: false, algorithm: "rsa-sha256" as const, bits: null, public_key: "" };
}
