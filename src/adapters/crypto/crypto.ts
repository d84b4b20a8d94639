/** Hashes, signatures, keys and random bytes from Node. RSA runs in the thread pool, so the event loop stays free. */
import {
  createPrivateKey,
  createPublicKey,
  generateKeyPair,
  hash,
  type KeyObject,
  randomBytes as nodeRandomBytes,
  sign as nodeSign,
} from "node:crypto";
import { promisify } from "node:util";

import type { SigningAlgorithm } from "../../core/dkim/signature.ts";

/** Of bytes or of an ASCII text, as base64. Bodies are ASCII by construction; hashing the string itself saves a copy of each. */
export function sha256Base64(data: string | Uint8Array): string {
  return hash("sha256", data, "base64");
}

/** 32 bytes; of a text whose characters are bytes. */
export function sha256(bytes: string): Uint8Array {
  return hash("sha256", Buffer.from(bytes, "latin1"), "buffer");
}

/**
 * The signature in base64 over a text whose characters are bytes; the same input always gives the same. RSASSA-PKCS1-v1_5 with
 * SHA-256 (RFC 6376 §3.3), or PureEdDSA over the SHA-256 of the text (RFC 8463 §3), which is too quick to be worth a thread.
 */
export function sign(algorithm: SigningAlgorithm, key: KeyObject, bytes: string): Promise<string> | string {
  if (algorithm === "ed25519-sha256") return nodeSign(null, sha256(bytes), key).toString("base64");
  return signRsaSha256(key, bytes);
}

function signRsaSha256(key: KeyObject, bytes: string): Promise<string> {
  return new Promise((resolve, reject) => {
    nodeSign("sha256", Buffer.from(bytes, "latin1"), key, (error, signature) => {
      if (error) reject(error);
      else resolve(signature.toString("base64"));
    });
  });
}

export type SigningKey =
  | {
      readonly kind: "key";
      readonly key: KeyObject;
      readonly algorithm: SigningAlgorithm;
      /** Of an RSA key; null where the algorithm has one size only. */
      readonly bits: number | null;
      /** `p=` of the DNS record: for RSA a SubjectPublicKeyInfo (RFC 6376 §3.6.1), for Ed25519 the bare key (RFC 8463 §4.2). */
      readonly publicKey: string;
    }
  | {
      readonly kind: "unusable";
      readonly reason: "not-a-key" | "public-key" | "certificate" | "encrypted" | "wrong-type" | "too-short";
      readonly detail: string;
    };

/** RFC 8301 §3.2: shorter keys are not to be used. */
const MIN_BITS = 1024;
/** Of new keys: what RFC 8301 §3.2 recommends; longer ones pass the 512 octets of a DNS answer. */
const NEW_BITS = 2048;
/** ASN.1 before the 32 bytes of an Ed25519 public key (RFC 8410 §4). */
const ED25519_PREFIX_LENGTH = 12;

/** Reads a PEM private key for DKIM; what is wrong with it comes back as a value fit for the operator. */
export function readSigningKey(pem: string): SigningKey {
  const unusable = (reason: Exclude<SigningKey, { kind: "key" }>["reason"], detail: string): SigningKey => ({
    kind: "unusable",
    reason,
    detail,
  });
  if (/-----BEGIN (RSA )?PUBLIC KEY-----/.test(pem)) {
    return unusable("public-key", "this is the public key, which belongs into DNS; signing needs the private key");
  }
  if (pem.includes("-----BEGIN CERTIFICATE-----") && !pem.includes("PRIVATE KEY-----")) {
    return unusable("certificate", "this is a certificate; signing needs the private key");
  }
  if (pem.includes("-----BEGIN ENCRYPTED PRIVATE KEY-----") || /^Proc-Type:.*ENCRYPTED/m.test(pem)) {
    return unusable("encrypted", "the private key has a passphrase; store it without one");
  }
  let key: KeyObject;
  try {
    key = createPrivateKey(pem);
  } catch {
    return unusable("not-a-key", "this is not a private key in PEM form");
  }
  const type = key.asymmetricKeyType;
  if (type === "ed25519") {
    return { kind: "key", key, algorithm: "ed25519-sha256", bits: null, publicKey: publicKeyOf(key) };
  }
  if (type !== "rsa") {
    return unusable("wrong-type", `the private key is of the type ${type}, DKIM knows RSA and Ed25519`);
  }
  const bits = key.asymmetricKeyDetails?.modulusLength ?? 0;
  if (bits < MIN_BITS) return unusable("too-short", `the RSA key has ${bits} bits, at least ${MIN_BITS} are needed`);
  return { kind: "key", key, algorithm: "rsa-sha256", bits, publicKey: publicKeyOf(key) };
}

/** A new private key, PKCS #8 in PEM. `bits` only counts for RSA. */
export async function generateSigningKey(algorithm: SigningAlgorithm, bits: number = NEW_BITS): Promise<string> {
  const { privateKey } = await (algorithm === "rsa-sha256"
    ? promisify(generateKeyPair)("rsa", { modulusLength: bits })
    : promisify(generateKeyPair)("ed25519"));
  return privateKey.export({ type: "pkcs8", format: "pem" }).toString();
}

function publicKeyOf(privateKey: KeyObject): string {
  const der = createPublicKey(privateKey).export({ type: "spki", format: "der" });
  return (privateKey.asymmetricKeyType === "ed25519" ? der.subarray(ED25519_PREFIX_LENGTH) : der).toString("base64");
}

export function randomBytes(count: number): Uint8Array {
  return nodeRandomBytes(count);
}
