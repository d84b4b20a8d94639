/** Allowances on a real database: taken in blocks, never too much, counted, given back. */
import fc from "fast-check";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";

import { createTestDatabase, type TestDatabase } from "../../../test/database.ts";
import { DAY, HOUR, type Instant, MINUTE } from "../../core/time.ts";
import { removeSource } from "./save-source.ts";
import { loadWarmUps, recordWarmUp, reserveWarmUp, returnWarmUp, type WarmUpCounts } from "./index.ts";

const CURVE = [80, 160, 320];
const START = Date.UTC(2026, 10, 21, 9, 5);
const NONE = { accepted: 0, deferred: 0, refused: 0, complaints: 0 };

let database: TestDatabase;
let sourceId = 0;
beforeAll(async () => {
  database = await createTestDatabase();
});
beforeEach(async () => {
  await database.db.query("truncate sources, pools, pool_sources, warm_ups, warm_up_days");
  sourceId = await seedSource("a", "192.0.2.1");
});
afterAll(() => database.drop());

async function seedSource(name: string, address: string, warmUp = "automatic"): Promise<number> {
  const [row] = await database.db.query<{ id: number }>(
    `insert into sources (name, address_v4, helo, warm_up, created_at, updated_at)
     values ($1, $2, 'mail.example', $3, now(), now()) returning id`,
    [name, address, warmUp],
  );
  return row?.id ?? 0;
}

const pairOf = (id = sourceId) => ({ sourceId: id, provider: "google" });
const reserve = (want: number, now: Instant, curve = CURVE, id = sourceId) =>
  reserveWarmUp(database.db, { ...pairOf(id), curve }, want, now);
const record = (at: Instant, counts: Partial<WarmUpCounts>) =>
  recordWarmUp(database.db, [{ ...pairOf(), ...NONE, at, ...counts }]);
const load = (now: Instant) => loadWarmUps(database.db, () => CURVE, now);
/** A sending day at this instant. */
async function sendingDay(at: Instant, counts: Partial<WarmUpCounts> = {}): Promise<string> {
  const { day, state } = await reserve(1, at);
  await record(at, { accepted: 40, ...counts });
  return `${day} ${state}`;
}

describe("an allowance", () => {
  test("of the first day is taken in blocks, by the hour and in all", async () => {
    expect(await reserve(4, START)).toEqual({
      granted: 4,
      remainingToday: 76,
      day: 1,
      allowance: 80,
      hourlyAllowance: 10,
      state: "warming",
      nextAt: null,
    });
    expect(await reserve(50, START)).toMatchObject({ granted: 6, remainingToday: 70, nextAt: START + 55 * MINUTE });
    expect(await reserve(1, START + MINUTE)).toMatchObject({ granted: 0, remainingToday: 70 });
    for (let hour = 1; hour < 7; hour++) expect((await reserve(50, START + hour * HOUR)).granted).toBe(10);
    const midnight = Date.UTC(2026, 10, 22);
    expect(await reserve(50, START + 7 * HOUR)).toMatchObject({ granted: 10, remainingToday: 0, nextAt: midnight });
    expect(await reserve(50, START + 8 * HOUR)).toMatchObject({ granted: 0, remainingToday: 0, nextAt: midnight });
    expect(await load(START)).toEqual([
      {
        ...pairOf(),
        ...NONE,
        source: "a",
        day: 1,
        allowance: 80,
        hourlyAllowance: 10,
        state: "warming",
        used: 80,
      },
    ]);
  });

  test("asked for by many at once is given out once, at the first message too", async () => {
    const grants = await Promise.all(Array.from({ length: 40 }, () => reserve(3, START)));
    expect(grants.reduce((sum, { granted }) => sum + granted, 0)).toBe(10);
    expect(grants.filter(({ granted }) => granted > 0).map(({ granted }) => granted)).toEqual(
      expect.arrayContaining([3, 3, 3, 1]),
    );
    expect(await database.db.query("select from warm_up_days")).toHaveLength(1);
  });

  test("grows with sending days, not with days", async () => {
    expect(await sendingDay(START, { accepted: 7 })).toBe("1 warming");
    expect(await sendingDay(START + DAY, { accepted: 8 })).toBe("1 warming");
    expect(await sendingDay(START + 7 * DAY)).toBe("2 warming");
    expect(await sendingDay(START + 8 * DAY)).toBe("3 warming");
    expect(await reserve(1_000_000, START + 9 * DAY)).toMatchObject({
      granted: 1_000_000,
      remainingToday: Infinity,
      state: "done",
      nextAt: Date.UTC(2026, 11, 1),
    });
    // Done, little mail is mail: only silence lets a provider forget.
    await record(START + 9 * DAY, { accepted: 1 });
    expect((await reserve(1, START + 38 * DAY)).state).toBe("done");
    expect(await reserve(1, START + 39 * DAY)).toMatchObject({ state: "warming", day: 1 });
  });

  test("is had again when the day before went badly", async () => {
    await sendingDay(START);
    expect(await sendingDay(START + DAY, { accepted: 70, deferred: 30 })).toBe("2 warming");
    expect(await sendingDay(START + 2 * DAY, { accepted: 90, refused: 11 })).toBe("2 held");
    expect(await sendingDay(START + 3 * DAY, { accepted: 1000, complaints: 1 })).toBe("1 held");
    expect(await sendingDay(START + 4 * DAY)).toBe("2 warming");
  });

  test("of a date is the same when the clock was a day ahead in between", async () => {
    expect(await reserve(10, START)).toMatchObject({ granted: 10, day: 1 });
    await record(START, { accepted: 10 });
    expect(await reserve(5, START + DAY)).toMatchObject({ granted: 5, day: 2, remainingToday: 155 });
    expect(await reserve(10, START)).toMatchObject({ granted: 0, day: 1, remainingToday: 70 });
    expect(await reserve(100, START + DAY)).toMatchObject({ granted: 15, day: 2, remainingToday: 140 });
    expect(await reserve(10, START - DAY)).toMatchObject({ granted: 10, day: 1 });
  });

  test("never is more than there is, whoever asks and gives back whenever, in any order", async () => {
    const moves = fc.array(
      fc.record({ by: fc.constantFrom(0, 0, HOUR, -HOUR, DAY, -DAY), wants: fc.array(fc.nat(30), { maxLength: 4 }) }),
      { minLength: 1, maxLength: 12 },
    );
    await fc.assert(
      fc.asyncProperty(moves, async (steps) => {
        await database.db.query("truncate warm_ups, warm_up_days");
        const taken = new Map<string, number>();
        const add = (key: string, count: number) => taken.set(key, (taken.get(key) ?? 0) + count);
        let now = START;
        for (const { by, wants } of steps) {
          now += by;
          const grants = await Promise.all(wants.map((want) => reserve(want, now)));
          const hour = new Date(now).toISOString().slice(0, 13);
          for (const { granted } of grants) for (const key of [hour, hour.slice(0, 10)]) add(key, granted);
          const back = Math.floor((grants[0]?.granted ?? 0) / 2);
          await returnWarmUp(database.db, pairOf(), back, now);
          for (const key of [hour, hour.slice(0, 10)]) add(key, -back);
          // Nobody sent anything, so every date is the first.
          for (const [key, count] of taken) expect(count).toBeLessThanOrEqual(key.length === 10 ? 80 : 10);
        }
      }),
      { numRuns: 25 },
    );
  });
});

test("what is given back can be taken again; never more than was taken", async () => {
  await reserve(10, START);
  await returnWarmUp(database.db, pairOf(), 4, START);
  expect(await reserve(10, START)).toMatchObject({ granted: 4, remainingToday: 70 });
  await returnWarmUp(database.db, pairOf(), 4, START - HOUR);
  expect(await reserve(10, START)).toMatchObject({ granted: 0, remainingToday: 70 });
  await returnWarmUp(database.db, pairOf(), 99, START);
  await returnWarmUp(database.db, pairOf(), -99, START);
  await returnWarmUp(database.db, { sourceId, provider: "nobody" }, 9, START);
  expect(await load(START)).toMatchObject([{ used: 0 }]);
});

describe("counts", () => {
  test("of one date add up, however many rows there are of it", async () => {
    await reserve(10, START);
    const row = { ...pairOf(), at: START, accepted: 1, deferred: 2, refused: 3, complaints: 4 };
    await recordWarmUp(database.db, [row, { ...row, at: START + HOUR }, { ...row, provider: "nobody" }]);
    await recordWarmUp(database.db, []);
    expect(await load(START)).toMatchObject([{ accepted: 2, deferred: 4, refused: 6, complaints: 8 }]);
  });

  test("after midnight belong to the day on which the message left", async () => {
    await reserve(10, START);
    await record(START + DAY, { accepted: 3 });
    expect(await load(START)).toMatchObject([{ accepted: 3 }]);
    await reserve(10, START + 2 * DAY);
    await record(START + 2 * DAY, { accepted: 5 });
    expect(await load(START + 2 * DAY)).toMatchObject([{ accepted: 5 }]);
    expect(await load(START)).toMatchObject([{ accepted: 3 }]);
  });
});

test("a source that is known everywhere has no allowance and leaves no trace", async () => {
  const id = await seedSource("known", "192.0.2.2", "off");
  expect(await reserve(5000, START, CURVE, id)).toMatchObject({ granted: 5000, state: "done" });
  expect(await database.db.query("select from warm_ups")).toEqual([]);
  expect(await load(START)).toEqual([]);
});

test("a source that was removed meanwhile gets nothing", async () => {
  expect(await reserve(5, START, CURVE, 999_999)).toMatchObject({ granted: 0, remainingToday: 0 });
});

test("a source can be removed while its allowance is asked for", async () => {
  const asked = Array.from({ length: 12 }, () => reserve(1, START));
  await Promise.all([...asked.slice(0, 6), removeSource(database.db, sourceId, null), ...asked.slice(6)]);
  expect((await reserve(1, START)).granted).toBe(0);
  expect(await database.db.query("select from warm_up_days")).toEqual([]);
});

test("providers and sources have allowances of their own", async () => {
  const other = await seedSource("b", "192.0.2.3");
  await reserve(10, START);
  expect((await reserve(10, START, CURVE, other)).granted).toBe(10);
  const yahoo = await reserveWarmUp(database.db, { sourceId, provider: "yahoo", curve: [8] }, 10, START);
  expect(yahoo).toMatchObject({ granted: 1, allowance: 8 });
  expect((await load(START)).map((row) => `${row.source} ${row.provider} ${row.used}`)).toEqual([
    "a google 10",
    "a yahoo 1",
    "b google 10",
  ]);
});
