/** The sandbox's inbox through the API, with the functions of the sandbox itself. */
import { afterAll, beforeAll, expect, test } from "vitest";

import { seedArchive } from "../../../test/seed-delivery.ts";
import { createTestDatabase, type TestDatabase } from "../../../test/database.ts";
import { createTestWebApp, type TestWebApp } from "../../../test/web-app.ts";
import { pageOf, sandboxMessageSchema } from "../../contract/responses.ts";
import { getInboxMessage, listInbox } from "../../sandbox/index.ts";

let web: TestWebApp;
let store: TestDatabase;
beforeAll(async () => {
  store = await createTestDatabase();
  web = await createTestWebApp({
    inbox: {
      listInbox: (query) => listInbox(store.db, query),
      getInboxMessage: (id, except) => getInboxMessage(store.db, id, except),
    },
  });
  for (const n of [1, 2, 3]) {
    const raw = `From: n@s.example\r\nSubject: Hello ${n}\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nBody ${n}\r\n`;
    await store.db.query(
      `insert into sandbox_messages (at, mail_from, rcpt_to, domain, subject, size, raw)
       values ('2026-11-21T08:00:00Z', 'n@s.example', $1, 'r.example', $2, $3, $4)`,
      [`to${n}@r.example`, `Hello ${n}`, raw.length, Buffer.from(raw)],
    );
  }
});
const seed = async (mailFrom: string, rcptTo: string, body: string): Promise<string> => {
  const [row] = await store.db.query<{ id: number }>(
    `insert into sandbox_messages (at, mail_from, rcpt_to, domain, subject, size, raw)
     values ('2026-11-21T09:00:00Z', $1, $2, 'c.example', 'A copy', 1, $3) returning id`,
    [mailFrom, rcptTo, Buffer.from(`Subject: A copy\r\n\r\n${body}\r\n`)],
  );
  return String(row?.id);
};

afterAll(async () => {
  await web.close();
  await store.drop();
});

test("messages come newest first, page by page, and by recipient", async () => {
  const schema = pageOf(sandboxMessageSchema);
  const first = await web.get("/api/v1/sandbox/messages?limit=2", schema);
  const rest = await web.get(`/api/v1/sandbox/messages?limit=2&cursor=${first.nextCursor}`, schema);
  expect([...first.data, ...rest.data].map((message) => message.subject)).toEqual(["Hello 3", "Hello 2", "Hello 1"]);
  const one = await web.get("/api/v1/sandbox/messages?recipient=to2", schema);
  expect(one.data.map((message) => message.rcptTo)).toEqual(["to2@r.example"]);
});

test("one message shows its headers, text and source", async () => {
  const list = await web.get("/api/v1/sandbox/messages?recipient=to3", pageOf(sandboxMessageSchema));
  const answer = await web.call("GET", `/api/v1/sandbox/messages/${list.data[0]?.id}`);
  expect(answer.body).toMatchObject({
    subject: "Hello 3",
    html: null,
    text: "Body 3\n",
    raw: expect.stringContaining("Subject: Hello 3"),
  });
  expect((answer.body as { headers: unknown[] }).headers).toContainEqual({ name: "Subject", value: "Hello 3" });
  expect((await web.call("GET", "/api/v1/sandbox/messages/424242")).status).toBe(404);
});

test("copies and reports about them are not shown to those who may not see where copies go", async () => {
  await seedArchive(web.db, { target: { kind: "smtp", address: "Copies@bücher.example" } });
  const hidden = [
    await seed("n@s.example", "Copies@bücher.example", "of a message"),
    await seed("n@s.example", "copies@xn--bcher-kva.example", "of a message"),
    await seed("", "n@s.example", "Final-Recipient: rfc822;Copies@xn--bcher-kva.example"),
  ];
  const made = await web.call("POST", "/api/v1/tokens", { label: "without", rights: [] });
  const headers = { authorization: `Bearer ${(made.body as { token: string }).token}` };
  const subjects = async (as?: Record<string, string>) =>
    (await web.call("GET", "/api/v1/sandbox/messages", undefined, as)).body as { data: { subject: string }[] };
  expect((await subjects(headers)).data.map(({ subject }) => subject)).toEqual(["Hello 3", "Hello 2", "Hello 1"]);
  expect((await subjects()).data).toHaveLength(6);
  for (const id of hidden) {
    expect((await web.call("GET", `/api/v1/sandbox/messages/${id}`, undefined, headers)).status).toBe(404);
    expect((await web.call("GET", `/api/v1/sandbox/messages/${id}`)).status).toBe(200);
  }
});
