import { generateKeyPairSync } from "node:crypto";
import type { z } from "zod";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { type DnsServer, startDnsServer } from "../../../test/dns-server.ts";
import { createTestWebApp, type TestWebApp } from "../../../test/web-app.ts";
import { createRecordResolver } from "../../adapters/dns/create-record-resolver.ts";
import { generateSigningKey, readSigningKey } from "../../adapters/crypto/crypto.ts";
import { dkimKeySchema, domainSchema } from "../../contract/responses-domains.ts";
import { pageOf } from "../../contract/responses.ts";
import { checkSendingDomain, type SendingFacts } from "./index.ts";

const SENDING: SendingFacts = {
  way: { kind: "direct", addresses: ["8.8.4.4"] },
  host: "mail.example.com",
  publicUrl: "https://mail.example.com",
};

const domainPage = pageOf(domainSchema);

describe("the API of domains", () => {
  let web: TestWebApp;
  let dns: DnsServer;
  beforeAll(async () => {
    dns = await startDnsServer();
    const resolver = createRecordResolver({ servers: [dns.address], timeout: 200 });
    web = await createTestWebApp({
      domains: {
        readKey: readSigningKey,
        generateKey: generateSigningKey,
        checkDns: (domain) => checkSendingDomain(web.db, { resolver, sending: SENDING }, domain),
      },
    });
  });
  afterAll(async () => {
    await web.close();
    dns.close();
  });
  const addKey = (name: string, body: object, headers: Record<string, string> = {}) =>
    web.call("POST", `/api/v1/domains/${name}/keys`, body, headers);
  const pem = (bits = 2048) =>
    generateKeyPairSync("rsa", { modulusLength: bits }).privateKey.export({ type: "pkcs8", format: "pem" }).toString();

  test("a key is made, published, checked and retired", async () => {
    const answer = await addKey("made.example", {});
    expect(answer).toMatchObject({ status: 201, headers: { location: "/api/v1/domains/made.example" } });
    const key = dkimKeySchema.parse(answer.body);
    expect(key).toMatchObject({ selector: "envoi1", algorithm: "rsa-sha256", bits: 2048, state: "active" });
    expect(key.record).toMatchObject({ name: "envoi1._domainkey.made.example", type: "TXT" });
    expect(key.record.strings.join("")).toBe(key.record.value);
    expect(key.record.strings.length).toBe(2);

    const dkimOf = async () => {
      const domain = await web.get("/api/v1/domains/made.example", domainSchema);
      return domain.checks.find((check) => check.id === "dkim");
    };
    expect(await dkimOf()).toMatchObject({ status: "error", found: "no such name" });
    dns.zone[key.record.name] = { TXT: [key.record.value] };
    expect(await dkimOf()).toMatchObject({ status: "ok", name: key.record.name });

    const path = `/api/v1/domains/made.example/keys/${key.id}/actions/retire`;
    const retired = await web.call("POST", path);
    expect(dkimKeySchema.parse(retired.body)).toMatchObject({ state: "retired", retiredAt: expect.any(String) });
    expect((await web.call("POST", path)).body).toEqual(retired.body);
    expect(await dkimOf()).toMatchObject({ status: "error", found: "no key here" });
  });

  test("an Ed25519 key fits into one string", async () => {
    const key = dkimKeySchema.parse((await addKey("ed.example", { algorithm: "ed25519-sha256" })).body);
    expect(key.bits).toBeNull();
    expect(key.record.strings).toEqual([key.record.value]);
    expect(key.record.value).toMatch(/^v=DKIM1; k=ed25519; p=[A-Za-z0-9+/]{43}=$/);
  });

  test("the same Idempotency-Key makes one key", async () => {
    const headers = { "idempotency-key": "once" };
    const first = await addKey("once.example", { algorithm: "ed25519-sha256" }, headers);
    const second = await addKey("once.example", { algorithm: "ed25519-sha256" }, headers);
    expect(second.body).toEqual(first.body);
    expect((await web.get("/api/v1/domains/once.example", domainSchema)).keys).toHaveLength(1);
  });

  test("a key that is brought along comes back in no answer", async () => {
    const privateKey = pem();
    const body = { selector: "own", privateKey, canonicalization: "relaxed/simple" };
    const answer = await addKey("own.example", body);
    expect(answer.status).toBe(201);
    expect((await addKey("own.example", body)).body).toEqual(answer.body);
    const secret = privateKey.split("\n")[3] ?? "";
    const texts = [answer.text];
    for (const path of ["", "/own.example"]) texts.push((await web.call("GET", `/api/v1/domains${path}`)).text);
    texts.push((await addKey("own.example", { selector: "b", privateKey: privateKey.replace("BEGIN", "BEGUN") })).text);
    for (const text of texts) expect(text).not.toContain(secret);
    const stored = await web.db.query("select * from dkim_keys where domain = 'own.example'");
    expect(JSON.stringify(stored)).not.toContain(secret);
  });

  test("names are read as DNS reads them", async () => {
    const answer = await addKey(encodeURIComponent("Bücher.Example."), { selector: "S1", algorithm: "ed25519-sha256" });
    expect(answer.body).toMatchObject({ record: { name: "s1._domainkey.xn--bcher-kva.example" } });
    const domain = await web.get(`/api/v1/domains/${encodeURIComponent("BÜCHER.example")}`, domainSchema);
    expect(domain).toMatchObject({ name: "xn--bcher-kva.example", keys: [{ selector: "s1" }] });
  });

  test.each<[string, string, object, string]>([
    ["a domain without a dot", "localhost", {}, "URL name"],
    ["an address as domain", "192.0.2.1", {}, "URL name"],
    ["markup as domain", "%3Cb%3E.example", {}, "URL name"],
    ["a selector with a blank", "bad.example", { selector: "a b" }, "/selector"],
    ["an unknown algorithm", "bad.example", { algorithm: "rsa-sha1" }, "/algorithm"],
    ["odd bits", "bad.example", { bits: 1024 }, "/bits"],
    ["bits of an Ed25519 key", "bad.example", { algorithm: "ed25519-sha256", bits: 2048 }, "/bits"],
    ["an unknown canonicalization", "bad.example", { canonicalization: "loose" }, "/canonicalization"],
    ["no key", "bad.example", { selector: "a", privateKey: "hello" }, "/privateKey"],
    ["a key without selector", "bad.example", { privateKey: "hello" }, "/selector"],
    [
      "a key with an algorithm",
      "bad.example",
      { selector: "a", privateKey: "x", algorithm: "rsa-sha256" },
      "/algorithm",
    ],
    ["an unknown field", "bad.example", { colour: "red" }, "/colour"],
  ])("%s is refused at its place", async (_, name, body, pointer) => {
    const answer = await addKey(name, body);
    expect(answer).toMatchObject({ status: 422, body: { code: "invalid-input", errors: [{ pointer }] } });
    const rows = await web.db.query("select 1 from dkim_keys where domain = 'bad.example'");
    expect(rows).toHaveLength(0);
  });

  test("a short key of one's own is taken, one below 1024 bits is not", async () => {
    expect((await addKey("short.example", { selector: "a", privateKey: pem(1024) })).status).toBe(201);
    const refused = await addKey("short.example", { selector: "b", privateKey: pem(768) });
    expect(refused).toMatchObject({ status: 422, body: { detail: expect.stringContaining("768 bits") } });
  });

  test("a selector that signs is not taken over by a new key", async () => {
    const body = { selector: "s1", algorithm: "ed25519-sha256" };
    expect((await addKey("taken.example", body)).status).toBe(201);
    expect(await addKey("taken.example", body)).toMatchObject({ status: 409, body: { code: "selector-in-use" } });
  });

  test.each(["0", "abc", "999999", "1%20or%201"])("key %s of a domain is not there", async (id) => {
    const answer = await web.call("POST", `/api/v1/domains/made.example/keys/${id}/actions/retire`);
    expect(answer).toMatchObject({ status: 404, body: { code: "not-found" } });
  });

  test("a key of another domain is not retired", async () => {
    const key = dkimKeySchema.parse((await addKey("mine.example", { algorithm: "ed25519-sha256" })).body);
    const answer = await web.call("POST", `/api/v1/domains/yours.example/keys/${key.id}/actions/retire`);
    expect(answer.status).toBe(404);
    const { keys } = await web.get("/api/v1/domains/mine.example", domainSchema);
    expect(keys).toMatchObject([{ state: "active" }]);
  });

  test("the list goes by name, page by page, and asks no DNS", async () => {
    for (const name of ["p1.example", "p2.example", "p3.example"]) await addKey(name, { algorithm: "ed25519-sha256" });
    dns.log.length = 0;
    const names: string[] = [];
    for (let cursor: string | null = "p"; cursor !== null; ) {
      const page: z.output<typeof domainPage> = await web.get(`/api/v1/domains?limit=1&cursor=${cursor}`, domainPage);
      names.push(...page.data.map((domain) => domain.name));
      cursor = page.nextCursor;
    }
    expect(names.slice(0, 3)).toEqual(["p1.example", "p2.example", "p3.example"]);
    expect(dns.log).toEqual([]);
  });

  test("the platform's error address and bounce domain are what DNS is held against", async () => {
    const settings = { errorAddress: "bounces@back.example", bounceDomain: "in.example" };
    expect((await web.call("PUT", "/api/v1/settings", settings)).status).toBe(200);
    const { checks } = await web.get("/api/v1/domains/shop.example", domainSchema);
    expect(checks.map(({ id, name }) => [id, name])).toEqual([
      ["spf", "shop.example"],
      ["spf", "back.example"],
      ["dkim", "shop.example"],
      ["dmarc", "_dmarc.shop.example"],
      ["return-path", "back.example"],
      ["tracking-host", "mail.example.com"],
      ["bounce-mx", "in.example"],
    ]);
  });

  test("nobody without a token reads or makes keys", async () => {
    for (const [method, path] of [
      ["GET", "/domains"],
      ["GET", "/domains/made.example"],
      ["POST", "/domains/x.example/keys"],
    ] as const) {
      const answer = await web.app.inject({
        method,
        url: `/api/v1${path}`,
        payload: method === "POST" ? {} : (undefined as never),
      });
      expect(answer.statusCode).toBe(401);
    }
  });
});
