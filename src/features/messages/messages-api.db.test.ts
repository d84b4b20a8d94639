/** Single messages over HTTP: accepted, refused, repeated, many at once, and down to their bytes. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";

import {
  DATA,
  INLINE,
  message,
  openSingleMessagesRig,
  someone,
  type SingleMessagesRig,
} from "../../../test/single-messages-rig.ts";
import { batchAnswerSchema, singleMessageSchema } from "../../contract/responses-single-messages.ts";
import { DAY } from "../../core/time.ts";

let rig: SingleMessagesRig;
beforeAll(async () => {
  rig = await openSingleMessagesRig();
});
afterAll(() => rig.close());

describe("accepting", () => {
  test("a message with its own content is in the log, due at once, with its bytes", async () => {
    const one = await rig.accepted(message({ externalId: "order-1", tags: ["receipt"], metadata: { order: "1" } }));
    expect(one).toMatchObject({
      status: "queued",
      externalId: "order-1",
      subject: "Your code 4711",
      template: null,
      tags: ["receipt"],
      metadata: { order: "1" },
    });
    const { single, vars, status } = await rig.detail(one.id);
    expect({ single, vars, status }).toEqual({ single: one, vars: DATA, status: "pending" });
    const bytes = await rig.source(one.id);
    expect(bytes).toMatch(/^Subject: Your code 4711\r$/m);
    expect(bytes).toContain("pen;ink;");
    expect(bytes).toContain(`Date: ${new Date(one.acceptedAt).toUTCString().slice(0, 16)}`);
    const [part] = await rig.web.db.query(
      `select p.due_at <= now() as due, d.kind, d.state from delivery_parts p join deliveries d on d.id = p.delivery_id where p.id = $1`,
      [Number(one.id.split("-")[0])],
    );
    expect(part).toEqual({ due: true, kind: "single", state: "in-progress" });
    await rig.checkIdentity();
  });

  test("links of its own content lead where they should, and a click counts for the message", async () => {
    const { id } = await rig.accepted(message());
    const other = await rig.accepted(
      message({ content: { ...INLINE.content, html: `<a href="https://other.example/b">x</a>` } }),
    );
    for (const [key, place] of [
      [id, "https://shop.example/a"],
      [other.id, "https://other.example/b"],
    ] as const) {
      const url = /http:\/\/127\.0\.0\.1:8080(\/r\/[\w-]+)/.exec(await rig.source(key))?.[1];
      const answer = await rig.web.call("GET", url ?? "");
      expect([answer.status, answer.headers["location"]]).toEqual([302, place]);
    }
    const mirror = await rig.web.call("GET", `/api/v1/messages/${id}/mirror`);
    expect([mirror.status, mirror.text]).toEqual([200, expect.stringContaining("pen;ink;")]);
  });

  test("messages that come together share parts, carriers and contents", async () => {
    const carriers = () => rig.web.db.query<{ id: number }>("select id from deliveries where kind = 'single'");
    const contents = () => rig.web.db.query<{ id: number }>("select id from message_contents");
    await rig.accepted(message());
    const before = [(await carriers()).length, (await contents()).length];
    const all = await Promise.all(Array.from({ length: 60 }, () => rig.accepted(message())));
    expect([(await carriers()).length, (await contents()).length]).toEqual(before);
    expect(new Set(all.map(({ id }) => id)).size).toBe(60);
    expect(new Set(all.map(({ id }) => id.split("-")[0])).size).toBeLessThan(20);
    await rig.checkIdentity();
  });

  test("a profile with the address is the message's recipient; others need none", async () => {
    const to = someone();
    await rig.web.call("POST", "/api/v1/recipients", { address: to, attributes: {} });
    const { id } = await rig.accepted(message({ to: to.toUpperCase() }));
    const [row] = await rig.web.db.query<{ same: boolean }>(
      "select m.recipient_id = r.id as same from messages m, recipients r where m.part_id = $1 and m.seq = $2 and r.match_key = $3",
      [...id.split("-").map(Number), to],
    );
    expect(row).toEqual({ same: true });
  });

  test("attachments come as base64 or as stored files, beside headers", async () => {
    const { id } = await rig.accepted(
      message({
        attachments: [
          { name: "bill.txt", contentType: "text/plain", base64: Buffer.from("To pay: 7").toString("base64") },
        ],
        headers: [{ name: "X-Order", value: "{{ recipient.code }}" }],
      }),
    );
    const bytes = await rig.source(id);
    expect(bytes).toContain("bill.txt");
    expect(bytes).toContain(Buffer.from("To pay: 7").toString("base64"));
    expect(bytes).toMatch(/^X-Order: 4711\r$/m);
  });

  test("is in no list of deliveries", async () => {
    await rig.accepted(message());
    const { body } = await rig.web.call("GET", "/api/v1/deliveries");
    expect(body).toEqual({ data: [], nextCursor: null });
  });
});

describe("refusing", () => {
  test.each<[string, object, string, string]>([
    ["an address that is none", { to: "nobody" }, "/to", "invalid-address"],
    ["a value that is shown and not there", { data: { lines: [] } }, "/data/code", "missing-value"],
    ["a name of a value that is none", { data: { "a b": 1, ...DATA } }, "/data/a b", "invalid-key"],
    ["too large values", { data: { ...DATA, code: "x".repeat(300_000) } }, "/data", "too-large"],
    ["a template that is not published", { template: "99" }, "/template", "not-published"],
    ["content that is no template", { content: { subject: "{{ x", text: "a" } }, "/content/subject", "template"],
    ["content without a body", { content: { subject: "x" } }, "/content", "no-body"],
    ["a sender that is none", { sender: { address: "myself" } }, "/sender/address", "invalid-address"],
    ["an end before the start", { expiresAt: "2020-01-01T00:00:00Z" }, "/expiresAt", "in-the-past"],
    [
      "a validity that is over",
      { settings: { validUntil: "2020-01-01T00:00:00Z" } },
      "/settings/validUntil",
      "in-the-past",
    ],
    ["a start in a year", { sendAt: new Date(Date.now() + 365 * DAY).toISOString() }, "/sendAt", "too-late"],
    ["base64 that is none", { attachments: [{ name: "a", base64: "!!" }] }, "/attachments/0/base64", "invalid-base64"],
    ["a reserved header", { headers: [{ name: "To", value: "x" }] }, "/settings/headers/0/name", "header-reserved"],
  ])("%s", async (_, changes, pointer, code) => {
    const before = await rig.web.db.query("select count(*) from single_messages");
    const { errors } = await rig.refused(message(changes));
    expect(errors?.[0]).toMatchObject({ pointer, code });
    expect(await rig.web.db.query("select count(*) from single_messages")).toEqual(before);
  });

  test("whoever is on the denylist or in quarantine gets nothing, and the answer says so", async () => {
    const [denied, failed] = [someone(), someone()];
    await rig.web.call("POST", "/api/v1/recipients", { address: denied, attributes: {} });
    await rig.web.db.query(
      "update recipients set denylisted_at = now(), denylist_reason = 'test' where match_key = $1",
      [denied],
    );
    expect((await rig.web.call("POST", "/api/v1/quarantine", { address: failed, note: "test" })).status).toBeLessThan(
      300,
    );
    const answers = [await rig.accepted(message({ to: denied })), await rig.accepted(message({ to: failed }))];
    expect(answers).toMatchObject([
      { status: "ignored", ignored: "denylisted" },
      { status: "ignored", ignored: "quarantined" },
    ]);
    expect(await rig.detail(answers[0]!.id)).toMatchObject({ status: "cancelled", single: answers[0] });
    await rig.checkIdentity();
  });
});

describe("the same again", () => {
  test("under its external id it is the first message, at the same time too, and with a batch", async () => {
    const body = message({ externalId: "again-1" });
    const answers = await Promise.all(Array.from({ length: 20 }, () => rig.send(body)));
    const ids = answers.map((answer) => singleMessageSchema.parse(answer.body).id);
    expect(new Set(ids).size).toBe(1);
    expect(answers.filter(({ headers }) => headers["idempotent-replayed"] === "true")).toHaveLength(19);
    const batch = await rig.web.call("POST", "/api/v1/messages/batch", { messages: [body, body] });
    expect((batch.body as { data: { message: { id: string } }[] }).data.map(({ message: { id } }) => id)).toEqual([
      ids[0],
      ids[0],
    ]);
    expect(await rig.web.db.query("select 1 from single_messages where external_id = 'again-1'")).toHaveLength(1);
  });

  test("another message under the same external id is refused", async () => {
    await rig.accepted(message({ externalId: "again-2" }));
    expect((await rig.refused(message({ externalId: "again-2" }), 409)).code).toBe("external-id-used");
  });

  test("under an Idempotency-Key the first answer comes again", async () => {
    const body = message();
    const first = await rig.send(body, { "idempotency-key": "k-1" });
    const second = await rig.send(body, { "idempotency-key": "k-1" });
    expect([second.status, second.body, second.headers["idempotent-replayed"]]).toEqual([202, first.body, "true"]);
  });
});

test("a batch answers each on its own, in order", async () => {
  const messages = [message(), { to: "x" }, message({ data: {} }), message()];
  const { status, body } = await rig.web.call("POST", "/api/v1/messages/batch", { messages });
  expect(status).toBe(202);
  const data = (body as { data: unknown[] }).data.map((each) => batchAnswerSchema.parse(each));
  expect(data.map(({ accepted: yes }) => yes)).toEqual([true, false, false, true]);
  expect(data[2]).toMatchObject({ problem: { code: "invalid-input", errors: [{ pointer: "/data/code" }] } });
  const tooMany = { messages: Array.from({ length: 501 }, () => ({})) };
  expect((await rig.web.call("POST", "/api/v1/messages/batch", tooMany)).status).toBe(422);
  await rig.checkIdentity();
});
