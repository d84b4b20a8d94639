/** Operators' bounce rules judge mail that comes in, whichever role works it off: the worker, or the web role for a pipe. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";

import { AT, seedMessages } from "../../test/public-pages.ts";
import { bounce, pathOf } from "../../test/inbound-rig.ts";
import { createTestWebApp, TOKEN, type TestWebApp } from "../../test/web-app.ts";
import { storeMails } from "../features/inbound/index.ts";
import { loadTokenKeys, openMasterKey } from "../features/secrets/index.ts";
import { createLog } from "../platform/log.ts";
import { type InboundJobs, openInboundJobs } from "./inbound-jobs.ts";

const STRANGE = "550 zorgle blat frumious wibble";
const MEANT = { type: "hard", reason: "account-disabled", rule: "zorgle" };

let web: TestWebApp;
let jobs: InboundJobs;
let dir: string;
let to: (seq: number) => string;
beforeAll(async () => {
  web = await createTestWebApp();
  dir = mkdtempSync(join(tmpdir(), "envoi-inbound-jobs-"));
  const { db } = web;
  const masterKey = await openMasterKey(db, { secretKey: null, dataDir: web.dir }, Date.now());
  const ground = { db, masterKey, log: createLog("silent", "test"), config: { dataDir: dir } };
  jobs = await openInboundJobs(ground, "http://envoi.example", () => Promise.reject(new Error("no mail is sent")));
  const { partId } = await seedMessages(db, [{ address: "ada@one.example" }, { address: "bob@one.example" }]);
  await db.query("update messages set status = 'sent', attempts = 1, final_at = now()");
  await db.query("update delivery_parts set pending = 0, sent = 2");
  await db.query("create table attempts_of_tests partition of message_attempts for values from (0) to (1000000)");
  const { current } = await loadTokenKeys(db, masterKey);
  to = (seq) => pathOf(partId, seq, current);
});
afterAll(async () => {
  await jobs?.close();
  await web?.close();
  rmSync(dir, { recursive: true });
});

const judged = () => web.db.query("select type, reason, rule from inbound_mails order by id desc limit 1");

test("a rule that is made judges the next mail in both", async () => {
  const made = await web.call("POST", "/api/v1/bounce-rules", {
    name: "zorgle",
    stage: ["rcpt", "dot", "async"],
    text: ["zorgle blat"],
    verdict: { type: "hard", reason: "account-disabled", scope: "address" },
    examples: [{ reply: STRANGE, stage: "rcpt" }],
  });
  expect(made.status, made.text).toBe(201);
  const mailOf = (seq: number, who: string) => bounce(to(seq), "failed", STRANGE, "Subject: Hello", who);
  await expect
    .poll(async () => {
      const mail = { recipient: to(0), returnPath: "", source: "smtp", remote: null, mailbox: null } as const;
      await storeMails(web.db, [{ ...mail, raw: Buffer.from(mailOf(0, "ada@one.example")) }], AT);
      await jobs.process();
      return judged();
    })
    .toEqual([MEANT]);
  const headers = { authorization: `Bearer ${TOKEN}`, "content-type": "message/rfc822" };
  await web.app.inject({
    method: "POST",
    url: "/api/v1/inbound?sender=",
    headers,
    payload: mailOf(1, "bob@one.example"),
  });
  expect(await judged()).toEqual([MEANT]);
});
