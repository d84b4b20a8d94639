import { afterEach, beforeEach, describe, expect, test } from "vitest";

import { type DnsServer, startDnsServer, type Zone } from "../../../test/dns-server.ts";
import { createDns, DEFAULT_DNS_OPTIONS, type Dns, type DnsOptions } from "./create-dns.ts";

const DIGEST = "ab".repeat(32);
const TLSA = [`3 1 1 ${DIGEST}`];
const records = (base: string) => ({
  kind: "records",
  base,
  records: [{ usage: 3, selector: 1, matchingType: 1, data: new Uint8Array(32).fill(0xab) }],
});

let server: DnsServer;
let zone: Zone;
let dns: Dns;
const open = (options: Partial<DnsOptions> = {}) =>
  createDns({
    ...DEFAULT_DNS_OPTIONS,
    servers: [server.address],
    timeout: 1000,
    allowedNetworks: ["192.0.2.0/24"],
    ...options,
  });

beforeEach(async () => {
  server = await startDnsServer();
  zone = server.zone;
  zone["mx.example"] = { A: ["192.0.2.1"], isSecure: true };
  zone["_25._tcp.mx.example"] = { TLSA, isSecure: true };
  dns = open();
});
afterEach(() => {
  dns.close();
  server.close();
});

test("records that DNSSEC vouches for", async () => {
  expect(await dns.tlsaFor("MX.example.")).toMatchObject(records("mx.example"));
});

test("that an MX answer was validated is told", async () => {
  zone["signed.example"] = { MX: ["10 mx.example"], isSecure: true };
  zone["plain.example"] = { MX: ["10 mx.example"] };
  expect(await dns.resolveMx("signed.example")).toMatchObject({ secure: true });
  expect(await dns.resolveMx("plain.example")).toMatchObject({ secure: false });
});

test("where nobody validates, nobody is asked", async () => {
  const trusting = open({ trustAd: "never" });
  expect(await trusting.tlsaFor("mx.example")).toEqual({ kind: "none" });
  expect(server.log).toEqual([]);
  trusting.close();
});

describe("no DANE", () => {
  test("without records", async () => {
    zone["_25._tcp.mx.example"] = { isSecure: true };
    expect(await dns.tlsaFor("mx.example")).toMatchObject({ kind: "none" });
    expect(await dns.tlsaFor("unknown.example")).toMatchObject({ kind: "none" });
  });

  test("with records that are not signed", async () => {
    zone["_25._tcp.mx.example"] = { TLSA };
    expect(await dns.tlsaFor("mx.example")).toMatchObject({ kind: "none" });
  });

  test("with addresses that are not signed: then the question is not even asked, for many answer it with an error", async () => {
    zone["mx.example"] = { A: ["192.0.2.1"] };
    zone["_25._tcp.mx.example"] = "servfail";
    expect(await dns.tlsaFor("mx.example")).toMatchObject({ kind: "none" });
    expect(server.log).not.toContain("_25._tcp.mx.example TLSA");
  });
});

describe("no answer means that the host must wait: an attacker could be the reason", () => {
  test.each(["servfail", "silent", "refused"] as const)("TLSA %s", async (trouble) => {
    zone["_25._tcp.mx.example"] = trouble;
    if (trouble === "silent") dns = open({ timeout: 300 });
    expect(await dns.tlsaFor("mx.example")).toMatchObject({
      kind: "failed",
      detail: expect.stringContaining("no answer about the TLSA records of mx.example"),
    });
  });

  test("addresses", async () => {
    zone["mx.example"] = "servfail";
    expect(await dns.tlsaFor("mx.example")).toMatchObject({ kind: "failed" });
  });
});

describe("aliases (RFC 7672 §2.2.2)", () => {
  beforeEach(() => {
    zone["alias.example"] = { CNAME: ["mx.example"], isSecure: true };
  });

  test("records where the alias leads come first", async () => {
    zone["_25._tcp.alias.example"] = { TLSA: ["3 0 0 00"], isSecure: true };
    expect(await dns.tlsaFor("alias.example")).toMatchObject(records("mx.example"));
  });

  test("then those of the alias", async () => {
    delete zone["_25._tcp.mx.example"];
    zone["_25._tcp.alias.example"] = { TLSA, isSecure: true };
    expect(await dns.tlsaFor("alias.example")).toMatchObject(records("alias.example"));
  });

  test("where it leads to is not signed: those of the alias only", async () => {
    zone["mx.example"] = { A: ["192.0.2.1"] };
    zone["_25._tcp.alias.example"] = { TLSA, isSecure: true };
    expect(await dns.tlsaFor("alias.example")).toMatchObject(records("alias.example"));
    zone["loose.example"] = { CNAME: ["mx.example"] };
    zone["_25._tcp.loose.example"] = { TLSA, isSecure: true };
    expect(await dns.tlsaFor("loose.example")).toMatchObject({ kind: "none" });
  });

  test("an alias that is not signed is not, however well its target is", async () => {
    zone["loose.example"] = { CNAME: ["mx.example"], stopsAtAlias: true };
    expect(await dns.resolveAddresses("loose.example")).toMatchObject({ kind: "found", secure: false });
    expect(await dns.tlsaFor("loose.example")).toMatchObject({ kind: "none" });
  });

  test("records that are an alias themselves", async () => {
    zone["_25._tcp.mx.example"] = { CNAME: ["tlsa.example"], isSecure: true };
    zone["tlsa.example"] = { TLSA, isSecure: true };
    expect(await dns.tlsaFor("mx.example")).toMatchObject(records("mx.example"));
  });
});
