/** Mail handed in by a pipe, over the real server with real tags. */
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";

import { createInboundRig, type InboundRig, report } from "../../../test/inbound-rig.ts";
import { KEY, seedMessages } from "../../../test/public-pages.ts";
import { mintTag } from "../../core/tracking/token.ts";

let rig: InboundRig;
let web: InboundRig["web"];
beforeAll(async () => {
  rig = await createInboundRig();
  web = rig.web;
});
afterAll(() => web.close());
beforeEach(() => rig.clear());

/** The return path is not known. */
const post = (mail: string | Buffer, query = "", type?: string) => rig.post(mail, query, type);

async function denylisted(): Promise<string[]> {
  const rows = await web.db.query<{ line: string }>(
    `select r.address || ' ' || u.source as line
       from recipients r join unsubscriptions u using (match_key) where r.denylisted_at is not null`,
  );
  return rows.map((row) => row.line);
}

const message = (to: string, subject = "", text = "") =>
  `From: Ada <ada@one.example>\r\nTo: ${to}\r\nSubject: ${subject}\r\nMessage-ID: <1@one.example>\r\n\r\n${text}\r\n`;

test("a mail to the unsubscribe address with a message's tag unsubscribes whom the message went to", async () => {
  const { urls, partId } = await seedMessages(web.db, [{ address: "Ada@one.example" }]);
  const to = `unsubscribe+${urls(0).tag()}@news.example`;
  const answer = await post(message(to));
  expect(answer.status).toBe(200);
  expect(answer.json()).toEqual({ kind: "unsubscribe", address: "Ada@one.example", messageKey: `${partId}-0` });
  expect(await denylisted()).toEqual(["Ada@one.example mailto"]);
  expect(web.noted).toEqual([{ kind: "opt-out", partId, seq: 0 }]);
  // The same mail again changes nothing.
  expect((await post(message(to))).json()).toMatchObject({ kind: "unsubscribe" });
  expect(web.noted).toHaveLength(1);
});

test("an archive unsubscribes nobody: with the tag of a copy, or before anybody else can have the message", async () => {
  const { urls, partId } = await seedMessages(web.db, [{ address: "ada@one.example" }]);
  const copy = urls(0, "copy").unsubscribeTag();
  expect((await post(message(`unsubscribe+${copy}@news.example`))).json()).toEqual({ kind: "other", why: "archive" });
  web.recognised.by = ["archive-time"];
  expect((await post(message(`unsubscribe+${urls(0).tag()}@news.example`))).json()).toEqual({
    kind: "other",
    why: "archive",
  });
  expect(await denylisted()).toEqual([]);
  expect(web.noted).toEqual([
    { kind: "opt-out", partId, seq: 0, archive: ["archive-token"] },
    { kind: "opt-out", partId, seq: 0, archive: ["archive-time"] },
  ]);
});

test("with the envelope's recipient, an encoded subject, as text/plain", async () => {
  const { urls } = await seedMessages(web.db, [{ address: "ada@one.example" }]);
  const recipient = `bounces+${urls(0).tag().toUpperCase()}@bounce.example`;
  const raw = message("undisclosed:;", "=?utf-8?Q?d=C3=A9sinscription?=");
  const query = `?recipient=${encodeURIComponent(recipient)}&sender=ada@one.example`;
  const answer = await post(raw, query, "text/plain; charset=utf-8");
  expect(answer.json()).toMatchObject({ kind: "unsubscribe", address: "ada@one.example" });
});

test.each([
  ["an altered tag", (tag: string) => message(`unsubscribe+${flip(tag)}@news.example`), "", "no-tag"],
  ["no tag", () => message("unsubscribe@news.example", "unsubscribe"), "", "no-tag"],
  ["another mailbox", (tag: string) => message(`bounces+${tag}@news.example`, "Hello"), "", "no-wish"],
  ["the null return path", (tag: string) => message(`unsubscribe+${tag}@news.example`), "?sender=", "bounce"],
  [
    "an automatic answer",
    (tag: string) => `Auto-Submitted: auto-replied\r\n${message(`unsubscribe+${tag}@news.example`, "unsubscribe")}`,
    "",
    "automatic",
  ],
  [
    "a bounce that quotes the mail",
    (tag: string) =>
      `Content-Type: multipart/report; boundary=b\r\n${message(`unsubscribe+${tag}@news.example`, "unsubscribe", "--b\r\n\r\nunsubscribe\r\n--b--")}`,
    "",
    "bounce",
  ],
  ["endless nesting", () => nested(100), "", "no-tag"],
  ["bytes that are no mail", () => Buffer.from([0, 255, 254, 13, 10, 0]), "", "no-tag"],
] as const)("%s changes nothing", async (_name, make, query, why) => {
  const { urls } = await seedMessages(web.db, [{ address: "ada@one.example" }]);
  const answer = await post(make(urls(0).tag()), query);
  expect(answer.status).toBe(200);
  expect(answer.json()).toEqual({ kind: "other", why });
  expect(await denylisted()).toEqual([]);
  expect(web.noted).toEqual([]);
});

test("a message that is no more", async () => {
  const { urls } = await seedMessages(web.db, [{ address: "ada@one.example" }]);
  expect((await post(message(`unsubscribe+${urls(5).tag()}@news.example`))).json()).toEqual({
    kind: "other",
    why: "message-unknown",
  });
});

test("what is no mail, too large or from nobody known is refused", async () => {
  const raw = message("unsubscribe@news.example");
  const refused = await post(raw, "", "application/json");
  expect(refused.json()).toMatchObject({ status: 415, detail: expect.stringContaining("message/rfc822") });
  expect((await post("x".repeat(25 * 1024 * 1024 + 1))).status).toBe(413);
  expect((await web.ask("POST", "/api/v1/inbound")).status).toBe(400);
  expect(
    (await web.visit("POST", "/api/v1/inbound", { payload: raw, headers: { "content-type": "message/rfc822" } }))
      .status,
  ).toBe(401);
});

test("8-bit and NUL bytes of a mail come through", async () => {
  const { urls } = await seedMessages(web.db, [{ address: "ada@one.example" }]);
  const raw = Buffer.from(message(`unsubscribe+${urls(0).tag()}@news.example`, "\xe9\0", "\xff\0\xfe"), "latin1");
  expect((await post(raw)).json()).toMatchObject({ kind: "unsubscribe" });
});

function flip(tag: string): string {
  return tag.slice(0, -1) + (tag.endsWith("a") ? "b" : "a");
}

function nested(depth: number): string {
  const open = Array.from(
    { length: depth },
    (_, i) => `Content-Type: multipart/mixed; boundary=b${i}\r\n\r\n--b${i}\r\n`,
  );
  return `Subject: deep\r\n${open.join("")}\r\nend`;
}

test("an archive that sends a copy back: the copy is given up once, its recipient is not touched", async () => {
  const { deliveryId, partId } = await seedMessages(web.db, [{ address: "ada@one.example" }]);
  await web.db.query("insert into archive_parts (part_id, delivery_id, due, archived) values ($1, $2, 1, 1)", [
    partId,
    deliveryId,
  ]);
  await web.db.query(
    `insert into archive_copies (part_id, seq, archive, state, attempts, due_since, archived_at)
     values ($1, 0, 3, 'archived', 1, now(), now())`,
    [partId],
  );
  const sentBack = (action: string) =>
    report({
      to: `bounces+${mintTag(KEY, { partId, seq: 0 }, 3)}@bounce.example`,
      action,
      recipient: "copies@archive.example",
      fields: ["Diagnostic-Code: smtp; 552 5.2.2 full"],
    });
  expect((await post(sentBack("delayed"))).json()).toEqual({ kind: "other", why: "bounce" });
  expect((await post(sentBack("failed"))).json()).toEqual({
    kind: "copy-bounced",
    messageKey: `${partId}-0`,
    archiveId: "3",
  });
  expect((await post(sentBack("failed"))).json()).toEqual({ kind: "other", why: "message-unknown" });
  const [row] = await web.db.query(
    `select c.state, c.reply, p.archived, p.given_up, m.status, a.kind, a.detail->'keys' as keys
       from archive_copies c join archive_parts p using (part_id) join messages m using (part_id, seq)
       join archive_alerts a on a.delivery_id = p.delivery_id where c.part_id = $1`,
    [partId],
  );
  expect(row).toEqual({
    state: "given-up",
    reply: "sent back by the archive: 552 5.2.2 full",
    archived: 0,
    given_up: 1,
    status: "pending",
    kind: "bounced",
    keys: [`${partId}-0`],
  });
  expect(await denylisted()).toEqual([]);
});
