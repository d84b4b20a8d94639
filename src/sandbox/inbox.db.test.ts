import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";

import { createTestDatabase, type TestDatabase } from "../../test/database.ts";
import { createInbox, getInboxMessage, listInbox } from "./inbox.ts";
import type { SandboxMessage } from "./server.ts";

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());
beforeEach(() => database.db.query("truncate sandbox_messages restart identity"));

function message(n: number, raw = `Subject: =?utf-8?q?n=C2=B0_${n}?=\r\nX-A: b\r\n\r\nhello\r\n`): SandboxMessage {
  return { at: 1000 + n, mailFrom: "news@brand.test", rcptTo: `p${n}@x.test`, domain: "x.test", raw: Buffer.from(raw) };
}
const many = (n: number) => Array.from({ length: n }, (_, i) => message(i));

describe("inbox", () => {
  test("pages, newest first, also for one recipient", async () => {
    const inbox = createInbox(database.db);
    inbox.add(many(5));
    await inbox.close();
    const first = await listInbox(database.db, { limit: 2 });
    expect(first.data.map((item) => item.subject)).toEqual(["n° 4", "n° 3"]);
    expect(first.data[0]).toMatchObject({ at: 1004, rcptTo: "p4@x.test", kind: "message", size: 49 });
    const rest = await listInbox(database.db, { limit: 10, cursor: first.nextCursor ?? 0 });
    expect(rest.data.map((item) => item.rcptTo)).toEqual(["p2@x.test", "p1@x.test", "p0@x.test"]);
    expect(rest.nextCursor).toBeNull();
    const found = await listInbox(database.db, { limit: 10, recipient: "P3@X" });
    expect(found.data.map((item) => item.rcptTo)).toEqual(["p3@x.test"]);
  });

  test("one message in its parts, and as it came", async () => {
    const raw = "From: a@b.test\r\nSubject: x\r\nContent-Type: text/html\r\n\r\n<p>hi</p>\r\n";
    const inbox = createInbox(database.db);
    inbox.add([message(1, raw), { ...message(2, "\0 no message \0"), mailFrom: "" }]);
    await inbox.close();
    const { data } = await listInbox(database.db, { limit: 10 });
    expect(data.map((item) => item.kind)).toEqual(["bounce", "message"]);
    const full = await getInboxMessage(database.db, data[1]?.id ?? 0);
    expect(full?.html).toContain("<p>hi</p>");
    expect(full?.headers).toContainEqual({ name: "Subject", value: "x" });
    expect(Buffer.from(full?.raw ?? []).toString()).toBe(raw);
    expect(await getInboxMessage(database.db, data[0]?.id ?? 0)).toMatchObject({ subject: "", html: null });
    expect(await getInboxMessage(database.db, 999_999)).toBeNull();
  });

  test("keeps the newest 2,000; what newer ones push out before it is written is counted", async () => {
    const inbox = createInbox(database.db);
    inbox.add(many(1500));
    await inbox.flush();
    inbox.add(many(2500));
    await inbox.close();
    expect(inbox.skipped()).toBe(500);
    const [row] = await database.db.query<{ n: number; oldest: string }>(
      "select count(*) as n, (select rcpt_to from sandbox_messages order by id limit 1) as oldest from sandbox_messages",
    );
    expect(row).toEqual({ n: 2000, oldest: "p500@x.test" });
  });

  test("writes by itself once nothing more comes", async () => {
    const inbox = createInbox(database.db);
    inbox.add(many(1));
    await expect.poll(async () => (await listInbox(database.db, { limit: 1 })).data.length).toBe(1);
    await inbox.close();
  });

  test("a statement that fails is reported and counted, the next one works", async () => {
    const errors: unknown[] = [];
    const inbox = createInbox(database.db, { log: { warn: (details: unknown) => void errors.push(details) } });
    await database.db.query("alter table sandbox_messages rename to away");
    inbox.add(many(3));
    await inbox.flush();
    await database.db.query("alter table away rename to sandbox_messages");
    inbox.add(many(1));
    await inbox.close();
    expect(errors).toHaveLength(1);
    expect(inbox.skipped()).toBe(3);
    expect((await listInbox(database.db, { limit: 10 })).data).toHaveLength(1);
  });
});
