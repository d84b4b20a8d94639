/** Roles that reach outside follow the installation: they end when it is held, in every process, and begin when it is released. */
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";

import { createTestDatabase, type TestDatabase } from "../../test/database.ts";
import { holdInstallation, releaseInstallation } from "../features/installation/index.ts";
import { createLog } from "../platform/log.ts";
import { openOutward } from "./outward.ts";

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());
beforeEach(() => releaseInstallation(database.db, "test", false, 0));

/** Roles that only say when they run; `until` resolves at the next change. */
function roles() {
  const words: string[] = [];
  let heard = () => {};
  const say = (word: string) => {
    words.push(word);
    heard();
  };
  return {
    words,
    until: async (count: number) => {
      while (words.length < count) await new Promise<void>((resolve) => (heard = resolve));
      return words;
    },
    start: async () => {
      say("start");
      return { close: async () => say("end") };
    },
  };
}

const ground = () => ({ db: database.db, log: createLog("silent", "test") });
const hold = () => holdInstallation(database.db, "test", "a test", 0);
const release = () => releaseInstallation(database.db, "test", false, 0);

test("they run, end and run again", async () => {
  const mine = roles();
  const outward = await openOutward(ground(), mine.start);
  expect([outward.isHeld, mine.words]).toEqual([false, ["start"]]);
  await hold();
  await mine.until(2);
  await release();
  expect(await mine.until(3)).toEqual(["start", "end", "start"]);
  await outward.close();
  expect(mine.words).toEqual(["start", "end", "start", "end"]);
});

test("held from the beginning, none of them ever begins before somebody says so", async () => {
  await hold();
  const mine = roles();
  const outward = await openOutward(ground(), mine.start);
  expect([outward.isHeld, mine.words]).toEqual([true, []]);
  await release();
  expect(await mine.until(1)).toEqual(["start"]);
  await outward.close();
});

test("what cannot begin at the start says so; later it is tried again", async () => {
  const failing = () => Promise.reject(new Error("no port"));
  await expect(openOutward(ground(), failing)).rejects.toThrow("no port");
  await hold();
  const mine = roles();
  let failures = 2;
  const outward = await openOutward(ground(), () => (failures-- > 0 ? failing() : mine.start()));
  await release();
  expect(await mine.until(1)).toEqual(["start"]);
  await outward.close();
});
