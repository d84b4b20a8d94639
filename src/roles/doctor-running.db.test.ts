/** What doctor says of the installation as it runs, and of its database: what is well, what is not, and what to do. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";

import { createTestDatabase, type TestDatabase } from "../../test/database.ts";
import { holdInstallation, releaseInstallation } from "../features/installation/index.ts";
import { openMasterKey } from "../features/secrets/index.ts";
import { DAY, HOUR } from "../core/time.ts";
import { timestamp } from "../platform/db.ts";
import { MailboxError } from "../platform/mailbox.ts";
import { checkDatabase } from "./doctor-database.ts";
import { checkMailboxes } from "./doctor-mailboxes.ts";
import { checkInstallation, checkJournals, checkRetention, checkWebhooks } from "./doctor-running.ts";
import type { Finding } from "./finding.ts";

const NOW = Date.UTC(2027, 0, 10, 12);
let database: TestDatabase;
let dataDir: string;
beforeAll(async () => {
  database = await createTestDatabase();
  dataDir = mkdtempSync(join(tmpdir(), "envoi-doctor-"));
});
afterAll(async () => {
  await database.drop();
  rmSync(dataDir, { recursive: true, force: true });
});

const ground = () => ({ db: database.db, config: { dataDir } });
const words = (findings: readonly Finding[]) =>
  findings.map(({ check, level, detail }) => `${level} ${check}: ${detail}`);
/** Nobody is left alone with a problem. */
const expectAdvice = (findings: readonly Finding[]) =>
  expect(findings.filter(({ level, advice }) => level !== "ok" && !advice)).toEqual([]);

test("an installation that is held says so", async () => {
  expect(words(await checkInstallation(ground()))).toEqual(["ok installation: may send"]);
  await holdInstallation(database.db, "ann", "restored", NOW);
  const held = await checkInstallation(ground());
  expect(words(held)).toEqual(["warning installation: held since 2027-01-10T12:00:00.000Z: restored; nothing is sent"]);
  expectAdvice(held);
  await releaseInstallation(database.db, "ann", false, NOW);
});

test("journals that nobody brings in are named; those of a sender that lives, and empty ones, are not", async () => {
  expect(words(await checkJournals(ground()))).toEqual(["ok journals: nothing was left behind"]);
  writeFileSync(join(dataDir, "instance"), "abcd1234\n");
  for (const [slot, text] of Object.entries({ 1: "S{}\n", 2: "", 3: "S{}\n" })) {
    mkdirSync(join(dataDir, "journal", slot), { recursive: true });
    writeFileSync(join(dataDir, "journal", slot, "00000001.log"), text);
  }
  const living = await database.db.tryLock("sender abcd1234-3", () => {});
  const found = await checkJournals(ground());
  await living?.close();
  expect(words(found)).toEqual([
    `warning journals: outcomes of senders that ended without leave lie in ${join(dataDir, "journal/1")}`,
  ]);
  expectAdvice(found);
});

test("nightly runs: none yet, well, overdue, with a step that failed", async () => {
  const check = () => checkRetention(ground(), NOW);
  expect(words(await check())[0]).toMatch(/^ok retention: has not run yet/);
  const run = `insert into retention_runs (started_at, finished_at, actor, failed, steps) values ($1, $1, 'worker', $2, $3)`;
  await database.db.query(run, [timestamp(NOW - 3 * DAY), 0, "[]"]);
  expect(words(await check())[0]).toMatch(/^warning retention: last run 2027-01-07.*none since$/);
  expectAdvice(await check());
  await database.db.query(run, [timestamp(NOW - 8 * HOUR), 0, "[]"]);
  expect(words(await check())).toEqual(["ok retention: last run 2027-01-10T04:00:00.000Z"]);
  const steps = [
    { step: "shaping", status: "failed", error: "no room" },
    { step: "alerts", status: "done" },
  ];
  await database.db.query(run, [timestamp(NOW - 7 * HOUR), 1, JSON.stringify(steps)]);
  expect(words(await check())).toEqual([
    "warning retention: last run 2027-01-10T05:00:00.000Z: shaping (no room) failed",
  ]);
  expectAdvice(await check());
});

test("webhooks that fail or were switched off", async () => {
  const hook = `insert into webhooks (url, events, created_at, updated_at, failing_since, last_error, disabled_reason, enabled)
    values ($1, '{*}', now(), now(), $2, $3, $4, $5)`;
  await database.db.query(hook, ["https://good.example/h", null, null, null, true]);
  expect(words(await checkWebhooks(ground()))).toEqual(["ok webhooks: 1 set up, none fails"]);
  await database.db.query(hook, ["https://bad.example/h", timestamp(NOW), "503", null, true]);
  await database.db.query(hook, ["https://gone.example/h", timestamp(NOW), "410", "it is gone (410)", false]);
  const found = await checkWebhooks(ground());
  expect(words(found)).toEqual([
    "warning webhook bad.example: https://bad.example/h fails since 2027-01-10T12:00:00.000Z: 503",
    "error webhook gone.example: https://gone.example/h was switched off: it is gone (410)",
  ]);
  expectAdvice(found);
});

test("mailboxes: who lets us in, who does not, who is not asked", async () => {
  const masterKey = await openMasterKey(database.db, { secretKey: null, dataDir }, NOW);
  const mailbox = `insert into mailboxes (name, protocol, host, port, user_name, enabled, created_at, updated_at)
    values ($1, 'imap', $2, 993, 'u', $3, now(), now())`;
  await database.db.query(mailbox, ["Bounces", "good.example", true]);
  await database.db.query(mailbox, ["Wrong", "bad.example", true]);
  await database.db.query(mailbox, ["Off", "off.example", false]);
  const asked: string[] = [];
  const found = await checkMailboxes({ db: database.db, masterKey }, ({ host }) => {
    asked.push(host);
    if (host === "bad.example") return Promise.reject(new MailboxError("login", "the server refused the login"));
    return Promise.resolve({
      list: () => Promise.resolve([]),
      fetch: () => Promise.reject(new Error("nothing is fetched")),
      removeAndEnd: (uids: readonly unknown[]) =>
        uids.length === 0 ? Promise.resolve() : Promise.reject(new Error("nothing is removed")),
      close: () => {},
    } as never);
  });
  expect(asked.toSorted()).toEqual(["bad.example", "good.example"]);
  expect(words(found)).toEqual([
    "ok mailbox Bounces: 0 mails",
    "error mailbox Wrong: the server refused the login",
    "ok mailbox Off: disabled",
  ]);
  expectAdvice(found);
});

test("the database: its version, its clock, and settings that lose data", async () => {
  expect(
    words(await checkDatabase(ground())).filter((word) => !word.includes("fsync") && !word.includes("full_page")),
  ).toEqual([expect.stringMatching(/^ok database: PostgreSQL \d+/), "ok clock: agrees with the database"]);
  const settings = {
    version: "17.1",
    now: Date.now() - 60_000,
    connections: 20,
    settings: { fsync: "off", autovacuum: "off" },
  };
  const found = await checkDatabase({ db: { ...database.db, query: () => Promise.resolve([settings] as never) } });
  expect(words(found)).toEqual([
    "ok database: PostgreSQL 17.1",
    "error database: fsync is off",
    "warning database: autovacuum is off",
    "warning database: max_connections is 20",
    expect.stringMatching(/^error clock: this machine and the database differ by (59|60|61) s/),
  ]);
});
