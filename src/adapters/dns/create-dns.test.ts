import { afterEach, beforeEach, describe, expect, test } from "vitest";

import { type DnsServer, startDnsServer, type Zone } from "../../../test/dns-server.ts";
import { HOUR, MINUTE, SECOND } from "../../core/time.ts";
import { createDns, DEFAULT_DNS_OPTIONS, type Dns, type DnsOptions } from "./create-dns.ts";

let server: DnsServer;
let zone: Zone;
let log: string[];
let now: number;
let dns: Dns;
const opened: Dns[] = [];

/** Documentation addresses stand for public ones. */
function open(options: Partial<DnsOptions> = {}): Dns {
  const allowedNetworks = ["192.0.2.0/24", "2001:db8::/32"];
  const base = { ...DEFAULT_DNS_OPTIONS, servers: [server.address], timeout: 1000, allowedNetworks };
  const created = createDns({ ...base, ...options }, () => now);
  opened.push(created);
  return created;
}

beforeEach(async () => {
  now = 0;
  server = await startDnsServer();
  ({ zone, log } = server);
  dns = open();
});
afterEach(() => {
  for (const created of opened.splice(0)) created.close();
  server.close();
});

const found = (...targets: [number, string][]) =>
  expect.objectContaining({ kind: "found", targets: targets.map(([preference, host]) => ({ host, preference })) });
const V6 = "20010db8000000000000000000000001";

describe("MX", () => {
  test("hosts in lower case, each once with its best preference", async () => {
    zone["example.com"] = { MX: ["20 MX2.example.com", "10 mx1.example.com", "5 mx2.example.com"] };
    expect(await dns.resolveMx("Example.COM.")).toEqual({
      kind: "found",
      targets: [
        { host: "mx2.example.com", preference: 5 },
        { host: "mx1.example.com", preference: 10 },
      ],
      isImplicit: false,
      secure: false,
      ttl: 60 * SECOND,
      ignored: [],
    });
  });

  test("a domain without MX but with an address is its own MX (RFC 5321 §5.1)", async () => {
    zone["example.com"] = { AAAA: [V6] };
    expect(await dns.resolveMx("example.com")).toMatchObject({
      kind: "found",
      targets: [{ host: "example.com", preference: 0 }],
      isImplicit: true,
    });
  });

  test("a failure about the MX never makes a domain its own MX", async () => {
    zone["example.com"] = { A: ["192.0.2.1"], MX: ["10 mx.example.com"], fails: ["MX"] };
    expect(await dns.resolveMx("example.com")).toMatchObject({ kind: "unavailable" });
  });

  test("nor does a failure about its addresses make it a domain without mail", async () => {
    zone["example.com"] = { fails: ["A", "AAAA"] };
    expect(await dns.resolveMx("example.com")).toMatchObject({ kind: "unavailable" });
  });

  test("a null MX beside others means nothing", async () => {
    zone["example.com"] = { MX: ["0 .", "10 mx.example.com"] };
    expect(await dns.resolveMx("example.com")).toEqual(found([10, "mx.example.com"]));
  });

  test("an alias of a domain goes where its target's mail goes", async () => {
    zone["example.com"] = { CNAME: ["other.example"] };
    zone["other.example"] = { MX: ["10 mx.example"] };
    expect(await dns.resolveMx("example.com")).toEqual(found([10, "mx.example"]));
    zone["www.example.com"] = { CNAME: ["nowhere.example"] };
    expect(await dns.resolveMx("www.example.com")).toMatchObject({ kind: "no-such-domain" });
  });

  test.each<[string, Zone[string] | undefined, string]>([
    ["does not exist", undefined, "does not exist"],
    ["has a null MX (RFC 7505)", { MX: ["0 ."] }, "takes no mail"],
    ["has neither MX nor address", {}, "neither MX nor address"],
  ])("a domain that %s is no such domain", async (_, records, detail) => {
    if (records) zone["example.com"] = records;
    const answered = await dns.resolveMx("example.com");
    expect(answered).toMatchObject({ kind: "no-such-domain", detail: expect.stringContaining(detail) });
  });

  test.each(["servfail", "silent", "refused", "lame"] as const)(
    "a server that is %s is not believed",
    async (trouble) => {
      zone["example.com"] = trouble;
      if (trouble === "silent") dns = open({ timeout: 300 });
      expect(await dns.resolveMx("example.com")).toMatchObject({ kind: "unavailable" });
      expect(await dns.resolveAddresses("example.com")).toMatchObject({ kind: "unavailable" });
      expect(log.filter((line) => line === "example.com MX")).toHaveLength(2);
    },
  );

  test.each([
    `${"x".repeat(64)}.example`,
    "",
    ".",
    "a..example",
    "[192.0.2.1]",
    "ü.example",
    "x".repeat(254),
    "a b.example",
  ])("a name that no DNS can hold or knows does not exist: %j", async (name) => {
    expect(await dns.resolveMx(name)).toMatchObject({ kind: "no-such-domain" });
    expect(await dns.resolveAddresses(name)).toMatchObject({ kind: "no-address" });
    expect(await dns.txt(name)).toMatchObject({ kind: "no-such-name" });
  });

  test("records that cannot be hosts are left out, with the reason", async () => {
    zone["example.com"] = { MX: ["5 192.0.2.1", "6 localhost", "10 mx.example.com"] };
    expect(await dns.resolveMx("example.com")).toMatchObject({
      targets: [{ host: "mx.example.com", preference: 10 }],
      ignored: [
        { host: "192.0.2.1", why: "is an address where a name belongs" },
        { host: "localhost", why: "is a local name" },
      ],
    });
  });

  test("when nothing is left, the mail waits: a mistake may be over soon", async () => {
    zone["example.com"] = { MX: ["5 192.0.2.1", "6 mail.internal"] };
    expect(await dns.resolveMx("example.com")).toMatchObject({
      kind: "unavailable",
      detail:
        "example.com has no MX that mail can go to: 192.0.2.1 is an address where a name belongs; mail.internal is a local name",
    });
  });
});

describe("MX records that lead to ourselves (RFC 5321 §5.1)", () => {
  beforeEach(() => {
    zone["example.com"] = {
      MX: ["5 mx1.example.com", "10 mx2.example.com", "10 mx3.example.com", "20 mx4.example.com"],
    };
    for (const [i, host] of ["mx1", "mx2", "mx3", "mx4"].entries())
      zone[`${host}.example.com`] = { A: [`192.0.2.${i}`] };
  });

  test.each<[string, Partial<DnsOptions>]>([
    ["name", { ownHosts: ["MX2.example.com."] }],
    ["address", { ownAddresses: ["192.0.2.1", "2001:DB8:0::99"] }],
  ])("known by %s they go, with all that are not better", async (_, own) => {
    expect(await open(own).resolveMx("example.com")).toMatchObject({
      targets: [{ host: "mx1.example.com", preference: 5 }],
      ignored: [
        { host: "mx2.example.com", why: "is ourselves" },
        { host: "mx3.example.com", why: "would bring the mail back to us" },
        { host: "mx4.example.com", why: "would bring the mail back to us" },
      ],
    });
  });

  test("when the best is ourselves, there is no way", async () => {
    const answered = await open({ ownHosts: ["mx1.example.com"] }).resolveMx("example.com");
    expect(answered).toMatchObject({
      kind: "unavailable",
      detail: expect.stringContaining("mx1.example.com is ourselves"),
    });
  });

  test("also a domain that is its own MX", async () => {
    zone["self.example"] = { A: ["192.0.2.77"] };
    const answered = await open({ ownAddresses: ["192.0.2.77"] }).resolveMx("self.example");
    expect(answered).toMatchObject({ kind: "unavailable", detail: "self.example has no MX record and is ourselves" });
  });
});

describe("addresses", () => {
  test("IPv4 first, each once", async () => {
    zone["mx.example"] = { AAAA: [V6, V6], A: ["192.0.2.1", "192.0.2.2"], ttl: 300 };
    expect(await dns.resolveAddresses("mx.example")).toEqual({
      kind: "found",
      addresses: ["192.0.2.1", "192.0.2.2", "2001:db8::1"],
      secure: false,
      ttl: 300 * SECOND,
      canonicalName: "mx.example",
    });
  });

  test("an MX host that is an alias is followed, also when the server stops at the alias", async () => {
    zone["mx.example"] = { CNAME: ["a.example"], ttl: 300 };
    zone["a.example"] = { CNAME: ["b.example"], stopsAtAlias: true, ttl: 40 };
    zone["b.example"] = { A: ["192.0.2.1"], ttl: 300 };
    expect(await dns.resolveAddresses("mx.example")).toMatchObject({
      addresses: ["192.0.2.1"],
      canonicalName: "b.example",
      ttl: 40 * SECOND,
    });
  });

  test("eight aliases are followed, not more", async () => {
    for (let i = 0; i < 9; i++) zone[`a${i}.example`] = { CNAME: [`a${i + 1}.example`] };
    zone["a9.example"] = { A: ["192.0.2.1"] };
    expect(await dns.resolveAddresses("a1.example")).toMatchObject({ addresses: ["192.0.2.1"] });
    expect(await dns.resolveAddresses("a0.example")).toMatchObject({
      kind: "unavailable",
      detail: expect.stringContaining("more than 8 aliases"),
    });
  });

  test.each([false, true])("aliases in a circle end (each a question of its own: %s)", async (stopsAtAlias) => {
    zone["a.example"] = { CNAME: ["b.example"], stopsAtAlias };
    zone["b.example"] = { CNAME: ["a.example"], stopsAtAlias };
    expect(await dns.resolveAddresses("a.example")).toMatchObject({ kind: "unavailable" });
  });

  test("one family is enough when nobody answers about the other, for a minute", async () => {
    zone["mx.example"] = { A: ["192.0.2.1"], fails: ["AAAA"], ttl: 3600 };
    expect(await dns.resolveAddresses("mx.example")).toMatchObject({ addresses: ["192.0.2.1"], ttl: MINUTE });
  });

  test("a host that points to this machine is no way, unless that is allowed", async () => {
    zone["mx.example"] = { A: ["127.0.0.1"], AAAA: ["00000000000000000000ffff7f000001"] };
    expect(await dns.resolveAddresses("mx.example")).toMatchObject({
      kind: "no-address",
      detail: "mx.example is 127.0.0.1, which is this machine; ::ffff:7f00:1, which is an IPv4 address in disguise",
    });
    const allowing = open({ allowedNetworks: ["127.0.0.0/8"] });
    expect(await allowing.resolveAddresses("mx.example")).toMatchObject({ addresses: ["127.0.0.1"] });
  });
});

test("closing ends what is under way", async () => {
  zone["example.com"] = "silent";
  const patient = open({ timeout: HOUR });
  const asked = patient.resolveMx("example.com");
  await expect.poll(() => log.length).toBe(1);
  patient.close();
  expect(await asked).toMatchObject({ kind: "unavailable" });
});
