import { afterEach, beforeEach, describe, expect, test } from "vitest";

import { type DnsServer, startDnsServer } from "../../../test/dns-server.ts";
import { createRecordResolver } from "../../adapters/dns/create-record-resolver.ts";
import type { DnsCheck } from "../../contract/index.ts";
import { checkDomain } from "./check-domain.ts";
import type { DomainExpectation, ExpectedKey } from "./expectation.ts";

const P = "MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEA0123456789/+AB".padEnd(392, "C");
const RSA: ExpectedKey = {
  domain: "example.com",
  selector: "s1",
  algorithm: "rsa-sha256",
  public_key: P,
  bits: 2048,
};
const ED: ExpectedKey = {
  domain: "example.com",
  selector: "e1",
  algorithm: "ed25519-sha256",
  public_key: "11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=",
  bits: null,
};

describe("DNS of a sending domain", () => {
  let server: DnsServer;
  let expectation: DomainExpectation;
  beforeEach(async () => {
    server = await startDnsServer();
    server.zone = {
      "example.com": { TXT: ["v=spf1 ip4:8.8.4.0/24 -all", "other=1"], MX: ["10 mx.example.com"], A: ["8.8.4.1"] },
      "mx.example.com": { A: ["8.8.4.2"] },
      "s1._domainkey.example.com": { TXT: [`v=DKIM1; k=rsa; p=${P}`] },
      "_dmarc.example.com": { TXT: ["v=DMARC1; p=reject; rua=mailto:dmarc@example.com"] },
      "links.example.com": { A: ["8.8.4.3"] },
      "bounces.example.com": { MX: ["10 mail.example.com"] },
      "mail.example.com": { A: ["8.8.4.4"] },
    };
    expectation = {
      domain: "example.com",
      keys: [RSA],
      way: { kind: "direct", addresses: ["8.8.4.4"] },
      host: "mail.example.com",
      publicUrl: "https://links.example.com",
      returnPath: "example.com",
      bounceDomain: "bounces.example.com",
    };
  });
  afterEach(() => server.close());

  const check = (changes: Partial<DomainExpectation> = {}) =>
    checkDomain(createRecordResolver({ servers: [server.address], timeout: 100 }), { ...expectation, ...changes });
  const one = async (id: DnsCheck["id"], changes: Partial<DomainExpectation> = {}) => {
    const found = (await check(changes)).filter((each) => each.id === id);
    expect(found).toHaveLength(1);
    return found[0] as DnsCheck;
  };
  const put = (name: string, ...txt: string[]) => {
    server.zone[name] = { TXT: txt };
  };

  test("everything in place: every check is ok and says what it found", async () => {
    const checks = await check();
    expect(checks.map(({ id, name, status }) => [id, name, status])).toEqual([
      ["spf", "example.com", "ok"],
      ["dkim", "s1._domainkey.example.com", "ok"],
      ["dmarc", "_dmarc.example.com", "ok"],
      ["return-path", "example.com", "ok"],
      ["tracking-host", "links.example.com", "ok"],
      ["bounce-mx", "bounces.example.com", "ok"],
    ]);
    for (const each of checks) expect([each.expected, each.found, each.detail]).not.toContain("");
    expect(new Set(server.log).size).toBe(server.log.length);
  });

  test("an empty DNS: every check is an error and says what to do", async () => {
    server.zone = {};
    for (const each of await check()) {
      expect(each).toMatchObject({ status: "error" });
      expect(each.detail.length).toBeGreaterThan(20);
    }
  });

  test.each(["servfail", "silent"] as const)(
    "a resolver that is %s: nothing is ok, nothing is an error",
    async (trouble) => {
      for (const name of Object.keys(server.zone)) server.zone[name] = trouble;
      server.zone["_dmarc.com"] = trouble;
      for (const each of await check()) expect(each).toMatchObject({ status: "unknown" });
    },
  );

  describe("SPF", () => {
    test.each<[string, string[], DnsCheck["status"], string]>([
      ["no record", ["other=1"], "error", "Publish a TXT record at example.com"],
      ["several records", ["v=spf1 -all", "v=spf1 a -all"], "error", "leave one"],
      ["a broken record", ["v=spf1 ip4:8.8.4.4/99 -all"], "error", '"ip4:8.8.4.4/99"'],
      ["this machine left out", ["v=spf1 ip4:9.9.9.9 ~all"], "error", "8.8.4.4 (softfail). Add ip4:8.8.4.4"],
      ["neutral", ["v=spf1 ip4:9.9.9.9"], "error", "8.8.4.4 (neutral)"],
      ["everybody", ["v=spf1 ip4:8.8.4.4 +all"], "error", "everybody"],
      ["an include without record", ["v=spf1 ip4:8.8.4.4 include:nowhere.example -all"], "error", "nowhere.example"],
      ["the address by name", ["v=spf1 a:mail.example.com -all"], "ok", "lets 8.8.4.4 send"],
      ["only a message tells", ["v=spf1 exists:%{i}.example.com -all"], "unknown", "depends on the single message"],
      ["a silent include", ["v=spf1 include:silent.example -all"], "unknown", "No answer about silent.example"],
      ["a silent include behind the match", ["v=spf1 ip4:8.8.4.4 include:silent.example -all"], "unknown", "No answer"],
      ["too many look-ups", [`v=spf1 ip4:8.8.4.4 ${"a:mail.example.com ".repeat(11)}-all`], "error", "more than 10"],
      [
        "look-ups into the void",
        ["v=spf1 ip4:8.8.4.4 a:x.example a:y.example a:z.example -all"],
        "error",
        "do not exist",
      ],
    ])("%s", async (_, txt, status, detail) => {
      put("example.com", ...txt);
      put("spf.silent.example", "v=spf1 -all");
      server.zone["silent.example"] = "servfail";
      expect(await one("spf")).toMatchObject({ status, detail: expect.stringContaining(detail) });
    });

    test.each<[DomainExpectation["way"], string]>([
      [{ kind: "sandbox" }, "transport sandbox"],
      [{ kind: "relay", host: "relay.example" }, "relay.example"],
      [{ kind: "direct", addresses: [] }, "not known here"],
    ])("by %j a sound record cannot be compared", async (way, detail) => {
      expect(await one("spf", { way })).toMatchObject({ status: "unknown", detail: expect.stringContaining(detail) });
    });

    test("the return path's domain is what counts; the sender's own is looked at too", async () => {
      put("example.com", "other=1");
      put("bounces.example.com", "v=spf1 ip4:8.8.4.4 -all");
      const checks = (await check({ returnPath: "bounces.example.com" })).filter(({ id }) => id === "spf");
      expect(checks.map(({ name, status }) => [name, status])).toEqual([
        ["example.com", "warning"],
        ["bounces.example.com", "ok"],
      ]);
    });
  });

  describe("DKIM", () => {
    test.each<[string, string[], DnsCheck["status"], string]>([
      ["another key", [`v=DKIM1; k=rsa; p=${P.replace("C", "D")}`], "error", "another key"],
      ["revoked", ["v=DKIM1; k=rsa; p="], "error", "revoked"],
      ["no key", ["v=DKIM1; k=rsa"], "error", "no key"],
      ["another type", [`v=DKIM1; k=ed25519; p=${P}`], "error", "type ed25519"],
      ["cut off", [`v=DKIM1; k=rsa; p=${P.slice(0, 200)}`], "error", "cut off after 200 of 392"],
      ["quotes in it", [`"v=DKIM1; k=rsa; p=${P}"`], "error", "no list of tags"],
      ["escaped", [`v=DKIM1\\; k=rsa\\; p=${P}`], "error", "DKIM1"],
      ["quotes in the key", [`v=DKIM1; k=rsa; p=${P.slice(0, 200)}" "${P.slice(200)}`], "error", "not base64"],
      ["several records", [`v=DKIM1; k=rsa; p=${P}`, "v=DKIM1; p="], "error", "Several"],
      ["version not first", [`k=rsa; v=DKIM1; p=${P}`], "error", "first"],
      ["sha1 only", [`v=DKIM1; h=sha1; p=${P}`], "error", "sha256"],
      ["not for e-mail", [`v=DKIM1; s=other; p=${P}`], "error", "e-mail"],
      ["test mode", [`v=DKIM1; t=y:s; p=${P}`], "warning", "t=y"],
      ["the least there can be", [`p=${P}`], "ok", "published"],
      [
        "blanks everywhere",
        [` v = DKIM1 ;h=sha1 : sha256; s=*;k = rsa; n=note; p=${P.slice(0, 99)} ${P.slice(99)} ; `],
        "ok",
        "published",
      ],
    ])("%s", async (_, txt, status, detail) => {
      put("s1._domainkey.example.com", ...txt);
      expect(await one("dkim")).toMatchObject({ status, detail: expect.stringContaining(detail) });
    });

    test("each key has a check of its own, Ed25519 too", async () => {
      put("e1._domainkey.example.com", `v=DKIM1; k=ed25519; p=${ED.public_key}`);
      const checks = (await check({ keys: [RSA, ED] })).filter(({ id }) => id === "dkim");
      expect(checks.map(({ status }) => status)).toEqual(["ok", "ok"]);
    });

    test("a short key is worth a word", async () => {
      expect(await one("dkim", { keys: [{ ...RSA, bits: 1024 }] })).toMatchObject({ status: "warning" });
    });

    test("no key at all", async () => {
      expect(await one("dkim", { keys: [] })).toMatchObject({ status: "error", found: "no key here" });
    });
  });

  describe("DMARC", () => {
    test.each<[string, string[], DnsCheck["status"], string]>([
      ["nothing of the kind", ["hello"], "error", "Publish"],
      ["several", ["v=DMARC1; p=none", "v=DMARC1; p=reject"], "error", "leave one"],
      ["no policy", ["v=DMARC1; rua=mailto:a@example.com"], "error", "no policy"],
      ["an unknown policy", ["v=DMARC1; p=maybe"], "error", "p=maybe"],
      ["nobody gets reports", ["v=DMARC1; p=none"], "warning", "rua"],
      ["only watching", ["v=DMARC1; p=none; rua=mailto:a@example.com"], "ok", "policy is none"],
      ["aligned to the letter", ["v=DMARC1; p=reject; adkim=s; aspf=s; rua=mailto:a@example.com"], "ok", "DKIM"],
    ])("%s", async (_, txt, status, detail) => {
      put("_dmarc.example.com", ...txt);
      expect(await one("dmarc")).toMatchObject({ status, detail: expect.stringContaining(detail) });
    });

    test.each<[string, Partial<DomainExpectation>, string, DnsCheck["status"], string]>([
      ["the key of the domain above, relaxed", {}, "", "ok", "DKIM (d=example.com)"],
      ["the key of the domain above, strict", {}, "adkim=s; aspf=s;", "error", "Mail fails DMARC"],
      ["strict for DKIM, the return path aligned", {}, "adkim=s;", "warning", "Forwarded mail"],
      ["nothing signs, bounces go elsewhere", { keys: [], returnPath: "esp.example" }, "", "error", "no key signs"],
      [
        "another organisation's key",
        { keys: [{ ...RSA, domain: "esp.example" }], returnPath: "esp.example" },
        "",
        "error",
        "sign as esp.example",
      ],
    ])("a subdomain: %s", async (_, changes, mode, status, detail) => {
      put("_dmarc.example.com", `v=DMARC1; p=quarantine; ${mode} rua=mailto:a@example.com`);
      put("_dmarc.esp.example", "v=DMARC1; p=none");
      const found = await one("dmarc", { domain: "news.example.com", ...changes });
      expect(found).toMatchObject({ status, found: expect.stringContaining("at _dmarc.example.com") });
      expect(found.detail).toContain(detail);
    });

    test("a subdomain has the policy that sp= says", async () => {
      put("_dmarc.example.com", "v=DMARC1; p=reject; sp=none; rua=mailto:a@example.com");
      expect((await one("dmarc", { domain: "news.example.com" })).detail).toContain("The policy is none");
    });

    test("an organisation that is said to end here (psd=n) does not reach higher", async () => {
      put("_dmarc.news.example.com", "v=DMARC1; p=none; psd=n; rua=mailto:a@example.com");
      const found = await one("dmarc", { domain: "news.example.com", returnPath: "example.com" });
      expect(found).toMatchObject({ status: "error", detail: expect.stringContaining("Mail fails DMARC") });
    });

    test("below a public suffix (psd=y) every domain is its own organisation", async () => {
      put("_dmarc.example.com", "v=DMARC1; p=none; psd=y; rua=mailto:a@example.com");
      const aligned = await one("dmarc", { domain: "a.shop.example.com", returnPath: "shop.example.com", keys: [] });
      expect(aligned.detail).toContain("Aligned by SPF");
      const foreign = await one("dmarc", { domain: "shop.example.com", returnPath: "other.example.com", keys: [] });
      expect(foreign.detail).toContain("Mail fails DMARC");
    });

    test("a policy further up that nobody tells is no missing policy", async () => {
      server.zone["_dmarc.example.com"] = "servfail";
      expect(await one("dmarc", { domain: "news.example.com" })).toMatchObject({ status: "unknown" });
    });

    test("a name with very many labels is not asked about label by label", async () => {
      const domain = `${"a.".repeat(60)}example.com`;
      await check({ domain, keys: [], returnPath: domain });
      expect(server.log.filter((line) => line.startsWith("_dmarc.")).length).toBeLessThanOrEqual(8);
    });
  });

  describe("hosts", () => {
    test.each<[string, DnsServer["zone"][string], DnsCheck["status"], string]>([
      ["takes no mail (null MX)", { MX: ["0 ."] }, "error", "null MX"],
      ["has only an address", { A: ["8.8.4.4"] }, "warning", "no MX"],
      ["has neither", {}, "error", "bounces are lost"],
    ])("a return path that %s", async (_, records, status, detail) => {
      server.zone["back.example"] = records;
      const found = await one("return-path", { returnPath: "back.example" });
      expect(found).toMatchObject({ name: "back.example", status, detail: expect.stringContaining(detail) });
    });

    test.each<[string, DnsCheck["status"], string]>([
      ["https://nowhere.example", "error", "lead nowhere"],
      ["http://links.example.com", "error", "not encrypted"],
      ["http://127.0.0.1:8080", "error", "bare address"],
      ["http://[::1]:8080", "error", "bare address"],
      ["https://inside.example.com", "error", "cannot reach"],
      ["https://alias.example.com/base", "ok", "Links lead to it"],
    ])("links to %s", async (publicUrl, status, detail) => {
      server.zone["inside.example.com"] = { A: ["10.0.0.1"] };
      server.zone["alias.example.com"] = { CNAME: ["links.example.com"] };
      const found = await one("tracking-host", { publicUrl });
      expect(found).toMatchObject({ status, detail: expect.stringContaining(detail) });
      const harmless = await one("tracking-host", { publicUrl, way: { kind: "sandbox" } });
      expect(harmless.status).toBe(status === "error" ? "warning" : status);
    });

    test("an alias is shown", async () => {
      server.zone["alias.example.com"] = { CNAME: ["links.example.com"] };
      const found = await one("tracking-host", { publicUrl: "https://alias.example.com" });
      expect(found.found).toBe("CNAME links.example.com, 8.8.4.3");
    });

    test.each<[string, DnsServer["zone"][string], DnsCheck["status"], string]>([
      ["points to another name of this server", { MX: ["5 in.example.com"] }, "ok", "address of this server"],
      [
        "points elsewhere",
        { MX: ["10 mx.example.com", "5 mx.other.example"] },
        "warning",
        "mx.other.example, mx.example.com",
      ],
      ["takes no mail", { MX: ["0 ."] }, "error", "publish"],
      ["has no MX, but this server's address", { A: ["8.8.4.4"] }, "ok", "address of this server"],
    ])("a bounce domain that %s", async (_, records, status, detail) => {
      server.zone["in.example.com"] = { A: ["8.8.4.4"] };
      server.zone["bounces.example.com"] = records;
      expect(await one("bounce-mx")).toMatchObject({ status, detail: expect.stringContaining(detail) });
    });

    test("no bounce domain is worth a word", async () => {
      expect(await one("bounce-mx", { bounceDomain: null })).toMatchObject({ status: "warning" });
    });
  });
});
