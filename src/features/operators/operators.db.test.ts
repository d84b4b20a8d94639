/** Who gets in, with what, and what a repeated request gets. */
import { chmodSync, mkdtempSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { z } from "zod";

import { createTestWebApp, TOKEN, type TestWebApp } from "../../../test/web-app.ts";
import { RIGHTS } from "../../core/operators/rights.ts";
import { DAY, MINUTE } from "../../core/time.ts";
import { ensureAdminToken } from "./index.ts";
import { hashToken } from "./find-holder.ts";

let web: TestWebApp;
beforeAll(async () => {
  web = await createTestWebApp();
});
afterAll(() => web.close());

const codeOf = (answer: { body: unknown }) => (answer.body as { code: string }).code;
const signedIn = async () => {
  const answer = await web.app.inject({ method: "POST", url: "/api/v1/session", payload: { token: TOKEN } });
  return String(answer.headers["set-cookie"]).split(";")[0] ?? "";
};
const newRecipient = (address: string) => ({ address, attributes: {} });

describe("the admin token", () => {
  test("is made once, readable by its owner only, and found again", async () => {
    const dir = mkdtempSync(join(tmpdir(), "envoi-token-"));
    const first = await ensureAdminToken(web.db, dir, null, 1);
    const second = await ensureAdminToken(web.db, dir, null, 2);
    expect(first).toMatchObject({ created: true, path: join(dir, "admin-token") });
    expect(second).toEqual({ ...first, created: false });
    expect(statSync(join(dir, "admin-token")).mode & 0o777).toBe(0o600);
    expect(readFileSync(join(dir, "admin-token"), "utf8")).toBe(`${first.token}\n`);
    const answer = await web.call("GET", "/api/v1/session", undefined, { authorization: `Bearer ${first.token}` });
    expect(answer.body).toEqual({ label: "admin", rights: null, operator: null });
  });

  test("works on a new database, too: the file is what counts", async () => {
    const dir = mkdtempSync(join(tmpdir(), "envoi-token-"));
    writeFileSync(join(dir, "admin-token"), "kept-from-before\n");
    await ensureAdminToken(web.db, dir, null, 1);
    const headers = { authorization: "Bearer kept-from-before" };
    expect((await web.call("GET", "/api/v1/session", undefined, headers)).status).toBe(200);
  });

  test("an empty file is refused by name", async () => {
    const dir = mkdtempSync(join(tmpdir(), "envoi-token-"));
    writeFileSync(join(dir, "admin-token"), "");
    chmodSync(join(dir, "admin-token"), 0o600);
    await expect(ensureAdminToken(web.db, dir, null, 1)).rejects.toThrow("admin-token is empty");
  });

  test("from the environment it replaces the one before", async () => {
    await ensureAdminToken(web.db, "/nowhere", "old-one", 1);
    await ensureAdminToken(web.db, "/nowhere", "new-one", 2);
    const ask = (token: string) => web.call("GET", "/api/v1/session", undefined, { authorization: `Bearer ${token}` });
    expect([(await ask("old-one")).status, (await ask("new-one")).status]).toEqual([401, 200]);
    await ensureAdminToken(web.db, "/nowhere", TOKEN, 3);
  });

  test("only its hash is in the database", async () => {
    const rows = await web.db.query<{ token_hash: string }>("select token_hash from api_tokens");
    expect(rows.map((row) => row.token_hash)).toContain(hashToken(TOKEN));
    expect(JSON.stringify(rows)).not.toContain(TOKEN);
  });
});

describe("the guard", () => {
  test.each([
    ["nothing", {}],
    ["a wrong token", { authorization: "Bearer wrong" }],
    ["another scheme", { authorization: `Basic ${TOKEN}` }],
    ["an empty token", { authorization: "Bearer " }],
    ["a wrong cookie", { cookie: "envoi_session=wrong" }],
  ])("refuses %s", async (_name, headers) => {
    const answer = await web.app.inject({ url: "/api/v1/deliveries", headers });
    expect(answer.statusCode).toBe(401);
    expect(answer.headers["www-authenticate"]).toBe('Bearer realm="envoi"');
    expect(answer.json()).toMatchObject({ code: "unauthorized", status: 401 });
  });

  test("a session: signed in by token, kept in a cookie that scripts and other sites cannot use, ended", async () => {
    const wrong = await web.app.inject({ method: "POST", url: "/api/v1/session", payload: { token: "wrong" } });
    expect(wrong.statusCode).toBe(401);
    const signIn = await web.app.inject({ method: "POST", url: "/api/v1/session", payload: { token: TOKEN } });
    expect(signIn.statusCode).toBe(204);
    const setCookie = String(signIn.headers["set-cookie"]);
    expect(setCookie).toMatch(/^envoi_session=[^;]+; Max-Age=\d+; Path=\/api; HttpOnly; SameSite=Strict$/);
    const cookie = setCookie.split(";")[0] ?? "";
    const who = await web.app.inject({ url: "/api/v1/session", headers: { cookie } });
    expect(who.json()).toEqual({ label: "admin (environment)", rights: null, operator: null });
    expect(cookie).not.toContain(TOKEN);
    const signOut = await web.app.inject({ method: "DELETE", url: "/api/v1/session", headers: { cookie } });
    expect(signOut.statusCode).toBe(204);
    expect(String(signOut.headers["set-cookie"])).toMatch(/^envoi_session=; .*Expires=Thu, 01 Jan 1970/);
    expect((await web.app.inject({ url: "/api/v1/session", headers: { cookie } })).statusCode).toBe(401);
  });

  test.each([
    ["no proof", {}, 403],
    ["another site's Origin", { origin: "https://evil.example", host: "envoi.example" }, 403],
    ["a sandboxed frame", { origin: "null", host: "envoi.example" }, 403],
    ["a sibling site", { "sec-fetch-site": "same-site" }, 403],
    ["our own Origin", { origin: "http://envoi.example:8080", host: "envoi.example:8080" }, 201],
    ["Sec-Fetch-Site", { "sec-fetch-site": "same-origin" }, 201],
    ["X-Requested-With", { "x-requested-with": "envoi" }, 201],
  ])("a change by cookie with %s", async (name, headers, status) => {
    const answer = await web.app.inject({
      method: "POST",
      url: "/api/v1/recipients",
      headers: { cookie: await signedIn(), ...headers },
      payload: newRecipient(`${name.replaceAll(/[^a-z]/gi, "")}@example.com`),
    });
    expect(answer.statusCode).toBe(status);
    if (status === 403) expect(answer.json()).toMatchObject({ code: "cross-site-request" });
  });

  test("tokens can be made, listed without their secrets, and revoked", async () => {
    const made = await web.call("POST", "/api/v1/tokens", { label: "reports" });
    expect(made.status).toBe(201);
    const { id, token } = z.object({ id: z.string(), token: z.string() }).parse(made.body);
    const headers = { authorization: `Bearer ${token}` };
    expect((await web.call("GET", "/api/v1/session", undefined, headers)).body).toEqual({
      label: "reports",
      rights: null,
      operator: null,
    });
    const list = await web.call("GET", "/api/v1/tokens");
    expect(list.text).toContain(id);
    expect(list.text).not.toContain(token);
    expect((await web.call("DELETE", `/api/v1/tokens/${id}`)).status).toBe(204);
    expect((await web.call("GET", "/api/v1/session", undefined, headers)).status).toBe(401);
    expect((await web.call("DELETE", `/api/v1/tokens/${id}`)).status).toBe(404);
  });
});

describe("rights", () => {
  const make = (rights: unknown, headers: Record<string, string> = {}) =>
    web.call("POST", "/api/v1/tokens", { label: "limited", ...(rights === undefined ? {} : { rights }) }, headers);
  const headersOf = (answer: { body: unknown }) => ({
    authorization: `Bearer ${(answer.body as { token: string }).token}`,
  });
  const rightsOf = (answer: { body: unknown }) => (answer.body as { rights: unknown }).rights;

  test("are told on making a token, in the list and to its holder", async () => {
    const made = await make(["archive", "archive"]);
    expect([made.status, rightsOf(made)]).toEqual([201, ["archive"]]);
    expect((await web.call("GET", "/api/v1/session", undefined, headersOf(made))).body).toEqual({
      label: "limited",
      rights: RIGHTS.filter((right) => right !== "operators" && right !== "audit.read"),
      operator: null,
    });
    const { id } = made.body as { id: string };
    const list = await web.call("GET", "/api/v1/tokens");
    expect((list.body as { data: object[] }).data).toContainEqual(expect.objectContaining({ id, rights: ["archive"] }));
  });

  test("are all when nothing is said, and null says all", async () => {
    expect([rightsOf(await make(undefined)), rightsOf(await make(null))]).toEqual([null, null]);
  });

  test("that do not exist are refused by place", async () => {
    const answer = await make(["archive", "root"]);
    expect([answer.status, answer.text]).toEqual([422, expect.stringContaining("/rights/1")]);
  });

  test("nobody can give more than they have", async () => {
    const none = headersOf(await make([]));
    for (const rights of [null, ["archive"]]) {
      const answer = await make(rights, none);
      expect([answer.status, codeOf(answer)]).toEqual([403, "not-permitted"]);
    }
    const child = await make(undefined, none);
    expect([child.status, rightsOf(child)]).toEqual([201, []]);
    const some = headersOf(await make(["archive"]));
    expect([rightsOf(await make(["archive"], some)), rightsOf(await make(undefined, some))]).toEqual([
      ["archive"],
      ["archive"],
    ]);
    expect((await make(null, some)).status).toBe(403);
  });

  test("scopes narrow them, for the token and for those it makes", async () => {
    const post = (body: object, headers?: Record<string, string>) => web.call("POST", "/api/v1/tokens", body, headers);
    const narrow = await post({ label: "narrow", scopes: ["tokens", "reports.read"] });
    expect([narrow.status, (narrow.body as { scopes: unknown }).scopes]).toEqual([201, ["tokens", "reports.read"]]);
    const ask = (path: string) => web.call("GET", path, undefined, headersOf(narrow));
    expect([(await ask("/api/v1/deliveries")).status, (await ask("/api/v1/recipients")).status]).toEqual([200, 403]);
    const child = await post({ label: "child" }, headersOf(narrow));
    expect((child.body as { scopes: string[] }).scopes.toSorted()).toEqual(["reports.read", "tokens"]);
    expect((await post({ label: "more", scopes: ["people.read"] }, headersOf(narrow))).status).toBe(403);
    expect((await post({ label: "unknown", scopes: ["moon.write"] })).text).toContain("/scopes/0");
  });

  test("end with their time; the last use is told to the minute, with the address", async () => {
    const past = { label: "past", expiresAt: new Date(Date.now() - 1000).toISOString() };
    expect((await web.call("POST", "/api/v1/tokens", past)).text).toContain("/expiresAt");
    const made = await web.call("POST", "/api/v1/tokens", {
      label: "short",
      expiresAt: new Date(Date.now() + DAY).toISOString(),
    });
    const ask = async () => (await web.call("GET", "/api/v1/session", undefined, headersOf(made))).status;
    const { id } = made.body as { id: string };
    const cookie = await web.app.inject({
      method: "POST",
      url: "/api/v1/session",
      payload: { token: (made.body as { token: string }).token },
    });
    expect([cookie.statusCode, await ask()]).toEqual([204, 200]);
    const list = (await web.call("GET", "/api/v1/tokens?limit=1000")).body as { data: { id: string }[] };
    expect(list.data.find((row) => row.id === id)).toMatchObject({
      lastUsedAt: expect.any(String) as string,
      lastUsedFrom: "127.0.0.1",
    });
    web.clock.ahead = DAY + MINUTE;
    const headers = { cookie: String(cookie.headers["set-cookie"]).split(";")[0] ?? "" };
    const later = await web.app.inject({ url: "/api/v1/session", headers });
    expect([await ask(), later.statusCode]).toEqual([401, 401]);
    web.clock.ahead = 0;
  });

  test("the admin token has all of them, whatever it was before", async () => {
    const limited = await make([]);
    const { token } = limited.body as { token: string };
    await ensureAdminToken(web.db, "/nowhere", token, 4);
    expect((await web.call("GET", "/api/v1/session", undefined, headersOf(limited))).body).toMatchObject({
      rights: null,
    });
    await ensureAdminToken(web.db, "/nowhere", TOKEN, 5);
  });
});

describe("Idempotency-Key", () => {
  const post = (key: string, body: unknown, headers: Record<string, string> = {}) =>
    web.call("POST", "/api/v1/deliveries", body, { "idempotency-key": key, ...headers });
  const delivery = (label: string) => ({
    label,
    content: { subject: "s", html: "<p>h</p>" },
    sender: { address: "news@example.com" },
    audience: { all: true },
  });
  const count = async (label: string) =>
    (await web.db.query("select 1 from deliveries where label = $1", [label])).length;

  test("a repeated request gets the first answer again, byte by byte, and nothing new is created", async () => {
    const first = await post("k1", delivery("once"));
    const second = await post("k1", delivery("once"));
    expect([first.status, second.status]).toEqual([201, 201]);
    expect(second.text).toBe(first.text);
    expect(second.headers).toMatchObject({ "idempotent-replayed": "true", location: first.headers["location"] });
    expect(second.headers["etag"]).toBe('"1"');
    expect(first.headers["idempotent-replayed"]).toBeUndefined();
    expect(await count("once")).toBe(1);
  });

  test("the same key with another request is refused", async () => {
    await post("k2", delivery("two"));
    const other = await post("k2", delivery("two, changed"));
    expect([other.status, codeOf(other)]).toEqual([422, "idempotency-mismatch"]);
  });

  test("of concurrent duplicates one works and the others are told to wait", async () => {
    const answers = await Promise.all(Array.from({ length: 8 }, () => post("k3", delivery("three"))));
    const statuses = answers.map((answer) => answer.status);
    expect(statuses).toContain(201);
    expect(statuses.every((status) => status === 201 || status === 409)).toBe(true);
    expect(await count("three")).toBe(1);
    expect((await post("k3", delivery("three"))).status).toBe(201);
  });

  test("a refused request leaves its key free", async () => {
    expect((await post("k4", { ...delivery("four"), sender: { address: "nobody" } })).status).toBe(422);
    expect((await post("k4", delivery("four"))).status).toBe(201);
  });

  test("keys of different tokens do not meet", async () => {
    const made = await web.call("POST", "/api/v1/tokens", { label: "other" });
    const { token } = made.body as { token: string };
    await post("k5", delivery("five"));
    await post("k5", delivery("five"), { authorization: `Bearer ${token}` });
    expect(await count("five")).toBe(2);
  });

  test("a key is forgotten after 24 hours, and a claim without an answer after ten minutes", async () => {
    await post("k6", delivery("six"));
    web.clock.ahead = DAY + MINUTE;
    await post("k6", delivery("six"));
    expect(await count("six")).toBe(2);
    const claim = `insert into idempotency_keys (token_hash, key, request_hash, created_at) values ($1, 'k7', '', $2)`;
    await web.db.query(claim, [hashToken(TOKEN), new Date(Date.now() + web.clock.ahead - 11 * MINUTE)]);
    expect((await post("k7", delivery("seven"))).status).toBe(201);
    web.clock.ahead = 0;
  });
});
