/** Mails to the people who run Envoi: owed with their reason, tried again, given up. */
import { createSecretKey, generateKeyPairSync } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { authenticate } from "mailauth";
import PostalMime from "postal-mime";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";

import { createTestDatabase, type TestDatabase } from "../../../test/database.ts";
import { readSigningKey, sha256Base64, sign } from "../../adapters/crypto/crypto.ts";
import { DAY, MINUTE } from "../../core/time.ts";
import type { MasterKey } from "../../platform/seal.ts";
import { saveSigningKey } from "../domains/index.ts";
import { openMasterKey } from "../secrets/index.ts";
import { notify, sendNotices, type NoticeDeps } from "./index.ts";

const NOW = Date.UTC(2026, 2, 4, 5, 6, 7);
let database: TestDatabase;
let dir: string;
let masterKey: MasterKey;
beforeAll(async () => {
  database = await createTestDatabase();
  dir = mkdtempSync(join(tmpdir(), "envoi-notices-"));
  masterKey = await openMasterKey(database.db, { secretKey: null, dataDir: dir }, NOW);
});
afterAll(async () => {
  await database.drop();
  rmSync(dir, { recursive: true });
});
beforeEach(() => database.db.query("delete from notices"));

type Sent = { to: string; message: string };
function rig(now: number, isTaken = true): { sent: Sent[]; deps: NoticeDeps } {
  const sent: Sent[] = [];
  const sendMail: NoticeDeps["sendMail"] = ({ to, message }) => {
    sent.push({ to: to.envelope, message });
    return Promise.resolve({ ok: isTaken, detail: isTaken ? "250 ok" : "451 later" });
  };
  const signing = { masterKey, readKey: readSigningKey, sha256Base64, sign };
  return { sent, deps: { db: database.db, now: () => now, signing, sendMail } };
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

test("with a key of its domain it is signed, in the name of the organisation, and passes DMARC", async () => {
  const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  const pem = String(privateKey.export({ type: "pkcs8", format: "pem" }));
  const read = readSigningKey(pem);
  const publicKey = read.kind === "key" ? read.publicKey : "";
  const input = { domain: "ops.example", selector: "s1", privateKey: pem };
  await saveSigningKey(database.db, { masterKey, readKey: readSigningKey }, input, NOW);
  await database.db.query(
    `insert into platform_settings (settings, updated_at)
     values ('{"organisation": "Acme é", "errorAddress": "envoi@mail.ops.example"}', now())`,
  );
  await notify(database.db, { to: ["ann@far.example"], subject: "Grüße", text: "a\n\n" }, NOW);
  const { sent, deps } = rig(NOW);
  await sendNotices(deps);
  const raw = Buffer.from(sent[0]!.message, "latin1");
  const records: Record<string, string[][]> = {
    "s1._domainkey.ops.example": [[`v=DKIM1; k=rsa; p=${publicKey}`]],
    "_dmarc.mail.ops.example": [["v=DMARC1; p=reject"]],
    "_dmarc.ops.example": [["v=DMARC1; p=reject"]],
  };
  const resolver = (name: string) => {
    const found = records[name];
    return found ? Promise.resolve(found) : Promise.reject(Object.assign(new Error(name), { code: "ENOTFOUND" }));
  };
  const verify = (bytes: Buffer) =>
    authenticate(bytes, { ip: "192.0.2.1", helo: "x.example", sender: "", trustReceived: false, resolver });
  const { dkim, dmarc } = await verify(raw);
  expect(dkim.results).toMatchObject([{ signingDomain: "ops.example", status: { result: "pass" } }]);
  expect(dmarc).toMatchObject({ status: { result: "pass" } });
  const forged = await verify(Buffer.from(sent[0]!.message.replace(/^To: .*$/m, "To: bob@far.example"), "latin1"));
  expect(forged.dkim.results[0]?.status.result).toBe("fail");
  const mail = await PostalMime.parse(raw);
  expect(mail.from).toEqual({ name: "Acme é", address: "envoi@mail.ops.example" });
  expect(mail.messageId).toMatch(/^<notice\.\d+\.[a-z0-9]+@mail\.ops\.example>$/);
  expect(new Date(mail.date ?? 0).getTime()).toBe(NOW);
  expect(mail.text?.trimEnd()).toBe("a");
});

test("keys that cannot be read keep no notice back", async () => {
  await notify(database.db, { to: ["ann@ops.example"], subject: "x", text: "" }, NOW);
  const { sent, deps } = rig(NOW);
  await sendNotices({ ...deps, signing: { ...deps.signing, masterKey: createSecretKey(Buffer.alloc(32, 7)) } });
  expect(sent).toHaveLength(1);
  expect(sent[0]!.message).not.toContain("DKIM-Signature");
});
