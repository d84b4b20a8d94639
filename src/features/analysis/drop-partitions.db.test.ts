/** Old blocks of the log go as whole tables, when nothing needs them, and nobody who sends waits for it. */
import { afterEach, beforeEach, expect, test } from "vitest";

import { createTestDatabase, type TestDatabase } from "../../../test/database.ts";
import { CONTENT_DEPS, importCsv, NOW, seedDelivery } from "../../../test/seed-delivery.ts";
import { DAY } from "../../core/time.ts";
import { timestamp, type Db } from "../../platform/db.ts";
import { beginAnalysis, dropLog, dropReactions, listOldLogs, listOldReactions, runAnalysis } from "./index.ts";

const LATER = NOW + 400 * DAY;
let database: TestDatabase;
let db: Db;
let old = 0;
let young = 0;

/** One delivery in a block that is full, one in the next. */
beforeEach(async () => {
  database = await createTestDatabase();
  db = database.db;
  await importCsv(db, "email\na@a.example\nb@b.example\n");
  old = await sendAt(NOW);
  young = await sendAt(NOW + 9 * DAY);
  await end(old, NOW + DAY);
});
afterEach(() => database.drop());

async function sendAt(at: number): Promise<number> {
  const id = await seedDelivery(db);
  await beginAnalysis(db, id, "test", at);
  await runAnalysis(db, id, () => at, CONTENT_DEPS);
  return id;
}

async function end(id: number, at: number): Promise<void> {
  await db.query("update deliveries set state = 'finished', finished_at = $2 where id = $1", [id, timestamp(at)]);
}

const wish = { before: NOW + 2 * DAY, now: LATER };
const logs = async (other = wish) => (await listOldLogs(db, other)).map(({ kept }) => kept);
const tables = async () =>
  (
    await db.query<{ relname: string }>(
      "select relname from pg_class where relispartition and relkind = 'r' and relname ~ '_\\d+$' order by 1",
    )
  ).map(({ relname }) => relname.replace(/_\d+$/, ""));

test("a block is old when all that is in it ended before, and no new part can come", async () => {
  expect(await logs()).toEqual([null]);
  expect(await logs({ before: NOW + DAY, now: LATER }), "not old enough").toEqual([]);
  await end(young, NOW + 9 * DAY);
  expect(await logs({ before: NOW + 300 * DAY, now: LATER }), "the last block still receives parts").toEqual([null]);
});

test("what is needed stays, and says for whom", async () => {
  await db.query("update deliveries set state = 'paused', finished_at = null where id = $1", [old]);
  expect(await logs()).toEqual([`delivery ${old} is paused`]);
  await end(old, NOW + DAY);
  await db.query(
    "insert into archive_parts (part_id, delivery_id, due, owed, due_at) select id, delivery_id, 1, 1, now() from delivery_parts where delivery_id = $1",
    [old],
  );
  expect(await logs()).toEqual([`an archive is owed copies of delivery ${old}`]);
  await db.query("update archive_parts set owed = 0, given_up = 1, rename_at = now()");
  expect(await logs(), "a file waits for its name").toEqual([`an archive is owed copies of delivery ${old}`]);
  await db.query("update archive_parts set rename_at = null");
  await db.query(
    'update deliveries set started_at = $2, settings = settings || \'{"resourceValidity": "60d"}\' where id = $1',
    [old, timestamp(NOW)],
  );
  expect(await logs({ ...wish, now: NOW + 59 * DAY })).toEqual([`mirror pages of delivery ${old} are shown`]);
  expect(await logs({ ...wish, now: NOW + 61 * DAY })).toEqual([null]);
});

test("first the log goes, later the reactions; the figures of the delivery stay", async () => {
  const [block] = await listOldLogs(db, wish);
  expect(block).toMatchObject({ kept: null, rows: 2 });
  expect(block?.bytes).toBeGreaterThan(8192);
  expect(await listOldReactions(db, wish), "as long as there is a log").toEqual([]);
  expect(block && (await dropLog(db, block, LATER))).toBe(true);
  expect(await logs()).toEqual([]);
  expect(await db.query("select count(*) as n from messages")).toEqual([{ n: 2 }]);
  expect((await tables()).filter((table) => table === "tracking_events")).toHaveLength(2);
  expect(await listOldReactions(db, { ...wish, before: NOW + DAY }), "kept longer").toEqual([]);
  const [rest] = await listOldReactions(db, wish);
  expect(rest && (await dropReactions(db, rest))).toBe(true);
  expect(await db.query("select count(*) as n from message_partitions")).toEqual([{ n: 1 }]);
  expect(await tables()).toEqual([
    "archive_copies",
    "message_attempts",
    "message_reactions",
    "messages",
    "single_messages",
    "tracking_events",
  ]);
  expect(await db.query("select to_deliver from delivery_parts where delivery_id = $1", [old])).toEqual([
    { to_deliver: 2 },
  ]);
  // Work goes on behind it.
  await sendAt(NOW + 10 * DAY);
  expect(await db.query("select count(*) as n from messages")).toEqual([{ n: 4 }]);
});

test("whoever reads or sends does not wait: the block stays while the tables are in use, and goes when they are free", async () => {
  const [block] = await listOldLogs(db, wish);
  if (!block) throw new Error("no block");
  const commits = { done: 0, slowest: 0 };
  let held: Promise<boolean> | null = null;
  await db.transaction(async (tx) => {
    // An analysis or a backup that goes on for long.
    await tx.query("select count(*) from messages");
    const giveUp = new AbortController();
    held = dropLog(db, block, LATER, giveUp.signal);
    // A sender commits outcomes meanwhile, again and again.
    while (commits.done < 20) {
      await db.query("set lock_timeout = 0");
      await db.query("update messages set attempts = attempts where part_id >= $1", [block.from + 4096]);
      commits.done++;
    }
    giveUp.abort();
    expect(await held).toBe(false);
  });
  expect(commits.done).toBe(20);
  expect(await db.query("select count(*) as n from messages")).toEqual([{ n: 4 }]);
  expect(await dropLog(db, block, LATER)).toBe(true);
});
