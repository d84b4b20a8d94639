/** Mailboxes over the API and their looks: on a real database, with a POP3 server that can be made to misbehave. */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";

import {
  type Pop3Mail,
  type Pop3Options,
  type Pop3Server,
  startPop3Server,
} from "../../../test/mail-servers/pop3-script.ts";
import { createTestWebApp, type TestWebApp } from "../../../test/web-app.ts";
import { openMailbox } from "../../adapters/mailbox-poll/open-mailbox.ts";
import { renewToken } from "../../adapters/mailbox-poll/renew-token.ts";
import type { Mailbox, MailboxTest } from "../../contract/mailboxes.ts";
import { mailboxAnswerSchema, mailboxTestSchema } from "../../contract/responses-mailboxes.ts";
import { DAY, MINUTE, SECOND } from "../../core/time.ts";
import { createLog } from "../../platform/log.ts";
import { forgetInbound } from "../inbound/index.ts";
import { openMasterKey } from "../secrets/index.ts";
import { lookInto, type LookDeps } from "./look-into.ts";
import { openPolling } from "./polling.ts";
import { claimDue, findMailbox, giveBack } from "./store.ts";

let web: TestWebApp;
let deps: LookDeps;
/** What processing makes of mails; null: it does not come to it. */
let processed: "done" | "failed" | null = "done";
const server: { options: Pop3Options; running: Pop3Server | null } = { options: { mails: [] }, running: null };

beforeAll(async () => {
  web = await createTestWebApp();
  const masterKey = await openMasterKey(web.db, { secretKey: null, dataDir: web.dir }, Date.now());
  deps = {
    db: web.db,
    masterKey,
    now: () => Date.now() + web.clock.ahead,
    openMailbox,
    renewToken,
    knowOurs: () => Promise.resolve((address) => Promise.resolve(address.endsWith("@back.example"))),
    processWaiting: () =>
      processed === null
        ? Promise.resolve()
        : web.db.query("update inbound_mails set state = $1 where state = 'waiting'", [processed]),
  };
});
afterAll(() => web.close());
afterEach(async () => {
  processed = "done";
  web.clock.ahead = 0;
  await server.running?.close();
  server.running = null;
  await web.db.query("truncate mailboxes, inbound_mails");
});

const mail = (uid: string, text = `Subject: ${uid}\r\n\r\nbody\r\n`): Pop3Mail => ({ uid, bytes: Buffer.from(text) });
const inThere = () => server.options.mails.map(({ uid }) => uid);
const stored = () =>
  web.db.query<{
    raw: Buffer;
    uid: string | null;
    state: string;
    recipient: string | null;
    return_path: string | null;
  }>("select raw, mailbox_uid as uid, state, recipient, return_path from inbound_mails order by id");

async function serve(options: Pop3Options): Promise<void> {
  server.options = options;
  server.running = await startPop3Server(options);
}

const input = (changes: object = {}) => ({
  name: "Bounces",
  protocol: "pop3",
  tls: "none",
  host: "127.0.0.1",
  port: server.running?.port ?? 9,
  user: "bounces",
  auth: { kind: "password", password: "secret" },
  ...changes,
});

async function create(changes: object = {}): Promise<Mailbox> {
  const { status, body, text } = await web.call("POST", "/api/v1/mailboxes", input(changes));
  if (status !== 201) throw new Error(text);
  return mailboxAnswerSchema.parse(body);
}

const shown = (id: string) => web.get(`/api/v1/mailboxes/${id}`, mailboxAnswerSchema);

/** One look, as the worker does it. */
async function poll(): Promise<void> {
  const polling = openPolling(deps, createLog("silent", "test"));
  await polling.look();
  await polling.idle();
  await polling.close();
}

/** One look that may fail, in small sessions. */
async function look(id: string, batch = 3): Promise<void> {
  const row = await findMailbox(web.db, Number(id));
  if (row === null) throw new Error("no mailbox");
  await lookInto(deps, row, new AbortController().signal, { maxBytes: 10_000, batch });
}

describe("the API", () => {
  test("keeps secrets to itself, and keeps them as long as they go where they went", async () => {
    await serve({ mails: [mail("a")] });
    const made = await web.call("POST", "/api/v1/mailboxes", input());
    expect(made.status).toBe(201);
    expect(made.text).not.toMatch(/secret"|password":/);
    const { id, hasSecret, every, port, state } = mailboxAnswerSchema.parse(made.body);
    expect({ hasSecret, every, port }).toEqual({ hasSecret: true, every: "5m", port: server.running?.port });
    expect(state).toMatchObject({ status: "waiting", taken: 0, found: null, error: null });
    const [row] = await web.db.query<{ sealed_secret: Buffer }>("select sealed_secret from mailboxes");
    expect(row?.sealed_secret.includes("secret")).toBe(false);

    const put = (changes: object, etag = '"1"') =>
      web.call("PUT", `/api/v1/mailboxes/${id}`, input({ auth: { kind: "password" }, ...changes }), {
        "if-match": etag,
      });
    expect((await put({ every: "90s" })).status).toBe(200);
    expect((await put({ every: "2m" })).status).toBe(412);
    const tested = await web.call("POST", `/api/v1/mailboxes/${id}/actions/test`);
    expect(mailboxTestSchema.parse(tested.body)).toEqual({
      ok: true,
      detail: "1 mail",
      messages: 1,
    } satisfies MailboxTest);
    for (const changes of [
      { host: "mail.example" },
      { port: 1 },
      { user: "other" },
      { verifyCertificate: false },
      { tls: "starttls" },
    ]) {
      const { status, body } = await put(changes, "*");
      expect({ status, body }).toMatchObject({
        status: 422,
        body: { errors: [{ pointer: "/auth/password", code: "missing" }] },
      });
    }
    expect((await web.call("DELETE", `/api/v1/mailboxes/${id}`, undefined, { "if-match": '"2"' })).status).toBe(204);
    expect((await web.call("GET", `/api/v1/mailboxes/${id}`)).status).toBe(404);
    expect(inThere()).toEqual(["a"]);
  });

  test.each([
    [{ user: "a\r\nDELE 1" }, "/user"],
    [{ auth: { kind: "password", password: "a\nb" } }, "/auth/password"],
    [{ host: "mail.example/x" }, "/host"],
    [{ every: "30s" }, "/every"],
    [{ auth: { kind: "password" } }, "/auth/password"],
    [{ auth: { kind: "oauth2" } }, "/auth/accessToken"],
    [
      { auth: { kind: "oauth2", refresh: { tokenUrl: "https://login.example/t", clientId: "c" } } },
      "/auth/refresh/refreshToken",
    ],
    [
      { auth: { kind: "oauth2", refresh: { tokenUrl: "http://login.example/t", clientId: "c", refreshToken: "r" } } },
      "/auth/refresh/tokenUrl",
    ],
  ])("refuses %j", async (changes, pointer) => {
    const { status, body } = await web.call("POST", "/api/v1/mailboxes", input(changes));
    expect(status).toBe(422);
    expect((body as { errors: { pointer: string }[] }).errors.map((error) => error.pointer)).toEqual([pointer]);
  });

  test("refuses a name or a mailbox that is there already", async () => {
    await create();
    const codes = async (changes: object) => {
      const { body } = await web.call("POST", "/api/v1/mailboxes", input(changes));
      return (body as { errors: { code: string }[] }).errors.map(({ code }) => code);
    };
    expect(await codes({ name: "BOUNCES", user: "other" })).toEqual(["taken"]);
    expect(await codes({ name: "Other" })).toEqual(["in-use"]);
    expect((await create({ name: "Other", user: "other" })).name).toBe("Other");
  });

  test("a login that does not work is told in words, and who is disabled is not looked into", async () => {
    await serve({ mails: [] });
    const { id } = await create({ auth: { kind: "password", password: "wrong" }, enabled: false });
    const { body } = await web.call("POST", `/api/v1/mailboxes/${id}/actions/test`);
    expect(body).toMatchObject({ ok: false, messages: null, detail: expect.stringMatching(/refused/) });
    expect(await web.call("POST", `/api/v1/mailboxes/${id}/actions/poll`)).toMatchObject({
      status: 409,
      body: { code: "mailbox-disabled" },
    });
    await poll();
    expect((await shown(id)).state).toMatchObject({ status: "disabled", polledAt: null, nextPollAt: null });
  });
});

describe("a look", () => {
  test("stores what is new, with the envelope that its server wrote down, and deletes what is processed", async () => {
    const top = "Return-Path: <>\r\nDelivered-To: box@mail.example\r\nX-Original-To: bounces+tag@back.example\r\n";
    await serve({ mails: [mail("a", `${top}Subject: no\r\n\r\n\xff\r\n`), mail("b")] });
    const { id } = await create();
    await poll();
    expect(inThere()).toEqual([]);
    expect(await stored()).toMatchObject([
      { uid: null, state: "done", recipient: "bounces+tag@back.example", return_path: "" },
      { uid: null, state: "done", recipient: null, return_path: null },
    ]);
    expect((await stored())[0]?.raw.toString("utf8")).toBe(`${top}Subject: no\r\n\r\n\xff\r\n`);
    const { state } = await shown(id);
    expect(state).toMatchObject({
      status: "waiting",
      found: 0,
      taken: 2,
      deleted: 2,
      failures: 0,
      error: null,
      note: null,
    });
    expect(Date.parse(state.nextPollAt ?? "") - Date.parse(state.polledAt ?? "")).toBe(5 * MINUTE);
  });

  test.each(["DELE 1", "QUIT"])("that ends at %s neither loses nor repeats anything", async (command) => {
    let left = 1;
    const options = {
      mails: [mail("a"), mail("b")],
      misbehave: (line: string) => (line === command && left-- > 0 ? null : undefined),
    };
    await serve(options);
    const { id } = await create();
    await poll();
    expect((await shown(id)).state).toMatchObject({ status: "failing", failures: 1, taken: 2, deleted: 0 });
    expect(await stored()).toMatchObject([{ uid: "a" }, { uid: "b" }]);
    await web.call("POST", `/api/v1/mailboxes/${id}/actions/poll`);
    await poll();
    expect(inThere()).toEqual([]);
    expect(await stored()).toHaveLength(2);
    expect(server.running?.commands.filter((line) => line.startsWith("RETR"))).toHaveLength(2);
    expect((await shown(id)).state).toMatchObject({ status: "waiting", error: null, taken: 2, deleted: 2 });
  });

  test("that breaks while mails come keeps those that came", async () => {
    await serve({
      mails: ["a", "b", "c"].map((uid) => mail(uid)),
      misbehave: (line) => (line === "LIST" && left-- === 1 ? null : undefined),
    });
    let left = 2;
    const { id } = await create();
    await expect(look(id, 2)).rejects.toThrow(/closed/);
    expect(inThere()).toEqual(["c"]);
    expect(await stored()).toHaveLength(2);
  });

  test("leaves what could not be processed, and says so", async () => {
    processed = "failed";
    await serve({ mails: [mail("a")] });
    const { id } = await create();
    await poll();
    await web.call("POST", `/api/v1/mailboxes/${id}/actions/poll`);
    await poll();
    expect(inThere()).toEqual(["a"]);
    expect(await stored()).toMatchObject([{ uid: "a", state: "failed" }]);
    expect((await shown(id)).state).toMatchObject({
      taken: 1,
      deleted: 0,
      found: 1,
      note: "1 mail that could not be processed left there",
    });
    web.clock.ahead = 400 * DAY;
    await forgetInbound(web.db, deps.now());
    expect(await stored()).toHaveLength(1);
    await web.call("DELETE", `/api/v1/mailboxes/${id}`);
    await forgetInbound(web.db, deps.now());
    expect(await stored()).toHaveLength(0);
  });

  test("comes again soon for what somebody else is processing", async () => {
    processed = null;
    await serve({ mails: [mail("a")] });
    const { id } = await create();
    await poll();
    const { state } = await shown(id);
    expect(Date.parse(state.nextPollAt ?? "") - Date.parse(state.polledAt ?? "")).toBe(30 * SECOND);
    await web.db.query("update inbound_mails set state = 'done'");
    web.clock.ahead = MINUTE;
    await poll();
    expect(inThere()).toEqual([]);
  });

  test("works a full mailbox off in sessions, and leaves alone what is too large, announced or not", async () => {
    const many = Array.from({ length: 10 }, (_, index) => mail(`u${index}`));
    const large = { ...mail("liar", "x".repeat(20_000)), size: 5 };
    await serve({ mails: [mail("large", "x".repeat(20_000)), large, ...many] });
    const { id } = await create();
    await look(id);
    expect(inThere()).toEqual(["large", "liar"]);
    expect(await stored()).toHaveLength(10);
    expect(server.running?.commands.filter((line) => line === "QUIT")).toHaveLength(4);
  });

  test("leaves everything where it is when that is wanted, and takes each once", async () => {
    await serve({ mails: [mail("a"), mail("b")] });
    const { id } = await create({ deleteProcessed: false });
    await look(id);
    await look(id);
    expect(inThere()).toEqual(["a", "b"]);
    expect(await stored()).toHaveLength(2);
    server.options.mails = [mail("b")];
    await look(id);
    expect((await stored()).map(({ uid }) => uid)).toEqual([null, "b"]);
  });

  test("takes another mail for another one, though it has the id of one that is gone", async () => {
    await serve({ mails: [mail("a", "Subject: one\r\n\r\n")] });
    const { id } = await create();
    await look(id);
    server.options.mails = [mail("a", "Subject: two\r\n\r\n")];
    await look(id);
    expect(inThere()).toEqual([]);
    expect(await stored()).toHaveLength(2);
  });

  test.each([
    ["no ids", true, ["a", "b", "c", "d"]],
    ["ids that several have", false, ["x", "x", "y", "y"]],
  ])("knows mails by their bytes where there are %s", async (_, noUidl, uids) => {
    processed = null;
    await serve({ noUidl, mails: uids.map((uid, index) => mail(uid, `Subject: ${index}\r\n\r\n`)) });
    const { id } = await create();
    await look(id);
    await look(id);
    expect(await stored()).toHaveLength(4);
    await web.db.query("update inbound_mails set state = case when raw like '%2%' then 'failed' else 'done' end");
    await look(id);
    expect(server.options.mails.map(({ bytes }) => bytes.toString())).toEqual(["Subject: 2\r\n\r\n"]);
    expect((await stored()).map(({ uid }) => uid?.slice(0, 7) ?? null)).toEqual([null, null, "sha256:", null]);
    expect(await stored()).toHaveLength(4);
  });

  test("says what it cannot do where mail without ids is to stay", async () => {
    await serve({ noUidl: true, mails: [mail("a")] });
    const { id } = await create({ deleteProcessed: false });
    await poll();
    expect((await shown(id)).state).toMatchObject({
      status: "failing",
      error: expect.stringMatching(/no unique ids \(UIDL\)/),
    });
    expect(await stored()).toEqual([]);
  });

  test("that fails is tried again after pauses that grow, up to an hour", async () => {
    // A port that nobody gets by chance (RFC 863): one that was free a moment ago may be another test's now.
    const { id } = await create({ port: 9 });
    const pauses = [];
    for (let i = 0; i < 6; i++) {
      await poll();
      const { state } = await shown(id);
      expect(state).toMatchObject({
        status: "failing",
        failures: i + 1,
        succeededAt: null,
        error: expect.stringMatching(/ECONNREFUSED/),
      });
      pauses.push((Date.parse(state.nextPollAt ?? "") - Date.parse(state.polledAt ?? "")) / MINUTE);
      web.clock.ahead += 61 * MINUTE;
    }
    expect(pauses).toEqual([5, 10, 20, 40, 60, 60]);
  });

  test("is one process's at a time, and another's when that one does not come back", async () => {
    const { id } = await create();
    const now = deps.now();
    const mine = await claimDue(web.db, now, MINUTE);
    expect(mine?.id).toBe(Number(id));
    expect((await shown(id)).state).toMatchObject({ status: "polling", nextPollAt: null });
    expect(await claimDue(web.db, now, MINUTE)).toBeNull();
    expect(await claimDue(web.db, now + 2 * MINUTE, MINUTE)).not.toBeNull();
    await web.call("POST", `/api/v1/mailboxes/${id}/actions/poll`);
    await giveBack(web.db, mine ?? (null as never), { error: null, note: null, next: now + DAY }, now);
    expect(await claimDue(web.db, deps.now(), MINUTE)).not.toBeNull();
  });
});

describe("an access token", () => {
  const issuer = {
    answers: [] as { status: number; body: object | string; location?: string }[],
    asked: [] as string[],
    port: 0,
  };
  const http = createServer((request, response) => {
    let text = "";
    request.on("data", (chunk: Buffer) => (text += chunk.toString()));
    request.on("end", () => {
      issuer.asked.push(text);
      const { status, body, location } = issuer.answers.shift() ?? { status: 500, body: "" };
      response
        .writeHead(status, location === undefined ? {} : { location })
        .end(typeof body === "string" ? body : JSON.stringify(body));
    });
  });
  beforeAll(
    () =>
      new Promise<void>((resolve) =>
        http.listen(0, "127.0.0.1", () => {
          issuer.port = (http.address() as AddressInfo).port;
          resolve();
        }),
      ),
  );
  afterAll(() => new Promise((resolve) => http.close(resolve)));
  afterEach(() => void issuer.asked.splice(0));

  const auth = () => ({
    kind: "oauth2",
    refresh: {
      tokenUrl: `http://127.0.0.1:${issuer.port}/token`,
      clientId: "envoi",
      clientSecret: "c-secret",
      refreshToken: "r1",
      scope: "pop",
    },
  });
  const issue = (token: string, more: object = {}) => {
    server.options.token = token;
    issuer.answers.push({ status: 200, body: { access_token: token, expires_in: 3600, ...more } });
  };

  test("is got when it is needed, kept, renewed in time, and once more when it is refused", async () => {
    await serve({ mails: [mail("a")] });
    const { id, auth: given } = await create({ auth: auth() });
    expect(given).toEqual({
      kind: "oauth2",
      refresh: { tokenUrl: auth().refresh.tokenUrl, clientId: "envoi", scope: "pop" },
    });
    issue("t1", { refresh_token: "r2" });
    await look(id);
    await look(id);
    expect(issuer.asked).toEqual([
      "grant_type=refresh_token&refresh_token=r1&client_id=envoi&client_secret=c-secret&scope=pop",
    ]);
    web.clock.ahead = 59 * MINUTE;
    issue("t2");
    await look(id);
    expect(issuer.asked[1]).toMatch(/refresh_token=r2/);
    issue("t3");
    await look(id);
    expect(issuer.asked).toHaveLength(3);
    expect(inThere()).toEqual([]);
  });

  test.each([
    [
      "a refusal",
      { status: 400, body: { error: "invalid_grant", error_description: "expired: r1" } },
      /gives no access token: invalid_grant expired: \*\*\*$/,
    ],
    ["a redirect, which is not followed", { status: 302, body: "", location: "http://127.0.0.1:9/" }, /redirect/],
    ["a page", { status: 200, body: "<html>" }, /no token in its answer/],
    ["too much", { status: 200, body: "x".repeat(300_000) }, /larger than 256 KB/],
  ])("that cannot be got is told: %s", async (_, answer, expected) => {
    await serve({ mails: [] });
    const { id } = await create({ auth: auth() });
    issuer.answers.push(answer);
    await poll();
    expect((await shown(id)).state.error).toMatch(expected);
    expect(issuer.asked).toHaveLength(1);
  });
});
