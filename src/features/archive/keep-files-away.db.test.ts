/** Zips and purging of copies in folders, also when a run is cut short anywhere: nothing lost, nothing twice. */
import { mkdtempSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";

import { createTestDatabase, type TestDatabase } from "../../../test/database.ts";
import { seedFileArchive, type FileArchive } from "../../../test/file-archive.ts";
import { NOW } from "../../../test/seed-delivery.ts";
import { openCopyZips } from "../../adapters/copy-store/copy-zips.ts";
import { openFileStore } from "../../adapters/copy-store/file-store.ts";
import { formatKey } from "../../core/delivery/status.ts";
import { DAY, HOUR, MINUTE } from "../../core/time.ts";
import type { CopyStore } from "../../platform/copy-store.ts";
import type { CopyZips } from "../../platform/copy-zips.ts";
import type { Db } from "../../platform/db.ts";
import { keepFiles, readStored, storeAway } from "./index.ts";
import type { FileKeeping, FilesTarget } from "./keep-files-run.ts";

let database: TestDatabase;
let db: Db;
let dir: string;
let store: CopyStore;
let zips: CopyZips;
beforeAll(async () => {
  database = await createTestDatabase();
  db = database.db;
});
afterAll(() => database.drop());
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "envoi-away-"));
  store = openFileStore(dir);
  zips = openCopyZips(dir);
  return () => rmSync(dir, { recursive: true });
});

/** NOW is at the full hour. */
const HOUR_OVER = NOW + HOUR;
const FILES: FilesTarget = { kind: "files", directory: null, zip: true, zipBatch: 10, purgeAfter: null };
const ZIP = "archives/2026-11-21/09h-0001.zip";

const keepingOf = (rig: FileArchive): FileKeeping => ({
  archives: [rig.archive],
  openStore: () => store,
  openZips: () => zips,
});
const away = (rig: FileArchive, now: number) => storeAway(db, keepingOf(rig), now);

/** `count` copies of sent messages, named so. */
async function seedSent(count: number, changes: Partial<FilesTarget> = {}): Promise<FileArchive> {
  const rig = await seedFileArchive(db, store, { ...FILES, ...changes }, { count, mailbox: false });
  for (const key of rig.keys) await rig.archived(key, "sent");
  await rig.status(rig.keys, "sent");
  return rig;
}

async function namesInStore(): Promise<string[]> {
  const names: string[] = [];
  for await (const { name } of store.list("")) names.push(name);
  return names.sort();
}

/** Every copy of the ledger is where its row says, and nowhere else. */
async function expectAgreement(rig: FileArchive): Promise<void> {
  const locations = await rig.locations();
  expect(await namesInStore()).toEqual([...locations.values()].filter((location) => location !== null).sort());
  for (const key of rig.keys) {
    const location = locations.get(formatKey(key));
    if (location) expect(await readStored(store, location)).toEqual(rig.contentOf(key));
  }
}

test("full batches at once, the rest when the hour is over, and folders that are empty go", async () => {
  const rig = await seedSent(25);
  expect(await away(rig, NOW + MINUTE)).toMatchObject({ zipped: 20, zips: 2, problems: [] });
  expect(await zips.names("2026-11-21/09h")).toHaveLength(5);
  expect(await away(rig, NOW + 59 * MINUTE)).toMatchObject({ zipped: 0, zips: 0 });
  await expectAgreement(rig);
  expect(await away(rig, HOUR_OVER)).toMatchObject({ zipped: 5, zips: 1, problems: [] });
  expect(await zips.zips()).toEqual([1, 2, 3].map((n) => `archives/2026-11-21/09h-000${n}.zip`));
  await expectAgreement(rig);
  await away(rig, HOUR_OVER);
  expect(await zips.folders()).toEqual([]);
});

test("an hour in which something may still change keeps its rest", async () => {
  const rig = await seedFileArchive(db, store, FILES, { count: 8, mailbox: true });
  const [first, ...others] = rig.keys;
  if (!first) throw new Error("no messages");
  for (const key of rig.keys) await rig.archived(key, "sent");
  await rig.status(rig.keys, "sent");
  await rig.mailed(others, "archived");
  await rig.mailed([first], "owed");
  await keepFiles(db, keepingOf(rig), NOW);
  expect(await away(rig, HOUR_OVER)).toMatchObject({ zipped: 0 });
  await rig.mailed([first], "given-up");
  expect(await away(rig, HOUR_OVER)).toMatchObject({ zipped: 8, zips: 1 });
  await expectAgreement(rig);
  expect([...(await rig.locations()).values()]).toContain(`${ZIP}#${rig.nameOf(first, "sent").slice(15)}`);
});

test("messages on their way, in doubt, or without a row yet are not done with", async () => {
  const rig = await seedFileArchive(db, store, FILES, { count: 4, mailbox: false });
  const [pending, doubted, rowless, failed] = rig.keys;
  if (!pending || !doubted || !rowless || !failed) throw new Error("no messages");
  for (const key of rig.keys) await rig.archived(key);
  await rig.status([doubted], "in-doubt");
  await rig.status([failed], "failed");
  await db.query("delete from archive_copies where part_id = $1 and seq = $2", [rowless.partId, rowless.seq]);
  expect(await away(rig, HOUR_OVER)).toMatchObject({ zipped: 0 });
  await rig.status([pending, doubted, rowless], "failed");
  // The one without a row will never get one: it is nobody's copy, and is left for the operator.
  expect(await away(rig, HOUR_OVER)).toMatchObject({ zipped: 3, problems: [] });
  expect(await zips.names("2026-11-21/09h")).toEqual([rig.nameOf(rowless, "made")]);
});

test("what a try without an answer left is neither renamed nor zipped: its row does not count it", async () => {
  const rig = await seedFileArchive(db, store, FILES, { count: 3, mailbox: false });
  const [owed, givenUp, archived] = rig.keys;
  if (!owed || !givenUp || !archived) throw new Error("no messages");
  for (const key of rig.keys) await rig.archived(key);
  await rig.status(rig.keys, "sent");
  const set = (key: typeof owed, state: string) =>
    db.query("update archive_copies set state = $3 where part_id = $1 and seq = $2", [key.partId, key.seq, state]);
  await set(owed, "owed");
  await set(givenUp, "given-up");
  expect(await keepFiles(db, keepingOf(rig), HOUR_OVER)).toEqual({ renamed: 1, problems: [] });
  expect(await away(rig, HOUR_OVER)).toMatchObject({ zipped: 0 });
  await set(owed, "given-up");
  expect(await away(rig, HOUR_OVER)).toMatchObject({ zipped: 1, problems: [] });
  expect(await zips.names("2026-11-21/09h")).toHaveLength(2);
});

test("a name that is still to follow its message is not zipped", async () => {
  const rig = await seedFileArchive(db, store, FILES, { count: 2, mailbox: false });
  for (const key of rig.keys) await rig.archived(key);
  await rig.status(rig.keys, "sent");
  expect(await away(rig, HOUR_OVER)).toMatchObject({ zipped: 0 });
  await keepFiles(db, keepingOf(rig), HOUR_OVER);
  expect(await away(rig, HOUR_OVER)).toMatchObject({ zipped: 2 });
  await expectAgreement(rig);
});

test("a copy that was changed stays outside and is told", async () => {
  const rig = await seedSent(3);
  const changed = rig.nameOf(rig.keys[1] ?? { partId: 0, seq: 0 }, "sent");
  writeFileSync(join(dir, changed), "changed by somebody");
  expect(await away(rig, HOUR_OVER)).toMatchObject({
    zipped: 2,
    problems: [{ archive: "Files", detail: `${changed} is not the copy that was put there` }],
  });
  expect(await zips.names("2026-11-21/09h")).toEqual([changed]);
  expect([...(await rig.locations()).values()]).toContain(changed);
});

test("cut short at any point, it ends with every copy in one zip, once", { timeout: 120_000 }, async () => {
  const rig = await seedSent(23);
  let ended = 0;
  for (let steps = 1; ended < 2 && steps < 300; steps++) {
    const dying = dyingAfter(steps);
    const keeping = { ...keepingOf(rig), openStore: () => dying.store, openZips: () => dying.zips };
    try {
      await storeAway(dying.db, keeping, HOUR_OVER);
      ended++;
    } catch (error) {
      if (error !== DEATH) throw error;
    }
    // Whatever happened, each copy is where its row says.
    for (const key of rig.keys) {
      const location = (await rig.locations()).get(formatKey(key));
      expect(location && (await readStored(store, location))).toEqual(rig.contentOf(key));
    }
  }
  expect(ended).toBe(2);
  await expectAgreement(rig);
  expect(await zips.names("2026-11-21/09h")).toEqual([]);
  expect([...(await rig.locations()).values()].every((location) => location?.startsWith("archives/"))).toBe(true);
});

test("two at once: everything once", async () => {
  const rig = await seedSent(30);
  await Promise.all([away(rig, HOUR_OVER), away(rig, HOUR_OVER)]);
  await away(rig, HOUR_OVER);
  await expectAgreement(rig);
  expect(await zips.zips()).toHaveLength(3);
});

test("purging: zips and single copies when their time is up, never what may still change", async () => {
  const rig = await seedSent(24, { purgeAfter: DAY });
  const open = rig.keys.slice(20, 22);
  await rig.status(open, "pending");
  await away(rig, HOUR_OVER);
  expect(await zips.zips()).toHaveLength(2);
  expect(await away(rig, HOUR_OVER + DAY - 1)).toMatchObject({ purged: 0 });
  expect(await away(rig, HOUR_OVER + DAY)).toMatchObject({ purged: 22, problems: [] });
  expect(await namesInStore()).toEqual(open.map((key) => rig.nameOf(key, "sent")).sort());
  await expectAgreement(rig);
  await rig.status(open, "sent");
  expect(await away(rig, HOUR_OVER + DAY)).toMatchObject({ purged: 2 });
  expect(await namesInStore()).toEqual([]);
  expect([...(await rig.locations()).values()]).toEqual(rig.keys.map(() => null));
  expect(await zips.folders()).toEqual([]);
});

test("purging without zips, and what is owed elsewhere", async () => {
  const rig = await seedFileArchive(db, store, { ...FILES, zip: false, purgeAfter: DAY }, { count: 3, mailbox: true });
  for (const key of rig.keys) await rig.archived(key, "sent");
  await rig.status(rig.keys, "sent");
  await rig.mailed(rig.keys.slice(0, 2), "given-up");
  await rig.mailed(rig.keys.slice(2), "owed");
  expect(await away(rig, HOUR_OVER + DAY)).toMatchObject({ purged: 2, zipped: 0 });
  expect(await namesInStore()).toEqual(rig.keys.slice(2).map((key) => rig.nameOf(key, "sent")));
});

test("purging that is cut short at any point is ended by the next run", { timeout: 120_000 }, async () => {
  const rig = await seedSent(23);
  await away(rig, NOW + MINUTE);
  const purging = { ...rig.archive, target: { ...FILES, purgeAfter: DAY } };
  for (let steps = 1; steps < 60; steps++) {
    const dying = dyingAfter(steps);
    const keeping = { archives: [purging], openStore: () => dying.store, openZips: () => dying.zips };
    await storeAway(dying.db, keeping, HOUR_OVER + DAY).catch((error: unknown) => {
      if (error !== DEATH) throw error;
    });
  }
  expect(await namesInStore()).toEqual([]);
  expect([...(await rig.locations()).values()]).toEqual(rig.keys.map(() => null));
});

test("copies whose delivery log was dropped go when their time is up", async () => {
  const rig = await seedSent(12, { purgeAfter: DAY });
  await away(rig, NOW + MINUTE);
  for (const key of rig.keys) await db.query("delete from messages where part_id = $1", [key.partId]);
  for (const key of rig.keys) await db.query("delete from archive_copies where part_id = $1", [key.partId]);
  expect(await away(rig, HOUR_OVER)).toMatchObject({ zipped: 0, purged: 0 });
  expect(await away(rig, HOUR_OVER + DAY)).toMatchObject({ purged: 12 });
  expect(await namesInStore()).toEqual([]);
});

test("a damaged zip is told and stays; the rest goes on", async () => {
  const rig = await seedSent(20);
  await away(rig, NOW + MINUTE);
  truncateSync(join(dir, ZIP), 100);
  const purging: FileArchive = { ...rig, archive: { ...rig.archive, target: { ...FILES, purgeAfter: DAY } } };
  const { purged, problems } = await away(purging, HOUR_OVER + DAY);
  expect(purged).toBe(10);
  expect(problems).toHaveLength(1);
  expect(await zips.zips()).toEqual([ZIP]);
});

const DEATH = new Error("killed");

/** A process that does so many things and then nothing more. */
function dyingAfter(steps: number): { db: Db; store: CopyStore; zips: CopyZips } {
  let left = steps;
  const alive = () => {
    if (left-- <= 0) throw DEATH;
  };
  return {
    db: {
      ...db,
      query: async (sql, params) => {
        alive();
        return db.query(sql, params);
      },
    },
    store: {
      ...store,
      remove: async (name) => {
        alive();
        await store.remove(name);
      },
    },
    zips: {
      ...zips,
      write: async (folder, copies) => {
        alive();
        return zips.write(folder, copies);
      },
    },
  };
}
