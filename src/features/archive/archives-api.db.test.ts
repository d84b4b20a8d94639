/** Archives over the API: what is saved, refused, hidden, audited. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";

import { createTestWebApp, type TestWebApp } from "../../../test/web-app.ts";
import type { Problem } from "../../contract/index.ts";
import { archiveAnswerSchema, archiveEventSchema, archiveTestSchema } from "../../contract/responses-archive.ts";
import { pageOf } from "../../contract/responses.ts";
import { openMasterKey } from "../secrets/index.ts";
import { loadArchives, type Probe } from "./index.ts";
import type { KnownArchive } from "./known-archive.ts";

const URL = "/api/v1/archives";
const SMTP = { kind: "smtp", address: "copies@archive.example" };
const S3 = {
  kind: "s3",
  endpoint: "https://s3.archive.example",
  bucket: "copies",
  accessKeyId: "AKIA1",
  secretAccessKey: "the secret key",
};
const SERVER = { server: "mail.archive.example:587", user: "envoi", password: "the password", tls: "required" };

let web: TestWebApp;
let probed: { archive: KnownArchive; probe: Probe }[];
beforeAll(async () => {
  web = await createTestWebApp({
    probeArchive: async (archive, probe) => {
      probed.push({ archive, probe });
      return { ok: true, detail: "250 <copies@archive.example> ok", dialogue: ["C: RCPT TO:<copies@archive.example>"] };
    },
  });
});
beforeEach(async () => {
  probed = [];
  await web.db.query("truncate archives, archive_events, platform_settings");
});
afterAll(() => web.close());

const post = (target: unknown, fields: object = {}) => web.call("POST", URL, { name: "Journal", target, ...fields });
const load = async () => loadArchives(web.db, await openMasterKey(web.db, { secretKey: null, dataDir: web.dir }, 1));
const idOf = (answer: { body: unknown }) => (answer.body as { id: string }).id;

async function pointersOf(call: Promise<{ status: number; body: unknown }>): Promise<string[]> {
  const answer = await call;
  expect(answer.status).toBe(422);
  return ((answer.body as Problem).errors ?? []).map((error) => error.pointer);
}

async function tokenWithout(): Promise<Record<string, string>> {
  const made = await web.call("POST", "/api/v1/tokens", { label: "reader", rights: [] });
  return { authorization: `Bearer ${(made.body as { token: string }).token}` };
}

describe("an archive", () => {
  test("is made, read, listed, changed under its version, removed", async () => {
    const made = await post(
      { ...SMTP, address: " Copies@archive.example " },
      { rule: { senderDomains: ["Bücher.example"] } },
    );
    expect(made.status).toBe(201);
    const id = idOf(made);
    expect(made.headers).toMatchObject({ location: `${URL}/${id}`, etag: '"1"' });
    expect(await web.get(`${URL}/${id}`, archiveAnswerSchema)).toMatchObject({
      name: "Journal",
      enabled: true,
      rule: { senderDomains: ["xn--bcher-kva.example"], natures: [], onlyNamed: false },
      target: { ...SMTP, address: "Copies@archive.example", tls: "opportunistic", connections: 10 },
      hasSecret: false,
      version: 1,
    });
    const change = { name: "Other", enabled: false, target: SMTP };
    expect((await web.call("PUT", `${URL}/${id}`, change, { "if-match": '"7"' })).status).toBe(412);
    const changed = await web.call("PUT", `${URL}/${id}`, change, { "if-match": '"1"' });
    expect([changed.status, changed.headers["etag"]]).toEqual([200, '"2"']);
    const list = await web.get(URL, pageOf(archiveAnswerSchema));
    expect(list.data).toMatchObject([{ id, name: "Other", enabled: false, version: 2 }]);
    expect((await web.call("DELETE", `${URL}/${id}`, undefined, { "if-match": '"1"' })).status).toBe(412);
    expect((await web.call("DELETE", `${URL}/${id}`)).status).toBe(204);
    expect((await web.call("GET", `${URL}/${id}`)).status).toBe(404);
    expect((await web.call("DELETE", `${URL}/${id}`)).status).toBe(404);
    expect((await web.get(URL, pageOf(archiveAnswerSchema))).data).toEqual([]);
  });

  test("has a name of its own, which is free again when it is removed", async () => {
    const id = idOf(await post(SMTP));
    expect(await pointersOf(post({ ...SMTP, address: "b@archive.example" }))).toEqual(["/name"]);
    const other = idOf(await post(SMTP, { name: "Other" }));
    expect(await pointersOf(web.call("PUT", `${URL}/${other}`, { name: "Journal", target: SMTP }))).toEqual(["/name"]);
    await web.call("DELETE", `${URL}/${id}`);
    expect((await post(SMTP)).status).toBe(201);
  });

  test("stays of its kind", async () => {
    const id = idOf(await post(SMTP));
    expect(await pointersOf(web.call("PUT", `${URL}/${id}`, { name: "J", target: S3 }))).toEqual(["/target/kind"]);
  });

  test.each(["0", "x", "99999", "999999999999999"])("there is none with the id %s", async (id) => {
    expect((await web.call("GET", `${URL}/${id}`)).status).toBe(404);
    expect((await web.call("PUT", `${URL}/${id}`, { name: "J", target: SMTP })).status).toBe(404);
    expect((await web.call("POST", `${URL}/${id}/actions/test`)).status).toBe(404);
  });
});

describe("a secret", () => {
  test("comes in, lies sealed, opens for those who send, and never goes out", async () => {
    const answers = [await post({ ...SMTP, ...SERVER }), await post(S3, { name: "Store" })];
    const id = idOf(answers[0] as { body: unknown });
    answers.push(
      await web.call("GET", URL),
      await web.call("GET", `${URL}/${id}`),
      await web.call("GET", "/api/v1/archive"),
    );
    answers.push(await web.call("GET", "/api/v1/archive/audit"));
    for (const { text } of answers) expect(text).not.toMatch(/the password|the secret key/);
    expect(answers[0]?.body).toMatchObject({ hasSecret: true, target: { user: "envoi" } });
    const rows = await web.db.query("select * from archives, archive_events");
    expect(JSON.stringify(rows)).not.toMatch(/the password|the secret key/);
    expect(
      Buffer.concat(
        (await web.db.query<{ sealed_secret: Buffer }>("select * from archives")).map((r) => r.sealed_secret),
      ).includes("the "),
    ).toBe(false);
    expect(await load()).toMatchObject([
      {
        id: Number(id),
        target: {
          address: { address: "copies@archive.example" },
          server: {
            host: "mail.archive.example",
            port: 587,
            user: "envoi",
            password: "the password",
            implicitTls: false,
          },
          tls: "required",
          ratePerMinute: null,
          returnPath: null,
        },
      },
      { target: { kind: "s3", secretAccessKey: "the secret key", prefix: "", pathStyle: true } },
    ]);
  });

  test("left out stays, as long as it is said to the same server in the same way", async () => {
    const id = idOf(await post({ ...SMTP, ...SERVER }));
    const { password: _, ...rest } = SERVER;
    const put = (changes: object) =>
      web.call("PUT", `${URL}/${id}`, { name: "J", target: { ...SMTP, ...rest, ...changes } });
    expect((await put({ address: "other@archive.example", connections: 3 })).status).toBe(200);
    expect(await load()).toMatchObject([{ target: { server: { password: "the password" } } }]);
    expect(await pointersOf(put({ server: "evil.example:587" }))).toEqual(["/target/password"]);
    expect(await pointersOf(put({ user: "other" }))).toEqual(["/target/password"]);
    expect((await put({ user: "other", password: "new" })).status).toBe(200);
    expect(await load()).toMatchObject([{ target: { server: { user: "other", password: "new" } } }]);
    expect((await put({ server: undefined, user: undefined })).body).toMatchObject({ hasSecret: false });
    expect(await load()).toMatchObject([{ target: { server: null } }]);
  });

  test("of a store, the same", async () => {
    const id = idOf(await post(S3));
    const { secretAccessKey: _, ...rest } = S3;
    const put = (changes: object) => web.call("PUT", `${URL}/${id}`, { name: "J", target: { ...rest, ...changes } });
    expect((await put({ prefix: "/mail/" })).body).toMatchObject({ target: { prefix: "mail" }, hasSecret: true });
    expect(await pointersOf(put({ endpoint: "https://evil.example" }))).toEqual(["/target/secretAccessKey"]);
    expect(await pointersOf(put({ accessKeyId: "AKIA2" }))).toEqual(["/target/secretAccessKey"]);
  });

  test("is not said in the clear: opportunistic TLS becomes required, except on this machine", async () => {
    await post({ ...SMTP, ...SERVER, tls: "opportunistic" }, { name: "far" });
    await post({ ...SMTP, ...SERVER, server: "127.0.0.1:25", tls: "opportunistic" }, { name: "here" });
    expect((await load()).map(({ target }) => "tls" in target && target.tls)).toEqual(["required", "opportunistic"]);
  });
});

describe("without the right", () => {
  test("addresses are hidden and nothing can be changed", async () => {
    const id = idOf(await post({ ...SMTP, returnPath: "back@archive.example" }, { name: "copies@archive.example" }));
    await web.call("PUT", `${URL}/${id}`, {
      name: "copies@archive.example",
      target: { ...SMTP, address: "x@archive.example" },
    });
    const headers = await tokenWithout();
    const ask = (method: "GET" | "POST" | "PUT" | "DELETE", path: string, body?: unknown) =>
      web.call(method, path, body, headers);
    const answers = [
      await ask("GET", URL),
      await ask("GET", `${URL}/${id}`),
      await ask("GET", `${URL}/${id}/audit`),
      await ask("GET", "/api/v1/archive/audit"),
      await ask("GET", "/api/v1/archive"),
      await ask("POST", `${URL}/${id}/actions/test`),
    ];
    for (const answer of answers) {
      expect(answer.status).toBe(200);
      expect(answer.text).not.toContain("archive.example");
    }
    expect(archiveAnswerSchema.parse(answers[1]?.body)).toMatchObject({ name: "•••", target: { address: null } });
    const input = { name: "J", target: SMTP };
    for (const answer of [
      await ask("POST", URL, input),
      await ask("PUT", `${URL}/${id}`, input),
      await ask("DELETE", `${URL}/${id}`),
      await ask("PUT", "/api/v1/settings", { archive: { strict: true } }),
    ]) {
      expect([answer.status, (answer.body as Problem).code]).toEqual([403, "not-permitted"]);
    }
    expect((await ask("PUT", "/api/v1/settings", { organisation: "Us" })).status).toBe(200);
  });

  test("settings of copies that are there cannot be left out either", async () => {
    await web.call("PUT", "/api/v1/settings", { archive: { strict: true } });
    const headers = await tokenWithout();
    expect((await web.call("PUT", "/api/v1/settings", { organisation: "Us" }, headers)).status).toBe(403);
    const same = { organisation: "Us", archive: { strict: true } };
    expect((await web.call("PUT", "/api/v1/settings", same, headers)).status).toBe(200);
  });
});

test("a test hands the archive a message that is clearly a probe, from the platform's error address", async () => {
  await web.call("PUT", "/api/v1/settings", { errorAddress: "errors@sender.example" });
  const id = idOf(await post(SMTP));
  const answer = await web.call("POST", `${URL}/${id}/actions/test`);
  expect(archiveTestSchema.parse(answer.body)).toEqual({
    ok: true,
    detail: "250 <copies@archive.example> ok",
    dialogue: ["C: RCPT TO:<copies@archive.example>"],
  });
  const [{ archive, probe } = { archive: null, probe: null }] = probed;
  expect(archive).toMatchObject({ id: Number(id), target: { address: { address: "copies@archive.example" } } });
  expect(probe?.from).toBe("errors@sender.example");
  expect(probe?.message).toMatch(
    /^Date: .*\r\nFrom: errors@sender.example\r\nTo: copies@archive.example\r\nSubject: Envoi: probe/,
  );
  expect(probe?.message).toContain("Auto-Submitted: auto-generated\r\n");
  expect(probe?.name).toMatch(/^\d{4}-\d\d-\d\d\/\d\dh\/999999999999999-999999999999999-\d+\.eml$/);
});

test("without a plain error address the archive's own is the author", async () => {
  await web.call("PUT", "/api/v1/settings", { errorAddress: "bounces+{{ delivery.id }}@sender.example" });
  await web.call("POST", `${URL}/${idOf(await post(SMTP))}/actions/test`);
  expect(probed[0]?.probe.from).toBe("copies@archive.example");
});

test("the audit tells who changed what, newest first, in pages", async () => {
  const id = idOf(await post({ ...SMTP, ...SERVER }));
  const { password: _, ...rest } = SERVER;
  await web.call("PUT", `${URL}/${id}`, { name: "J2", target: { ...SMTP, ...rest, address: "b@archive.example" } });
  await web.call("PUT", `${URL}/${id}`, {
    name: "J2",
    target: { ...SMTP, ...SERVER, password: "2", address: "b@archive.example" },
  });
  await web.call("PUT", `${URL}/${id}`, { name: "J2", target: { ...SMTP, ...rest, address: "b@archive.example" } });
  await web.call("DELETE", `${URL}/${id}`);
  await web.call("PUT", "/api/v1/settings", { archive: { timing: "after" } });
  const { data, nextCursor } = await web.get(`${URL}/${id}/audit?limit=3`, pageOf(archiveEventSchema));
  expect(data).toMatchObject([
    { kind: "removed", actor: "admin (environment)", archiveId: id },
    { kind: "changed", detail: { changes: [], secretChanged: true } },
    {
      kind: "changed",
      detail: {
        changes: [
          { field: "name", from: "Journal", to: "J2" },
          { field: "target.address", from: "copies@archive.example", to: "b@archive.example" },
        ],
      },
    },
  ]);
  const rest2 = await web.get(`${URL}/${id}/audit?limit=3&cursor=${nextCursor}`, pageOf(archiveEventSchema));
  expect(rest2).toMatchObject({ data: [{ kind: "created" }], nextCursor: null });
  const all = await web.get("/api/v1/archive/audit?limit=1", pageOf(archiveEventSchema));
  expect(all.data).toMatchObject([
    {
      archiveId: null,
      kind: "changed",
      detail: { changes: [{ field: "archive.timing", from: "before", to: "after" }] },
    },
  ]);
});
