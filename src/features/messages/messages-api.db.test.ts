/** Single messages over HTTP: accepted, refused, repeated, listed, taken back, and down to their bytes. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { createTestWebApp, type TestWebApp } from "../../../test/web-app.ts";
import { messageDetailSchema, pageOf, problemSchema } from "../../contract/responses.ts";
import {
  batchAnswerSchema,
  publishedTemplateSchema,
  singleMessageSchema,
} from "../../contract/responses-single-messages.ts";
import { DAY, HOUR, MINUTE } from "../../core/time.ts";

let web: TestWebApp;
beforeAll(async () => {
  web = await createTestWebApp();
});
afterAll(() => web.close());

const INLINE = {
  content: {
    subject: "Your code {{ recipient.code }}",
    html: `<p>{{ recipient.code }} {% for line in recipient.lines %}{{ line.name }};{% endfor %}</p><a href="https://shop.example/a">Shop</a>
      <a href="{{ message.mirror_url }}">web</a>`,
    text: "Code {{ recipient.code }}",
  },
  sender: { name: "Shop", address: "no-reply@sender.example" },
};
const DATA = { code: "4711", lines: [{ name: "pen" }, { name: "ink" }] };
let count = 0;
const someone = () => `person${++count}@example.org`;
const message = (changes: object = {}) => ({ to: someone(), ...INLINE, data: DATA, ...changes });

const send = (body: unknown, headers = {}) => web.call("POST", "/api/v1/messages", body, headers);
async function accepted(body: object) {
  const answer = await send(body);
  expect([answer.status, answer.text]).toEqual([202, expect.any(String)]);
  return singleMessageSchema.parse(answer.body);
}
async function refused(body: unknown, status = 422) {
  const answer = await send(body);
  expect([answer.status, answer.text]).toEqual([status, expect.any(String)]);
  return problemSchema.parse(answer.body);
}
const detail = (id: string) => web.get(`/api/v1/messages/${id}`, messageDetailSchema);
const list = (query: string) => web.get(`/api/v1/messages?${query}`, pageOf(singleMessageSchema));
const source = async (id: string) =>
  (await web.call("GET", `/api/v1/messages/${id}/source`)).text
    .replace(/=\r\n/g, "")
    .replaceAll("=3D", "=")
    .replaceAll("=2E", ".");

async function template(settings: object = {}): Promise<string> {
  const { status, body } = await web.call("POST", "/api/v1/templates", { label: "Receipt", ...INLINE, settings });
  expect(status).toBe(201);
  return (body as { id: string }).id;
}
const publish = (id: string, body?: object) => web.call("POST", `/api/v1/templates/${id}/actions/publish`, body);

/** Every message is in a part that counts it, and every part is of a carrier. */
async function checkIdentity() {
  const rows = await web.db.query(
    `select p.id, c.* from delivery_parts p join deliveries d on d.id = p.delivery_id
       cross join lateral (
         select count(*) as all, count(*) filter (where status = 'pending') as pending,
                count(*) filter (where status = 'cancelled') as cancelled
           from messages m where m.part_id = p.id) c
      where d.kind = 'single' and (p.to_deliver, p.pending, p.cancelled) is distinct from (c.all, c.pending, c.cancelled)
        and p.sent = 0`,
  );
  expect(rows).toEqual([]);
}

describe("accepting", () => {
  test("a message with its own content is in the log, due at once, with its bytes", async () => {
    const one = await accepted(message({ externalId: "order-1", tags: ["receipt"], metadata: { order: "1" } }));
    expect(one).toMatchObject({
      status: "queued",
      externalId: "order-1",
      subject: "Your code 4711",
      template: null,
      tags: ["receipt"],
      metadata: { order: "1" },
    });
    const { single, vars, status } = await detail(one.id);
    expect({ single, vars, status }).toEqual({ single: one, vars: DATA, status: "pending" });
    const bytes = await source(one.id);
    expect(bytes).toMatch(/^Subject: Your code 4711\r$/m);
    expect(bytes).toContain("pen;ink;");
    expect(bytes).toContain(`Date: ${new Date(one.acceptedAt).toUTCString().slice(0, 16)}`);
    const [part] = await web.db.query(
      `select p.due_at <= now() as due, d.kind, d.state from delivery_parts p join deliveries d on d.id = p.delivery_id where p.id = $1`,
      [Number(one.id.split("-")[0])],
    );
    expect(part).toEqual({ due: true, kind: "single", state: "in-progress" });
    await checkIdentity();
  });

  test("links of its own content lead where they should, and a click counts for the message", async () => {
    const { id } = await accepted(message());
    const other = await accepted(
      message({ content: { ...INLINE.content, html: `<a href="https://other.example/b">x</a>` } }),
    );
    for (const [key, place] of [
      [id, "https://shop.example/a"],
      [other.id, "https://other.example/b"],
    ] as const) {
      const url = /http:\/\/127\.0\.0\.1:8080(\/r\/[\w-]+)/.exec(await source(key))?.[1];
      const answer = await web.call("GET", url ?? "");
      expect([answer.status, answer.headers["location"]]).toEqual([302, place]);
    }
    const mirror = await web.call("GET", `/api/v1/messages/${id}/mirror`);
    expect([mirror.status, mirror.text]).toEqual([200, expect.stringContaining("pen;ink;")]);
  });

  test("messages that come together share parts, carriers and contents", async () => {
    const carriers = () => web.db.query<{ id: number }>("select id from deliveries where kind = 'single'");
    const contents = () => web.db.query<{ id: number }>("select id from message_contents");
    await accepted(message());
    const before = [(await carriers()).length, (await contents()).length];
    const all = await Promise.all(Array.from({ length: 60 }, () => accepted(message())));
    expect([(await carriers()).length, (await contents()).length]).toEqual(before);
    expect(new Set(all.map(({ id }) => id)).size).toBe(60);
    expect(new Set(all.map(({ id }) => id.split("-")[0])).size).toBeLessThan(20);
    await checkIdentity();
  });

  test("a profile with the address is the message's recipient; others need none", async () => {
    const to = someone();
    await web.call("POST", "/api/v1/recipients", { address: to, attributes: {} });
    const { id } = await accepted(message({ to: to.toUpperCase() }));
    const [row] = await web.db.query<{ same: boolean }>(
      "select m.recipient_id = r.id as same from messages m, recipients r where m.part_id = $1 and m.seq = $2 and r.match_key = $3",
      [...id.split("-").map(Number), to],
    );
    expect(row).toEqual({ same: true });
  });

  test("attachments come as base64 or as stored files, beside headers", async () => {
    const { id } = await accepted(
      message({
        attachments: [
          { name: "bill.txt", contentType: "text/plain", base64: Buffer.from("To pay: 7").toString("base64") },
        ],
        headers: [{ name: "X-Order", value: "{{ recipient.code }}" }],
      }),
    );
    const bytes = await source(id);
    expect(bytes).toContain("bill.txt");
    expect(bytes).toContain(Buffer.from("To pay: 7").toString("base64"));
    expect(bytes).toMatch(/^X-Order: 4711\r$/m);
  });

  test("is in no list of deliveries", async () => {
    await accepted(message());
    const { body } = await web.call("GET", "/api/v1/deliveries");
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
    const before = await web.db.query("select count(*) from single_messages");
    const { errors } = await refused(message(changes));
    expect(errors?.[0]).toMatchObject({ pointer, code });
    expect(await web.db.query("select count(*) from single_messages")).toEqual(before);
  });

  test("whoever is on the denylist or in quarantine gets nothing, and the answer says so", async () => {
    const [denied, failed] = [someone(), someone()];
    await web.call("POST", "/api/v1/recipients", { address: denied, attributes: {} });
    await web.db.query("update recipients set denylisted_at = now(), denylist_reason = 'test' where match_key = $1", [
      denied,
    ]);
    expect((await web.call("POST", "/api/v1/quarantine", { address: failed, note: "test" })).status).toBeLessThan(300);
    const answers = [await accepted(message({ to: denied })), await accepted(message({ to: failed }))];
    expect(answers).toMatchObject([
      { status: "ignored", ignored: "denylisted" },
      { status: "ignored", ignored: "quarantined" },
    ]);
    expect(await detail(answers[0]!.id)).toMatchObject({ status: "cancelled", single: answers[0] });
    await checkIdentity();
  });
});

describe("the same again", () => {
  test("under its external id it is the first message, at the same time too, and with a batch", async () => {
    const body = message({ externalId: "again-1" });
    const answers = await Promise.all(Array.from({ length: 20 }, () => send(body)));
    const ids = answers.map((answer) => singleMessageSchema.parse(answer.body).id);
    expect(new Set(ids).size).toBe(1);
    expect(answers.filter(({ headers }) => headers["idempotent-replayed"] === "true")).toHaveLength(19);
    const batch = await web.call("POST", "/api/v1/messages/batch", { messages: [body, body] });
    expect((batch.body as { data: { message: { id: string } }[] }).data.map(({ message: { id } }) => id)).toEqual([
      ids[0],
      ids[0],
    ]);
    expect(await web.db.query("select 1 from single_messages where external_id = 'again-1'")).toHaveLength(1);
  });

  test("another message under the same external id is refused", async () => {
    await accepted(message({ externalId: "again-2" }));
    expect((await refused(message({ externalId: "again-2" }), 409)).code).toBe("external-id-used");
  });

  test("under an Idempotency-Key the first answer comes again", async () => {
    const body = message();
    const first = await send(body, { "idempotency-key": "k-1" });
    const second = await send(body, { "idempotency-key": "k-1" });
    expect([second.status, second.body, second.headers["idempotent-replayed"]]).toEqual([202, first.body, "true"]);
  });
});

test("a batch answers each on its own, in order", async () => {
  const messages = [message(), { to: "x" }, message({ data: {} }), message()];
  const { status, body } = await web.call("POST", "/api/v1/messages/batch", { messages });
  expect(status).toBe(202);
  const data = (body as { data: unknown[] }).data.map((each) => batchAnswerSchema.parse(each));
  expect(data.map(({ accepted: yes }) => yes)).toEqual([true, false, false, true]);
  expect(data[2]).toMatchObject({ problem: { code: "invalid-input", errors: [{ pointer: "/data/code" }] } });
  const tooMany = { messages: Array.from({ length: 501 }, () => ({})) };
  expect((await web.call("POST", "/api/v1/messages/batch", tooMany)).status).toBe(422);
  await checkIdentity();
});

describe("templates", () => {
  test("a message is made from the template as it was published, until it is published again", async () => {
    const id = await template();
    expect((await refused({ to: someone(), template: id, data: DATA })).errors?.[0]).toMatchObject({
      code: "not-published",
    });
    expect(publishedTemplateSchema.parse((await publish(id)).body)).toMatchObject({ template: id, version: 1 });
    web.clock.ahead += 2000;
    const first = await accepted({ to: someone(), template: id, data: DATA });
    expect(first).toMatchObject({ template: id, subject: "Your code 4711" });
    const put = await web.call("PUT", `/api/v1/templates/${id}`, {
      label: "Receipt",
      ...INLINE,
      content: { ...INLINE.content, subject: "New {{ recipient.code }}" },
    });
    expect(put.status).toBe(200);
    web.clock.ahead += 2000;
    expect(await accepted({ to: someone(), template: id, data: DATA })).toMatchObject({ subject: "Your code 4711" });
    await publish(id);
    web.clock.ahead += 2000;
    const renewed = await accepted({ to: someone(), template: id, data: DATA });
    expect(renewed).toMatchObject({ subject: "New 4711" });
    expect(await source(first.id)).toMatch(/^Subject: Your code 4711\r$/m);
    expect(await source(renewed.id)).toMatch(/^Subject: New 4711\r$/m);
    expect((await web.call("POST", `/api/v1/templates/${id}/actions/unpublish`)).status).toBe(204);
    web.clock.ahead += 2000;
    await refused({ to: someone(), template: id, data: DATA });
  });

  test("a message may differ from its template", async () => {
    const id = await template();
    await publish(id);
    const one = await accepted({ to: someone(), template: id, data: DATA, content: { subject: "Other" } });
    expect(one).toMatchObject({ template: id, subject: "Other" });
    expect(await source(one.id)).toContain("pen;ink;");
  });

  test("one that is part of a service may go to people on the denylist, marketing never", async () => {
    const to = someone();
    await web.call("POST", "/api/v1/recipients", { address: to, attributes: {} });
    await web.db.query("update recipients set denylisted_at = now(), denylist_reason = 'test' where match_key = $1", [
      to,
    ]);
    const service = await template();
    await publish(service, { ignoreDenylist: true });
    expect(await accepted({ to, template: service, data: DATA })).toMatchObject({ status: "queued" });
    const marketing = await template({ nature: "marketing" });
    expect((await publish(marketing, { ignoreDenylist: true })).status).toBe(422);
  });
});

describe("waiting", () => {
  const later = (ms: number) => new Date(Date.now() + web.clock.ahead + ms).toISOString();

  test("a message waits for its time, and is taken back while it does", async () => {
    const sendAt = later(2 * HOUR);
    const one = await accepted(message({ sendAt, expiresAt: later(3 * HOUR) }));
    expect(one).toMatchObject({ status: "scheduled", sendAt });
    const again = await web.call("POST", `/api/v1/messages/${one.id}/actions/cancel`);
    expect([again.status, singleMessageSchema.parse(again.body).status]).toEqual([202, "cancelled"]);
    expect((await web.call("POST", `/api/v1/messages/${one.id}/actions/cancel`)).status).toBe(202);
    await checkIdentity();
  });

  test("attempts end at the date that the settings say", async () => {
    const validUntil = later(HOUR);
    const one = await accepted(message({ settings: { validUntil } }));
    expect(one.expiresAt).toBe(validUntil);
  });

  test("what a sender has cannot be taken back; what is for later can", async () => {
    const [now, soon] = [await accepted(message()), await accepted(message({ sendAt: later(HOUR) }))];
    await web.db.query("update delivery_parts set owner = 's1' where id = any($1)", [
      [now, soon].map(({ id }) => Number(id.split("-")[0])),
    ]);
    const answers = [];
    for (const { id } of [now, soon])
      answers.push((await web.call("POST", `/api/v1/messages/${id}/actions/cancel`)).status);
    await web.db.query("update delivery_parts set owner = null where owner = 's1'");
    expect(answers).toEqual([409, 202]);
  });

  test("a message of a campaign is no single one", async () => {
    expect((await web.call("POST", "/api/v1/messages/1-999/actions/cancel")).status).toBe(404);
  });
});

describe("the list", () => {
  test("has the newest first, page by page, and finds by address, external id, tag, template and status", async () => {
    const to = someone();
    web.clock.ahead += MINUTE;
    const first = await accepted(message({ to, tags: ["one"], externalId: "list-1" }));
    web.clock.ahead += 10;
    const second = await accepted(message({ to, sendAt: new Date(Date.now() + web.clock.ahead + HOUR).toISOString() }));
    const ids = async (query: string) => (await list(query)).data.map(({ id }) => id);
    const own = `recipient=${encodeURIComponent(to.toUpperCase())}`;
    expect(await ids(own)).toEqual([second.id, first.id]);
    expect(await ids(`${own}&status=scheduled`)).toEqual([second.id]);
    expect(await ids(`${own}&status=failed`)).toEqual([]);
    expect(await ids("externalId=list-1")).toEqual([first.id]);
    expect(await ids(`tag=one`)).toEqual([first.id]);
    expect(await ids(`${own}&since=${second.acceptedAt}`)).toEqual([second.id]);
    const seen: string[] = [];
    for (let cursor: string | null = ""; cursor !== null; ) {
      const page: { data: { id: string }[]; nextCursor: string | null } = await list(
        `limit=7${cursor === "" ? "" : `&cursor=${cursor}`}`,
      );
      seen.push(...page.data.map(({ id }) => id));
      cursor = page.nextCursor;
    }
    const [all] = await web.db.query<{ count: number }>("select count(*)::int as count from single_messages");
    expect([seen.length, new Set(seen).size]).toEqual([all?.count, all?.count]);
    expect(seen.slice(0, 2)).toEqual([second.id, first.id]);
  });
});

test("a person who is erased is gone from single messages too", async () => {
  const to = someone();
  const { body } = await web.call("POST", "/api/v1/recipients", { address: to, attributes: {} });
  const one = await accepted(
    message({ to, externalId: "erase-1", metadata: { name: "Ann" }, content: { subject: `For ${to}`, text: to } }),
  );
  await web.db.query("update messages set status = 'sent' where part_id = $1", [Number(one.id.split("-")[0])]);
  await web.db.query("update delivery_parts set sent = pending, pending = 0 where id = $1", [
    Number(one.id.split("-")[0]),
  ]);
  const erased = await web.call("POST", `/api/v1/recipients/${(body as { id: string }).id}/actions/erase`, {});
  expect([erased.status, erased.text]).toEqual([expect.any(Number), expect.any(String)]);
  const rows = await web.db.query<{ text: string }>(
    `select row_to_json(s)::text as text from single_messages s where s.part_id = $1 and s.seq = $2
     union all select row_to_json(c)::text from message_contents c
     union all select row_to_json(e)::text from message_external_ids e where external_id = 'erase-1'`,
    one.id.split("-").map(Number),
  );
  expect(rows.map(({ text }) => text).join("\n")).not.toContain(to);
});
