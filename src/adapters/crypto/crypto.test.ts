import { generateKeyPairSync, verify } from "node:crypto";

import { describe, expect, it } from "vitest";

import { randomBytes, readSigningKey, sha256Base64, signRsaSha256 } from "./crypto.ts";

const rsa = generateKeyPairSync("rsa", { modulusLength: 1024 });
const pkcs8 = rsa.privateKey.export({ type: "pkcs8", format: "pem" }).toString();
const pkcs1 = rsa.privateKey.export({ type: "pkcs1", format: "pem" }).toString();

describe("readSigningKey", () => {
  it.each([
    ["PKCS #8", pkcs8],
    ["PKCS #1", pkcs1],
    ["CRLF and text around it", `my key\r\n${pkcs8.replace(/\n/g, "\r\n")}\r\n`],
  ])("reads %s", (_, pem) => {
    expect(readSigningKey(pem)).toMatchObject({ kind: "key", bits: 1024 });
  });

  const spki = rsa.publicKey.export({ type: "spki", format: "pem" }).toString();
  const rsaPublic = rsa.publicKey.export({ type: "pkcs1", format: "pem" }).toString();
  const locked = { cipher: "aes-256-cbc", passphrase: "x" };
  const locked8 = rsa.privateKey.export({ type: "pkcs8", format: "pem", ...locked }).toString();
  const locked1 = rsa.privateKey.export({ type: "pkcs1", format: "pem", ...locked }).toString();
  const short = generateKeyPairSync("rsa", { modulusLength: 768 }).privateKey.export({ type: "pkcs8", format: "pem" });
  const ed = generateKeyPairSync("ed25519").privateKey.export({ type: "pkcs8", format: "pem" });

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
    ["Ed25519", ed.toString(), "not-rsa"],
  ])("refuses %s", (_, pem, reason) => {
    expect(readSigningKey(pem)).toMatchObject({ kind: "unusable", reason });
  });
});

describe("signRsaSha256", () => {
  it("signs the bytes that the characters are", async () => {
    const signature = await signRsaSha256(rsa.privateKey, "a\u00ffb");
    expect(verify("sha256", Buffer.from([97, 255, 98]), rsa.publicKey, Buffer.from(signature, "base64"))).toBe(true);
  });
});

describe("sha256Base64", () => {
  it("hashes ASCII as its bytes (FIPS 180-4, example B.1)", () => {
    expect(sha256Base64("abc")).toBe("ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0=");
  });
});

describe("randomBytes", () => {
  it("gives as many as asked for, never the same", () => {
    expect(randomBytes(16)).toHaveLength(16);
    expect(randomBytes(16)).not.toEqual(randomBytes(16));
  });
});
