import { createPublicKey, generateKeyPairSync, verify } from "node:crypto";

import { describe, expect, it } from "vitest";

import { generateSigningKey, randomBytes, readSigningKey, sha256, sha256Base64, sign } from "./crypto.ts";

const rsa = generateKeyPairSync("rsa", { modulusLength: 1024 });
const pkcs8 = rsa.privateKey.export({ type: "pkcs8", format: "pem" }).toString();
const pkcs1 = rsa.privateKey.export({ type: "pkcs1", format: "pem" }).toString();
const ed = generateKeyPairSync("ed25519");
const edPem = ed.privateKey.export({ type: "pkcs8", format: "pem" }).toString();

describe("readSigningKey", () => {
  it.each([
    ["PKCS #8", pkcs8, "rsa-sha256", 1024],
    ["PKCS #1", pkcs1, "rsa-sha256", 1024],
    ["CRLF and text around it", `my key\r\n${pkcs8.replace(/\n/g, "\r\n")}\r\n`, "rsa-sha256", 1024],
    ["Ed25519", edPem, "ed25519-sha256", null],
  ])("reads %s", (_, pem, algorithm, bits) => {
    expect(readSigningKey(pem)).toMatchObject({ kind: "key", algorithm, bits });
  });

  const spki = rsa.publicKey.export({ type: "spki", format: "pem" }).toString();
  const rsaPublic = rsa.publicKey.export({ type: "pkcs1", format: "pem" }).toString();
  const locked = { cipher: "aes-256-cbc", passphrase: "x" };
  const locked8 = rsa.privateKey.export({ type: "pkcs8", format: "pem", ...locked }).toString();
  const locked1 = rsa.privateKey.export({ type: "pkcs1", format: "pem", ...locked }).toString();
  const short = generateKeyPairSync("rsa", { modulusLength: 768 }).privateKey.export({ type: "pkcs8", format: "pem" });
  const ec = generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey.export({ type: "pkcs8", format: "pem" });

  it.each([
    ["nothing", "", "not-a-key"],
    ["noise", "\0\u00ff-----BEGIN", "not-a-key"],
    ["a cut key", pkcs8.slice(0, 300), "not-a-key"],
    ["a public key", spki, "public-key"],
    ["a PKCS #1 public key", rsaPublic, "public-key"],
    ["a certificate", "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n", "certificate"],
    ["a locked key", locked8, "encrypted"],
    ["a locked PKCS #1 key", locked1, "encrypted"],
    ["a short key", short.toString(), "too-short"],
    ["an elliptic curve of another kind", ec.toString(), "wrong-type"],
  ])("refuses %s", (_, pem, reason) => {
    expect(readSigningKey(pem)).toMatchObject({ kind: "unusable", reason });
  });
});

describe("generateSigningKey", () => {
  it.each([
    ["rsa-sha256", undefined, 2048],
    ["rsa-sha256", 1024, 1024],
    ["ed25519-sha256", undefined, null],
  ] as const)("makes a key for %s (%s) that can be read", async (algorithm, bits, expected) => {
    expect(readSigningKey(await generateSigningKey(algorithm, bits))).toMatchObject({
      kind: "key",
      algorithm,
      bits: expected,
    });
  });

  it("never makes the same twice", async () => {
    expect(await generateSigningKey("ed25519-sha256")).not.toBe(await generateSigningKey("ed25519-sha256"));
  });
});

describe("the public half", () => {
  const publicKey = (pem: string) => {
    const read = readSigningKey(pem);
    return read.kind === "key" ? Buffer.from(read.publicKey, "base64") : Buffer.alloc(0);
  };

  it("of RSA is a SubjectPublicKeyInfo", () => {
    expect(createPublicKey({ key: publicKey(pkcs8), type: "spki", format: "der" }).equals(rsa.publicKey)).toBe(true);
  });

  it("of Ed25519 is the bare key", () => {
    const { x = "" } = ed.publicKey.export({ format: "jwk" });
    expect(publicKey(edPem)).toEqual(Buffer.from(x, "base64url"));
  });
});

describe("sign", () => {
  const bytes = Buffer.from([97, 255, 98]);

  it("signs with RSA the bytes that the characters are", async () => {
    const signature = Buffer.from(await sign("rsa-sha256", rsa.privateKey, "aÿb"), "base64");
    expect(verify("sha256", bytes, rsa.publicKey, signature)).toBe(true);
  });

  it("signs with Ed25519 the hash of the bytes (RFC 8463 §3)", async () => {
    const signature = Buffer.from(await sign("ed25519-sha256", ed.privateKey, "aÿb"), "base64");
    expect(verify(null, sha256("aÿb"), ed.publicKey, signature)).toBe(true);
    expect(verify(null, bytes, ed.publicKey, signature)).toBe(false);
  });
});

describe("hashes", () => {
  const abc = "ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0=";

  it("hash ASCII as its bytes (FIPS 180-4, example B.1)", () => {
    expect(sha256Base64("abc")).toBe(abc);
    expect(Buffer.from(sha256("abc")).toString("base64")).toBe(abc);
  });

  it("take every character beyond ASCII for one byte", () => {
    // printf '\377' | sha256sum
    expect(Buffer.from(sha256("\u00ff")).toString("hex")).toBe(
      "a8100ae6aa1940d0b663bb31cd466142ebbdbd5187131b92d93818987832eb89",
    );
  });
});

describe("randomBytes", () => {
  it("gives as many as asked for, never the same", () => {
    expect(randomBytes(16)).toHaveLength(16);
    expect(randomBytes(16)).not.toEqual(randomBytes(16));
  });
});
