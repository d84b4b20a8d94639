/** Parts in a sender's hands, on a real database: how many messages it loads, and when a part is due that it gave back. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";

import { createTestDatabase, type TestDatabase } from "../../test/database.ts";
import { sendable } from "../../test/dispatch-rig.ts";
import { NOW, seedInProgress } from "../../test/seed-delivery.ts";
import { DAY, MINUTE, SECOND } from "../core/time.ts";
import type { Log } from "../platform/log.ts";
import { type HeldPart, putOff } from "./held-part.ts";
import { createWindow, type Window, WINDOW, type WindowOptions } from "./window.ts";

let database: TestDatabase;
let started: HeldPart[];
const ANY = { avoidDomains: [], isOthers: () => false };

beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());
beforeEach(() => {
  started = [];
});

function windowOf(changes: Partial<WindowOptions> = {}): Window {
  return createWindow({
    sender: "a-1",
    db: database.db,
    log: { warn: () => {} } as unknown as Log,
    now: () => NOW,
    onMessage: (part) => void started.push(part),
    standing: () => 0,
    mostOf: () => Number.POSITIVE_INFINITY,
    recall: () => {},
    onDeliveryLeft: () => Promise.resolve(),
    ...changes,
  });
}

const deliveryOf = (id: number) => ({ ...sendable(), id, validUntil: NOW + DAY });
const dueOf = (id: number) =>
  database.db.query<{ owner: string | null; due_at: number }>(
    "select owner, due_at from delivery_parts where delivery_id = $1 order by id",
    [id],
  );

describe("what is loaded", () => {
  test("of small parts as many as there is room for", async () => {
    const id = await seedInProgress(database.db, 400, 10);
    const window = windowOf();
    await window.lease(deliveryOf(id), ANY, Number.POSITIVE_INFINITY);
    expect(started).toHaveLength(400);
    expect(WINDOW).toBeGreaterThan(400);
  });

  test("of a slow delivery no more than leaves soon, although its parts are large", async () => {
    const id = await seedInProgress(database.db, 400, 400);
    const window = windowOf({ mostOf: () => 10 });
    await window.lease(deliveryOf(id), ANY, Number.POSITIVE_INFINITY);
    expect(started).toHaveLength(10);
    const [part] = started;
    if (!part) throw new Error("no part");
    // Half of them left: it loads the next.
    part.outstanding = 4;
    window.advance(part);
    await expect.poll(() => started.length).toBe(20);
  });

  test("nothing while there is no room, and more where what is loaded stands", async () => {
    const id = await seedInProgress(database.db, 4000, 500);
    let standing = 0;
    const window = windowOf({ standing: () => standing });
    await window.lease(deliveryOf(id), ANY, Number.POSITIVE_INFINITY);
    expect([started.length, window.hasRoom()]).toEqual([3000, false]);
    await window.lease(deliveryOf(id), ANY, Number.POSITIVE_INFINITY);
    expect(started).toHaveLength(3000);
    standing = 1000;
    await window.lease(deliveryOf(id), ANY, Number.POSITIVE_INFINITY);
    expect(started).toHaveLength(4000);
  });
});

describe("what is given back", () => {
  test("is due when its messages may go, and no later than somebody should look again", async () => {
    for (const [until, due] of [
      [NOW + 30 * SECOND, NOW + 30 * SECOND],
      [NOW + 10 * DAY, NOW + 2 * MINUTE],
    ] as const) {
      started = [];
      const id = await seedInProgress(database.db, 20, 20);
      const window = windowOf();
      await window.lease(deliveryOf(id), ANY, Number.POSITIVE_INFINITY);
      for (const part of started) {
        putOff(part, until);
        window.advance(part);
      }
      await window.empty();
      expect(await dueOf(id)).toEqual([{ owner: null, due_at: due }]);
    }
  });

  test("without having been looked through is due for the rest of it, too", async () => {
    const id = await seedInProgress(database.db, 700, 700);
    const window = windowOf();
    await window.lease(deliveryOf(id), ANY, Number.POSITIVE_INFINITY);
    expect(started).toHaveLength(500);
    for (const part of started) {
      part.exhausted = true;
      putOff(part, NOW + 30 * SECOND);
      window.advance(part);
    }
    await window.empty();
    expect(await dueOf(id)).toEqual([{ owner: null, due_at: NOW + 30 * SECOND }]);
  });
});
