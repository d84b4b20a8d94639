/** What of DNS is remembered, for how long, and what goes on while servers fail. */
import { afterEach, beforeEach, expect, test } from "vitest";

import { type DnsServer, startDnsServer, type Zone } from "../../../test/dns-server.ts";
import { DAY, HOUR, MINUTE, SECOND } from "../../core/time.ts";
import { createDns, DEFAULT_DNS_OPTIONS, type Dns } from "./create-dns.ts";

let server: DnsServer;
let zone: Zone;
let log: string[];
let now: number;
let dns: Dns;

beforeEach(async () => {
  now = 0;
  server = await startDnsServer();
  ({ zone, log } = server);
  const options = {
    ...DEFAULT_DNS_OPTIONS,
    servers: [server.address],
    timeout: 1000,
    allowedNetworks: ["192.0.2.0/24"],
  };
  dns = createDns(options, () => now);
});
afterEach(() => {
  dns.close();
  server.close();
});

const found = (...targets: [number, string][]) =>
  expect.objectContaining({ kind: "found", targets: targets.map(([preference, host]) => ({ host, preference })) });

test("one query for many who ask at once, and for the time to live", async () => {
  zone["example.com"] = { MX: ["10 mx.example.com"], ttl: 600 };
  await Promise.all(Array.from({ length: 50 }, () => dns.resolveMx("example.com")));
  now = 600 * SECOND - 1;
  await dns.resolveMx("example.com");
  expect(log).toEqual(["example.com MX"]);
  now = 600 * SECOND;
  await dns.resolveMx("example.com");
  expect(log).toEqual(["example.com MX", "example.com MX"]);
});

test.each<[string, number, number]>([
  ["at least 30 s", 0, 30 * SECOND],
  ["at most a day", 10_000_000, DAY],
  ["not for ever where the highest bit is set (RFC 2181 §8)", 2 ** 31, 30 * SECOND],
])("an answer is kept %s", async (_, ttl, kept) => {
  zone["example.com"] = { MX: ["10 mx.example.com"], ttl };
  await dns.resolveMx("example.com");
  now = kept - 1;
  await dns.resolveMx("example.com");
  expect(log).toHaveLength(1);
  now = kept;
  await dns.resolveMx("example.com");
  expect(log).toHaveLength(2);
});

test.each<[string, number | null, number]>([
  ["a minute where nobody says for how long", null, MINUTE],
  ["as long as the SOA record says (RFC 2308 §5)", 1800, 1800 * SECOND],
  ["an hour at most", 100_000, HOUR],
])("that there is none is believed for %s", async (_, negativeTtl, kept) => {
  server.negativeTtl = negativeTtl;
  expect(await dns.resolveMx("example.com")).toMatchObject({ kind: "no-such-domain" });
  zone["example.com"] = { MX: ["10 mx.example.com"] };
  now = kept - 1;
  expect(await dns.resolveMx("example.com")).toMatchObject({ kind: "no-such-domain" });
  now = kept;
  expect(await dns.resolveMx("example.com")).toEqual(found([10, "mx.example.com"]));
});

test("a failure is remembered for half a minute", async () => {
  zone["example.com"] = "servfail";
  await dns.resolveMx("example.com");
  zone["example.com"] = { MX: ["10 mx.example.com"] };
  now = 30 * SECOND - 1;
  expect(await dns.resolveMx("example.com")).toMatchObject({ kind: "unavailable" });
  now = 30 * SECOND;
  expect(await dns.resolveMx("example.com")).toEqual(found([10, "mx.example.com"]));
});

test("while servers fail, old answers go on for an hour", async () => {
  zone["example.com"] = { MX: ["10 mx.example.com"] };
  zone["mx.example.com"] = { A: ["192.0.2.1"] };
  await dns.resolveMx("example.com");
  await dns.resolveAddresses("mx.example.com");
  zone["example.com"] = zone["mx.example.com"] = "servfail";
  now = MINUTE + HOUR - 1;
  expect(await dns.resolveMx("example.com")).toEqual(found([10, "mx.example.com"]));
  expect(await dns.resolveAddresses("mx.example.com")).toMatchObject({ addresses: ["192.0.2.1"] });
  now += 30 * SECOND;
  expect(await dns.resolveMx("example.com")).toMatchObject({ kind: "unavailable" });
});

test("what DNS says now is believed, also when it is that mail has no way any more", async () => {
  zone["example.com"] = { MX: ["10 mx.example.com"] };
  await dns.resolveMx("example.com");
  zone["example.com"] = { MX: ["10 localhost"] };
  now = MINUTE;
  expect(await dns.resolveMx("example.com")).toMatchObject({ kind: "unavailable" });
});
