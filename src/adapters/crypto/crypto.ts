/** Hashes, signatures, keys and random bytes from Node. Signing runs in the thread pool, so the event loop stays free. */
import { createPrivateKey, hash, type KeyObject, randomBytes as nodeRandomBytes, sign } from "node:crypto";

/** Of an ASCII text, as base64. Bodies are ASCII by construction; hashing the string itself saves a copy of each. */
export function sha256Base64(ascii: string): string {
  return hash("sha256", ascii, "base64");
}

/** RSASSA-PKCS1-v1_5 with SHA-256 over a text whose characters are bytes; the same input always gives the same signature. */
export function signRsaSha256(key: KeyObject, bytes: string): Promise<string> {
  return new Promise((resolve, reject) => {
    sign("sha256", Buffer.from(bytes, "latin1"), key, (error, signature) => {
      if (error) reject(error);
      else resolve(signature.toString("base64"));
    });
  });
}

export type SigningKey =
  | { readonly kind: "key"; readonly key: KeyObject; readonly bits: number }
  | {
      readonly kind: "unusable";
      readonly reason: "not-a-key" | "public-key" | "certificate" | "encrypted" | "not-rsa" | "too-short";
      readonly detail: string;
    };

/** RFC 8301 §3.2: shorter keys are not to be used. */
const MIN_BITS = 1024;

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
  const bits = key.asymmetricKeyDetails?.modulusLength ?? 0;
  if (key.asymmetricKeyType !== "rsa") {
    return unusable("not-rsa", `the private key is of the type ${key.asymmetricKeyType}, DKIM here needs RSA`);
  }
  if (bits < MIN_BITS) return unusable("too-short", `the RSA key has ${bits} bits, at least ${MIN_BITS} are needed`);
  return { kind: "key", key, bits };
}

export function randomBytes(count: number): Uint8Array {
  return nodeRandomBytes(count);
}
