/** Mails to the people who run Envoi: owed with their reason, tried again, given up. */
import PostalMime from "postal-mime";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";

import { createTestDatabase, type TestDatabase } from "../../../test/database.ts";
import { DAY, MINUTE } from "../../core/time.ts";
import { notify, sendNotices, type NoticeDeps } from "./index.ts";

const NOW = Date.UTC(2026, 2, 4, 5, 6, 7);
let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());
beforeEach(() => database.db.query("delete from notices"));

type Sent = { to: string; message: string };
function rig(now: number, isTaken = true): { sent: Sent[]; deps: NoticeDeps } {
  const sent: Sent[] = [];
  const sendMail: NoticeDeps["sendMail"] = ({ to, message }) => {
    sent.push({ to: to.envelope, message });
    return Promise.resolve({ ok: isTaken, detail: isTaken ? "250 ok" : "451 later" });
  };
  return { sent, deps: { db: database.db, now: () => now, sendMail } };
}

test("each address gets one mail, whatever is in subject and text", async () => {
  const text = "Grüße\nvon\r\n.\r\nEnvoi ✉";
  const subject = "Rate é\r\nBcc: thief@evil.example";
  const to = ["Ann@ops.example", "ann@OPS.example", "nobody", "bob@ops.example"];
  expect(await notify(database.db, { to, subject, text }, NOW)).toBe(2);
  const { sent, deps } = rig(NOW);
  expect(await sendNotices(deps)).toBe(2);
  expect(sent.map((mail) => mail.to).toSorted()).toEqual(["ann@OPS.example", "bob@ops.example"]);
  const mail = await PostalMime.parse(Buffer.from(sent[0]!.message, "latin1"));
  expect(mail.subject).toBe("Rate é Bcc: thief@evil.example");
  expect(mail.text?.replace(/\r\n/g, "\n").trimEnd()).toBe("Grüße\nvon\n.\nEnvoi ✉");
  expect(mail.bcc).toBeUndefined();
  expect(sent[0]!.message).toMatch(/^Auto-Submitted: auto-generated\r$/m);
  expect(await sendNotices(deps)).toBe(0);
});

test("what its reason's transaction does not keep is never sent", async () => {
  const broken = database.db.transaction(async (tx) => {
    await notify(tx, { to: ["ann@ops.example"], subject: "x", text: "x" }, NOW);
    throw new Error("no");
  });
  await expect(broken).rejects.toThrow("no");
  expect(await sendNotices(rig(NOW).deps)).toBe(0);
});

test("a server that refuses is asked again, later and later, for three days", async () => {
  await notify(database.db, { to: ["ann@ops.example"], subject: "x", text: "x" }, NOW);
  expect(await sendNotices(rig(NOW, false).deps)).toBe(1);
  expect(await sendNotices(rig(NOW + MINUTE, false).deps)).toBe(0);
  expect(await sendNotices(rig(NOW + 2 * MINUTE, false).deps)).toBe(1);
  const first = rig(NOW, false);
  expect(await sendNotices(rig(NOW + 3 * DAY, false).deps)).toBe(1);
  expect(await sendNotices(rig(NOW + 9 * DAY).deps)).toBe(0);
  expect(first.sent).toEqual([]);
  const [row] = await database.db.query("select due_at, sent_at, error, attempts from notices");
  expect(row).toEqual({ due_at: null, sent_at: null, error: "451 later", attempts: 3 });
});
