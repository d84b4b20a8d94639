import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";

import { createTestDatabase, type TestDatabase } from "../../test/database.ts";
import { seedFileArchive } from "../../test/file-archive.ts";
import { seedDelivery } from "../../test/seed-delivery.ts";
import { startPgProxy, type PgProxy } from "../../test/pg-proxy.ts";
import { openFileStore } from "../adapters/copy-store/file-store.ts";
import { SERVICE_MAIL_CHANNEL } from "../features/services/index.ts";
import { openMasterKey } from "../features/secrets/index.ts";
import { openDb, type Db } from "../platform/db.ts";
import { NOTHING_AROUND } from "../../test/alert-rig.ts";
import { createLog } from "../platform/log.ts";
import type { MasterKey } from "../platform/seal.ts";
import { startWorker } from "./worker.ts";

let database: TestDatabase;
let proxy: PgProxy;
let db: Db;
let dataDir: string;
let masterKey: MasterKey;
beforeAll(async () => {
  database = await createTestDatabase();
  proxy = await startPgProxy(database.url);
  db = await openDb(proxy.url);
  dataDir = mkdtempSync(join(tmpdir(), "envoi-worker-"));
  masterKey = await openMasterKey(db, { secretKey: null, dataDir }, Date.now());
});
afterAll(async () => {
  await db.close();
  await proxy.close();
  await database.drop();
  rmSync(dataDir, { recursive: true });
});

const jobs = (condition: string) =>
  database.db.query(`select 1 from graphile_worker._private_jobs where ${condition}`).then((rows) => rows.length);

test("a database that goes away in the middle of a job takes the worker along, not the process; it comes back with it", async () => {
  const worker = await startWorker(
    {
      db,
      databaseUrl: proxy.url,
      log: createLog("silent", "test"),
      masterKey,
      config: { dataDir, webhookHosts: [], transport: "sandbox", relays: [] },
    },
    "http://envoi.example",
    () => Promise.resolve([]),
    () => Promise.reject(new Error("this test sends no mail")),
    NOTHING_AROUND,
  );
  await database.db.transaction(async (tx) => {
    await tx.query("lock table deliveries in access exclusive mode");
    await database.db.query("select graphile_worker.add_job('settle', max_attempts := 1)");
    await expect.poll(() => jobs("locked_at is not null")).toBe(1);
    await proxy.cut();
  });
  await proxy.restore();
  await database.db.query("select graphile_worker.add_job('settle', job_key := 'later')");
  await expect.poll(() => jobs("key = 'later'"), { timeout: 20_000 }).toBe(0);
  await worker.close();
}, 40_000);

test("every minute it stops what is paused long beyond its validity, and reminds of approvals that are overdue; mails of services at once", async () => {
  const over = await seedDelivery(database.db);
  await database.db.query(
    "update deliveries set state = 'paused', started_at = now() - interval '9 days', valid_until = now() - interval '2 days' where id = $1",
    [over],
  );
  const asked = await seedDelivery(database.db);
  await database.db.query("update deliveries set state = 'ready', analysed_version = version where id = $1", [asked]);
  await database.db.query(
    `insert into delivery_approvals (delivery_id, kind, basis, asked_at, deadline)
     values ($1, 'target', '', now() - interval '4 days', now() - interval '1 day')`,
    [asked],
  );
  const worker = await startWorker(
    {
      db: database.db,
      databaseUrl: database.url,
      log: createLog("silent", "test"),
      masterKey,
      config: { dataDir, webhookHosts: [], transport: "sandbox", relays: [] },
    },
    "http://envoi.example",
    () => Promise.resolve([]),
    () => Promise.reject(new Error("this test sends no mail")),
    NOTHING_AROUND,
  );
  await database.db.query("select graphile_worker.add_job('settle')");
  await database.db.query(
    `with s as (
       insert into services (name, public_key, created_at, updated_at) values ('Letter', 'k', now(), now()) returning id)
     insert into service_mails (service_id, kind, match_key, address, at, template_id, language, data, due_at)
     select id, 'welcome', 'a@one.example', 'a@one.example', now(), 99, 'en', '{"attributes": {}, "link": ""}', now() from s`,
  );
  await database.db.query("select pg_notify($1, '')", [SERVICE_MAIL_CHANNEL]);
  const mails = () => database.db.query("select sent_as from service_mails");
  await expect.poll(mails, { timeout: 20_000 }).toEqual([{ sent_as: "built-in" }]);
  const seen = async () => [
    await database.db.query("select state from deliveries where id = $1", [over]),
    await database.db.query("select detail from delivery_events where kind = 'approval.reminded'"),
  ];
  await expect
    .poll(seen, { timeout: 20_000 })
    .toMatchObject([[{ state: "stopped" }], [{ detail: { kind: "target", overdue: true } }]]);
  await worker.close();
}, 40_000);

test("names of copies follow their messages, at the start and ever after", async () => {
  const dataDir = mkdtempSync(join(tmpdir(), "envoi-worker-"));
  const store = openFileStore(join(dataDir, "archive"));
  const target = { kind: "files", directory: null, zip: false, zipBatch: 10_000, purgeAfter: null } as const;
  const rig = await seedFileArchive(database.db, store, target, { count: 2, mailbox: false });
  const sent = async (key: (typeof rig.keys)[number]) => {
    await rig.archived(key);
    await rig.status([key], "sent");
    await database.db.query("update archive_parts set rename_at = 'epoch' where has_names");
  };
  const names = async () => [...(await rig.locations()).values()];
  const [first, second] = rig.keys;
  if (!first || !second) throw new Error("no messages");
  await sent(first);
  const worker = await startWorker(
    {
      db: database.db,
      databaseUrl: database.url,
      log: createLog("silent", "test"),
      masterKey,
      config: { dataDir, webhookHosts: [], transport: "sandbox", relays: [] },
    },
    "http://envoi.example",
    () => Promise.resolve([]),
    () => Promise.reject(new Error("this test sends no mail")),
    NOTHING_AROUND,
  );
  await expect.poll(names, { timeout: 20_000 }).toEqual([rig.nameOf(first, "sent")]);
  await sent(second);
  await expect.poll(names, { timeout: 30_000 }).toEqual([first, second].map((key) => rig.nameOf(key, "sent")));
  await worker.close();
  rmSync(dataDir, { recursive: true });
}, 60_000);
