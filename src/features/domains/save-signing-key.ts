/**
 * DKIM keys by domain and selector (RFC 6376 §3.1), kept sealed. A key is never changed: another one under the same selector
 * retires it, and deliveries that were confirmed with it go on signing with it.
 */
import type { DkimKey } from "../../contract/index.ts";
import type { Instant } from "../../core/time.ts";
import type { Db, Tx } from "../../platform/db.ts";
import { appError } from "../../platform/errors.ts";
import { type MasterKey, seal } from "../../platform/seal.ts";
import { invalid, readDomainName, readSelector } from "./key-record.ts";
import { insertKey, listActiveKeys, listKeys, lockDomain, type KeyRow, retireRow } from "./store.ts";

type Algorithm = DkimKey["algorithm"];

/** Reads a PEM private key; handed in by the composition root. */
export type ReadSigningKey = (pem: string) =>
  | {
      readonly kind: "key";
      readonly algorithm: Algorithm;
      /** Of an RSA key. */
      readonly bits: number | null;
      /** Base64, as `p=` of the record has it. */
      readonly publicKey: string;
    }
  | { readonly kind: "unusable"; readonly detail: string };

/** A new private key as PEM; `bits` is for RSA. */
export type GenerateSigningKey = (algorithm: Algorithm, bits: number) => Promise<string>;

export type KeyDeps = { readonly masterKey: MasterKey; readonly readKey: ReadSigningKey };

export type SigningKeyInput = {
  readonly domain: string;
  readonly selector: string;
  /** PEM without passphrase. */
  readonly privateKey: string;
  readonly canonicalization?: DkimKey["canonicalization"] | undefined;
};

export type NewKeyInput = {
  readonly domain: string;
  readonly selector?: string | undefined;
  readonly algorithm: Algorithm;
  readonly bits?: number | undefined;
  readonly canonicalization?: DkimKey["canonicalization"] | undefined;
};

const DEFAULT_CANONICALIZATION = "relaxed/relaxed";
const DEFAULT_BITS = 2048;

/** Saving the same key again changes nothing. Throws `invalid-input`. */
export async function saveSigningKey(db: Db, deps: KeyDeps, input: SigningKeyInput, now: Instant): Promise<KeyRow> {
  const domain = readDomainName(input.domain, "/domain");
  const selector = readSelector(input.selector, domain);
  const draft = readDraft(deps, input.privateKey, input.canonicalization);
  return db.transaction(async (tx) => {
    await lockDomain(tx, domain);
    const active = (await listActiveKeys(tx, [domain])).find((row) => row.selector === selector);
    if (active && isSame(active, draft)) return active;
    if (active) await retireRow(tx, domain, active.id, now);
    return insertDraft(tx, deps.masterKey, { domain, selector }, draft, now);
  });
}

/** Makes a key. Throws `invalid-input`, or `selector-in-use`: mail is signed with the key that is there. */
export async function generateKey(
  db: Db,
  deps: KeyDeps & { readonly generate: GenerateSigningKey },
  input: NewKeyInput,
  now: Instant,
): Promise<KeyRow> {
  const domain = readDomainName(input.domain, "/domain");
  const wanted = input.selector === undefined ? null : readSelector(input.selector, domain);
  if (input.algorithm !== "rsa-sha256" && input.bits !== undefined) {
    throw invalid("/bits", "An Ed25519 key has no choice of bits");
  }
  const privateKey = await deps.generate(input.algorithm, input.bits ?? DEFAULT_BITS);
  const draft = readDraft(deps, privateKey, input.canonicalization);
  return db.transaction(async (tx) => {
    await lockDomain(tx, domain);
    const keys = await listKeys(tx, [domain]);
    if (keys.some((key) => key.selector === wanted && key.state === "active")) {
      throw appError("selector-in-use", { domain, selector: String(wanted) });
    }
    const selector = wanted ?? readSelector(freeSelector(keys), domain);
    return insertDraft(tx, deps.masterKey, { domain, selector }, draft, now);
  });
}

/** Deliveries that were confirmed with it still sign with it. Throws `not-found`. */
export async function retireKey(db: Db, domain: string, id: number, now: Instant): Promise<KeyRow> {
  const row = await retireRow(db, domain, id, now);
  if (!row) throw appError("not-found", { what: `key of ${domain}`, id });
  return row;
}

/** Where the private key opens again: a sealed key that is moved to another name does not. */
export function contextOf({ domain, selector }: Pick<KeyRow, "domain" | "selector">): string {
  return `dkim_keys/${domain}/${selector}`;
}

type Draft = Pick<KeyRow, "algorithm" | "bits" | "canonicalization" | "public_key"> & { readonly privateKey: string };

function readDraft(
  { readKey }: KeyDeps,
  privateKey: string,
  canonicalization: DkimKey["canonicalization"] = DEFAULT_CANONICALIZATION,
): Draft {
  const key = readKey(privateKey);
  if (key.kind === "unusable") throw invalid("/privateKey", key.detail);
  return { algorithm: key.algorithm, bits: key.bits, canonicalization, public_key: key.publicKey, privateKey };
}

function isSame(row: KeyRow, draft: Draft): boolean {
  return (
    row.algorithm === draft.algorithm &&
    row.public_key === draft.public_key &&
    row.canonicalization === draft.canonicalization
  );
}

function insertDraft(
  tx: Tx,
  masterKey: MasterKey,
  name: Pick<KeyRow, "domain" | "selector">,
  { privateKey, ...draft }: Draft,
  now: Instant,
): Promise<KeyRow> {
  return insertKey(tx, { ...name, ...draft, sealed: seal(masterKey, privateKey, contextOf(name)), created_at: now });
}

/** A selector is not used twice: resolvers may still know the record of the old key. */
function freeSelector(keys: readonly KeyRow[]): string {
  const taken = new Set(keys.map((key) => key.selector));
  let number = 1;
  while (taken.has(`envoi${number}`)) number++;
  return `envoi${number}`;
}
