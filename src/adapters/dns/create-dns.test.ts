import { afterEach, beforeEach, describe, expect, test } from "vitest";

import { startDnsServer, type Zone } from "../../../test/dns-server.ts";
import { MINUTE } from "../../core/time.ts";
import { createDns, type Dns } from "./create-dns.ts";

describe("DNS", () => {
  let zone: Zone;
  let log: string[];
  let now: number;
  let dns: Dns;
  let stop: () => void;

  beforeEach(async () => {
    now = 0;
    const server = await startDnsServer();
    ({ zone, log } = server);
    dns = createDns({ servers: [server.address], allowsLoopback: false, timeout: 100 }, () => now);
    stop = () => {
      dns.close();
      server.close();
    };
  });
  afterEach(() => stop());

  const found = (...targets: [number, string][]) => ({
    kind: "found",
    targets: targets.map(([preference, host]) => ({ host, preference })),
    isImplicit: false,
  });

  test("MX hosts in lower case, each once with its best preference", async () => {
    zone["example.com"] = { MX: ["20 MX2.example.com", "10 mx1.example.com", "5 mx2.example.com"] };
    const answered = await dns.resolveMx("Example.COM.");
    expect(answered).toEqual(found([5, "mx2.example.com"], [10, "mx1.example.com"]));
  });

  test("a domain without MX but with an address is its own MX (RFC 5321 §5.1)", async () => {
    zone["example.com"] = { AAAA: ["20010db8000000000000000000000001"] };
    expect(await dns.resolveMx("example.com")).toEqual({
      kind: "found",
      targets: [{ host: "example.com", preference: 0 }],
      isImplicit: true,
    });
  });

  test("a null MX beside others means nothing", async () => {
    zone["example.com"] = { MX: ["0 .", "10 mx.example.com"] };
    expect(await dns.resolveMx("example.com")).toEqual(found([10, "mx.example.com"]));
  });

  test.each<[string, Zone[string] | undefined, string]>([
    ["does not exist", undefined, "does not exist"],
    ["has a null MX (RFC 7505)", { MX: ["0 ."] }, "takes no mail"],
    ["has neither MX nor address", {}, "neither MX nor address"],
  ])("a domain that %s is no such domain", async (_, records, detail) => {
    if (records) zone["example.com"] = records;
    const answered = await dns.resolveMx("example.com");
    expect(answered).toEqual({ kind: "no-such-domain", detail: expect.stringContaining(detail) });
  });

  test.each(["servfail", "silent"] as const)("a resolver that is %s is tried again, not believed", async (trouble) => {
    zone["example.com"] = trouble;
    expect(await dns.resolveMx("example.com")).toMatchObject({ kind: "unavailable" });
    expect(await dns.resolveAddresses("example.com")).toMatchObject({ kind: "unavailable" });
    expect(log.length).toBeGreaterThan(1);
  });

  test("a name that no DNS can hold does not exist", async () => {
    expect(await dns.resolveMx(`${"x".repeat(64)}.example`)).toMatchObject({ kind: "no-such-domain" });
  });

  test("addresses: IPv4 first", async () => {
    zone["mx.example"] = { AAAA: ["20010db8000000000000000000000001"], A: ["192.0.2.1", "192.0.2.2"] };
    const addresses = ["192.0.2.1", "192.0.2.2", "2001:db8::1"];
    expect(await dns.resolveAddresses("mx.example")).toEqual({ kind: "found", addresses });
  });

  test("an MX that points to this machine is no way", async () => {
    zone["mx.example"] = { A: ["127.0.0.1"], AAAA: ["00000000000000000000ffff7f000001"] };
    expect(await dns.resolveAddresses("mx.example")).toMatchObject({ kind: "no-address" });
  });

  test("one query for many who ask at once, and for ten minutes", async () => {
    zone["example.com"] = { MX: ["10 mx.example.com"] };
    await Promise.all(Array.from({ length: 50 }, () => dns.resolveMx("example.com")));
    now = 10 * MINUTE - 1;
    await dns.resolveMx("example.com");
    expect(log).toEqual(["example.com MX"]);
    now = 10 * MINUTE;
    await dns.resolveMx("example.com");
    expect(log).toEqual(["example.com MX", "example.com MX"]);
  });

  test("a bad answer is believed for a minute only", async () => {
    expect(await dns.resolveMx("example.com")).toMatchObject({ kind: "no-such-domain" });
    zone["example.com"] = { MX: ["10 mx.example.com"] };
    now = MINUTE - 1;
    expect(await dns.resolveMx("example.com")).toMatchObject({ kind: "no-such-domain" });
    now = MINUTE;
    expect(await dns.resolveMx("example.com")).toEqual(found([10, "mx.example.com"]));
  });
});
