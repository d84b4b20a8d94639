/** Names of copies follow their messages, on files and on objects, also when a run is cut short anywhere. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";

import { createTestDatabase, type TestDatabase } from "../../../test/database.ts";
import { seedFileArchive, type FileArchive } from "../../../test/file-archive.ts";
import { startS3Server, type S3Server } from "../../../test/s3-server.ts";
import { NOW } from "../../../test/seed-delivery.ts";
import { openFileStore } from "../../adapters/copy-store/file-store.ts";
import { openS3Store } from "../../adapters/copy-store/s3-store.ts";
import { formatKey } from "../../core/delivery/status.ts";
import { HOUR, MINUTE } from "../../core/time.ts";
import { CopyStoreError, type CopyStore } from "../../platform/copy-store.ts";
import { type Db, timestamp } from "../../platform/db.ts";
import { keepFiles, readStored } from "./index.ts";
import type { FileKeeping } from "./keep-files-run.ts";
import type { KnownArchive } from "./known-archive.ts";

let database: TestDatabase;
let db: Db;
let s3: S3Server;
let dir: string;
beforeAll(async () => {
  database = await createTestDatabase();
  db = database.db;
  s3 = await startS3Server();
});
afterAll(async () => {
  await s3.close();
  await database.drop();
});
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "envoi-keep-"));
  return () => rmSync(dir, { recursive: true });
});

const FILES = { kind: "files", directory: null, zip: false, zipBatch: 10_000, purgeAfter: null } as const;

const keepingOf = (archive: KnownArchive, store: CopyStore): FileKeeping => ({
  archives: [archive],
  openStore: () => store,
  openZips: () => {
    throw new Error("nothing is zipped here");
  },
});

async function namesIn(store: CopyStore): Promise<string[]> {
  const names: string[] = [];
  for await (const { name } of store.list("")) names.push(name);
  return names.sort();
}

/** The ledger says where the copies are, and they are there, once each. */
async function expectAgreement(rig: FileArchive, store: CopyStore): Promise<void> {
  const locations = await rig.locations();
  expect(await namesIn(store)).toEqual([...locations.values()].map(String).sort());
  for (const key of rig.keys) {
    const location = locations.get(formatKey(key));
    if (location) expect(await readStored(store, location)).toEqual(rig.contentOf(key));
  }
}

describe.each<[string, () => CopyStore]>([
  ["files", () => openFileStore(dir)],
  [
    "objects",
    () => {
      s3.objects.clear();
      return openS3Store({ endpoint: s3.endpoint, bucket: "copies", prefix: "c", pathStyle: true, ...s3.credentials });
    },
  ],
])("%s", (_, open) => {
  test("are named after what became of the messages, step by step", async () => {
    const store = open();
    const rig = await seedFileArchive(db, store, FILES, { count: 25, mailbox: true });
    for (const key of rig.keys) await rig.archived(key);
    const keep = () => keepFiles(db, keepingOf(rig.archive, store), NOW);
    expect(await keep()).toEqual({ renamed: 0, problems: [] });
    const [sent, failed] = [rig.keys.slice(0, 15), rig.keys.slice(15, 18)];
    await rig.status(sent, "sent");
    await rig.status(failed, "failed");
    await rig.mailed([...sent, ...failed], "owed");
    expect(await keep()).toEqual({ renamed: 15, problems: [] });
    const nameOfAll = (progress: "made" | "sent" | "sent-archived") =>
      new Set(rig.keys.map((key) => rig.nameOf(key, progress)));
    expect((await namesIn(store)).filter((name) => nameOfAll("sent").has(name))).toHaveLength(15);
    await rig.mailed([...sent.slice(0, 10), ...failed], "archived");
    expect(await keep()).toEqual({ renamed: 10, problems: [] });
    expect((await namesIn(store)).filter((name) => nameOfAll("sent-archived").has(name))).toHaveLength(10);
    expect((await namesIn(store)).filter((name) => nameOfAll("made").has(name))).toHaveLength(10);
    await expectAgreement(rig, store);
    expect(await rig.dueParts()).toBe(0);
    expect(await keep()).toEqual({ renamed: 0, problems: [] });
  });

  test("of the only archive are sent in the end; two steps at once are one", async () => {
    const store = open();
    const alone = await seedFileArchive(db, store, FILES, { count: 3, mailbox: false, timing: "after" });
    for (const key of alone.keys) await alone.archived(key, "sent");
    await alone.status(alone.keys, "sent");
    expect(await keepFiles(db, keepingOf(alone.archive, store), NOW)).toEqual({ renamed: 0, problems: [] });
    const both = await seedFileArchive(db, store, FILES, { count: 3, mailbox: true });
    for (const key of both.keys) await both.archived(key);
    await both.status(both.keys, "sent");
    await both.mailed(both.keys, "archived");
    expect((await keepFiles(db, keepingOf(both.archive, store), NOW)).renamed).toBe(3);
    expect([...(await both.locations()).values()]).toEqual(both.keys.map((key) => both.nameOf(key, "sent-archived")));
  });

  test("a run that dies anywhere is ended by the next one", async () => {
    const store = open();
    const rig = await seedFileArchive(db, store, FILES, { count: 12, mailbox: true });
    for (const key of rig.keys) await rig.archived(key);
    await rig.status(rig.keys, "sent");
    let now = NOW;
    for (let steps = 1; steps < 60; steps++) {
      // In the middle of it all, the mailbox takes its copies: names go on by two steps.
      if (steps === 8) await rig.mailed(rig.keys, "archived");
      const dying = dyingAfter(steps, db, store);
      await keepFiles(dying.db, keepingOf(rig.archive, dying.store), now).catch((error: unknown) => {
        if (error !== DEATH) throw error;
      });
      now += 6 * MINUTE;
    }
    expect(await rig.dueParts()).toBe(0);
    expect([...(await rig.locations()).values()]).toEqual(rig.keys.map((key) => rig.nameOf(key, "sent-archived")));
    await expectAgreement(rig, store);
  });
});

test("two keepers at once do each thing once", async () => {
  const store = openFileStore(dir);
  const rig = await seedFileArchive(db, store, FILES, { count: 60, mailbox: false });
  for (const key of rig.keys) await rig.archived(key);
  await rig.status(rig.keys, "sent");
  const results = await Promise.all([1, 2, 3].map(() => keepFiles(db, keepingOf(rig.archive, store), NOW)));
  expect(results.reduce((sum, { renamed }) => sum + renamed, 0)).toBe(60);
  expect(results.flatMap(({ problems }) => problems)).toEqual([]);
  await expectAgreement(rig, store);
});

test("an outcome that is committed while names are changed is not forgotten", async () => {
  const files = openFileStore(dir);
  const rig = await seedFileArchive(db, files, FILES, { count: 2, mailbox: false });
  for (const key of rig.keys) await rig.archived(key);
  const [first, second] = [rig.keys.slice(0, 1), rig.keys.slice(1)];
  await rig.status(first, "sent");
  const store: CopyStore = {
    ...files,
    rename: async (from, to) => {
      if (to === rig.nameOf(rig.keys[0] ?? { partId: 0, seq: 0 }, "sent")) await rig.status(second, "sent");
      await files.rename(from, to);
    },
  };
  await keepFiles(db, keepingOf(rig.archive, store), NOW);
  expect(await rig.dueParts()).toBeLessThanOrEqual(1);
  await keepFiles(db, keepingOf(rig.archive, store), NOW);
  expect(await rig.dueParts()).toBe(0);
  expect([...(await rig.locations()).values()]).toEqual(rig.keys.map((key) => rig.nameOf(key, "sent")));
});

test("an archive that cannot rename is asked again later; what it could is kept", async () => {
  const files = openFileStore(dir);
  const rig = await seedFileArchive(db, files, FILES, { count: 5, mailbox: false });
  for (const key of rig.keys) await rig.archived(key);
  await rig.status(rig.keys, "sent");
  const broken = rig.nameOf(rig.keys[3] ?? { partId: 0, seq: 0 }, "made");
  let asked = 0;
  const store: CopyStore = {
    ...files,
    rename: async (from, to) => {
      asked++;
      if (from === broken) throw new CopyStoreError("unreachable", "The store answered 503: SlowDown");
      await files.rename(from, to);
    },
  };
  const keep = (over: CopyStore, now: number) => keepFiles(db, keepingOf(rig.archive, over), now);
  const problem = { archive: "Files", detail: "The store answered 503: SlowDown" };
  expect(await keep(store, NOW)).toEqual({ renamed: 4, problems: [problem] });
  expect(await keep(store, NOW + MINUTE / 2)).toEqual({ renamed: 0, problems: [] });
  expect(asked).toBe(5);
  expect(await keep(files, NOW + MINUTE)).toEqual({ renamed: 1, problems: [] });
  expect(await rig.dueParts()).toBe(0);
});

test("a copy that somebody removed is told once, and stops nothing", async () => {
  const store = openFileStore(dir);
  const rig = await seedFileArchive(db, store, FILES, { count: 3, mailbox: false });
  for (const key of rig.keys) await rig.archived(key);
  await rig.status(rig.keys, "sent");
  const removed = rig.nameOf(rig.keys[1] ?? { partId: 0, seq: 0 }, "made");
  await store.remove(removed);
  const keep = () => keepFiles(db, keepingOf(rig.archive, store), NOW);
  expect(await keep()).toEqual({ renamed: 2, problems: [{ archive: "Files", detail: `${removed} is not there` }] });
  expect(await keep()).toEqual({ renamed: 0, problems: [] });
  expect([...(await rig.locations()).values()]).toContain(removed);
});

test("an archive that is no place is told, and others go on", async () => {
  const store = openFileStore(dir);
  const rig = await seedFileArchive(db, store, FILES, { count: 1, mailbox: false });
  for (const key of rig.keys) await rig.archived(key);
  await rig.status(rig.keys, "sent");
  const other: KnownArchive = {
    ...rig.archive,
    id: 999,
    name: "Elsewhere",
    target: { ...FILES, directory: "/elsewhere" },
  };
  const keeping: FileKeeping = {
    ...keepingOf(rig.archive, store),
    archives: [other, rig.archive],
    openStore: (target) => {
      if (target.kind === "files" && target.directory) throw new CopyStoreError("refused", "no such place");
      return store;
    },
  };
  expect(await keepFiles(db, keeping, NOW)).toEqual({
    renamed: 1,
    problems: [{ archive: "Elsewhere", detail: "no such place" }],
  });
});

test("parts whose log is gone, and parts of archives that are gone, are not due for ever", async () => {
  const store = openFileStore(dir);
  const rig = await seedFileArchive(db, store, FILES, { count: 2, mailbox: false });
  for (const key of rig.keys) await rig.archived(key);
  await rig.status(rig.keys, "sent");
  await db.query("insert into archive_parts (part_id, delivery_id, rename_at) values (999999, 999999, $1)", [
    timestamp(NOW),
  ]);
  await keepFiles(db, { ...keepingOf(rig.archive, store), archives: [] }, NOW);
  expect(await rig.dueParts()).toBe(0);
  expect(await db.query("select 1 from archive_parts where part_id = 999999 and rename_at is not null")).toEqual([]);
});

test("a keeper that is told to stop leaves the rest for later", async () => {
  const store = openFileStore(dir);
  const rig = await seedFileArchive(db, store, FILES, { count: 1, mailbox: false });
  for (const key of rig.keys) await rig.archived(key);
  await rig.status(rig.keys, "sent");
  const stopped = await keepFiles(db, keepingOf(rig.archive, store), NOW, AbortSignal.abort());
  expect(stopped.renamed).toBe(0);
  expect(await rig.dueParts()).toBe(1);
  expect((await keepFiles(db, keepingOf(rig.archive, store), NOW + HOUR)).renamed).toBe(1);
});

const DEATH = new Error("killed");

/** A process that does so many things and then nothing more. */
function dyingAfter(steps: number, living: Db, store: CopyStore): { db: Db; store: CopyStore } {
  let left = steps;
  const alive = () => {
    if (left-- <= 0) throw DEATH;
  };
  return {
    db: {
      ...living,
      query: async (sql, params) => {
        alive();
        return living.query(sql, params);
      },
    },
    store: {
      ...store,
      rename: async (from, to) => {
        alive();
        await store.rename(from, to);
      },
    },
  };
}
