import { createHash, X509Certificate } from "node:crypto";
import { readFileSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { connect, createServer, type TLSSocket } from "node:tls";

import { describe, expect, test } from "vitest";

import type { TlsaRecord } from "../../core/smtp/dane.ts";
import { peerChain, verifyDane } from "./verify-dane.ts";

const fixture = (name: string) => readFileSync(new URL(`../../../test/fixtures/dane/${name}`, import.meta.url), "utf8");
const certificate = (name: string) => new X509Certificate(fixture(`${name}.pem`));
const [leaf, intermediate, root, impostor] = ["leaf", "intermediate", "root", "impostor"].map(certificate) as [
  X509Certificate,
  X509Certificate,
  X509Certificate,
  X509Certificate,
];
const NOW = Date.parse("2027-01-01T00:00:00Z");
const PAST = Date.parse("2020-01-01T00:00:00Z");
const HOST = "mx.example.com";

/** `3 1 1` of a certificate. */
function tlsa(numbers: string, of: X509Certificate): TlsaRecord {
  const [usage = 0, selector = 0, matchingType = 0] = numbers.split(" ").map(Number);
  const whole = selector === 0 ? of.raw : of.publicKey.export({ type: "spki", format: "der" });
  const hashes = ["", "sha256", "sha512"];
  const hash = hashes[matchingType];
  return { usage, selector, matchingType, data: hash ? createHash(hash).update(whole).digest() : whole };
}
const chain = (...certificates: X509Certificate[]) => certificates.map(({ raw }) => raw);
const whole = chain(leaf, intermediate, root);

describe("the server's own certificate (DANE-EE)", () => {
  test.each(["3 0 0", "3 0 1", "3 0 2", "3 1 0", "3 1 1", "3 1 2"])("%s", (numbers) => {
    expect(verifyDane([tlsa(numbers, leaf)], chain(leaf), HOST, NOW)).toBeNull();
    expect(verifyDane([tlsa(numbers, intermediate)], whole, HOST, NOW)).toContain("matches none");
  });

  test("neither its name nor its dates matter", () => {
    expect(verifyDane([tlsa("3 1 1", leaf)], chain(leaf), "other.example", PAST)).toBeNull();
  });

  test("one record that fits is enough, as while keys change", () => {
    expect(verifyDane([tlsa("3 1 1", root), tlsa("3 1 1", leaf)], whole, HOST, NOW)).toBeNull();
  });
});

describe("an authority (DANE-TA)", () => {
  test.each(["2 0 1", "2 1 1", "2 0 2", "2 1 0", "2 0 0"])("%s, at any height, in any order", (numbers) => {
    expect(verifyDane([tlsa(numbers, intermediate)], whole, HOST, NOW)).toBeNull();
    expect(verifyDane([tlsa(numbers, root)], chain(leaf, root, intermediate), HOST, NOW)).toBeNull();
  });

  test.each<[string, TlsaRecord, Uint8Array[], string, number, string]>([
    ["the certificate is for another name", tlsa("2 0 1", root), whole, "other.example", NOW, "not for other.example"],
    ["it is not valid yet", tlsa("2 0 1", root), whole, HOST, PAST, "not valid at this time"],
    [
      "the authority signed nothing of it",
      tlsa("2 0 1", impostor),
      chain(leaf, intermediate, impostor),
      HOST,
      NOW,
      "no certificate",
    ],
    ["a step is missing", tlsa("2 0 1", root), chain(leaf, root), HOST, NOW, "no certificate"],
    ["it is the server's own", tlsa("2 0 1", leaf), whole, HOST, NOW, "no certificate"],
    ["the server does not send it", tlsa("2 0 1", root), chain(leaf, intermediate), HOST, NOW, "no certificate"],
  ])("refused when %s", (_, record, sent, name, now, why) => {
    expect(verifyDane([record], sent, name, now)).toContain(why);
  });

  test("one that the record holds as a whole need not be sent", () => {
    expect(verifyDane([tlsa("2 0 0", root)], chain(leaf, intermediate), HOST, NOW)).toBeNull();
  });
});

test("without records any certificate will do", () => {
  expect(verifyDane([], [], HOST, NOW)).toBeNull();
});

test("what is no certificate vouches for nothing, and nothing behind it takes its place", () => {
  const garbage = Buffer.from("no certificate");
  const record = tlsa("3 1 1", leaf);
  expect(verifyDane([record], [], HOST, NOW)).toContain("no certificate");
  expect(verifyDane([record], [garbage, leaf.raw], HOST, NOW)).toContain("no certificate");
  expect(verifyDane([record], [leaf.raw, garbage], HOST, NOW)).toBeNull();
  expect(verifyDane([{ ...record, matchingType: 9 }], whole, HOST, NOW)).toContain("matches none");
  expect(verifyDane([{ ...tlsa("2 0 0", root), data: garbage }], whole, HOST, NOW)).toContain("no certificate");
});

test("the chain of a connection, the server's own first", async () => {
  const cert = ["leaf", "intermediate", "root"].map((name) => fixture(`${name}.pem`)).join("");
  const server = createServer({ key: fixture("leaf.key"), cert }).listen(0, "127.0.0.1");
  await expect.poll(() => server.listening).toBe(true);
  const socket: TLSSocket = connect({ port: (server.address() as AddressInfo).port, rejectUnauthorized: false });
  try {
    await new Promise<void>((resolve, reject) => socket.on("secureConnect", resolve).on("error", reject));
    expect(peerChain(socket).map((der) => new X509Certificate(der).subject)).toEqual([
      "CN=mx.example.com",
      "CN=Test Intermediate",
      "CN=Test Root",
    ]);
    expect(verifyDane([tlsa("2 1 1", root)], peerChain(socket), HOST, NOW)).toBeNull();
  } finally {
    socket.destroy();
    server.close();
  }
});
