/** How deliveries get under way: at once, after a while, at a date; what keeps them from it; who gets nothing after all. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";

import { createTestDatabase, type TestDatabase } from "../../../test/database.ts";
import { analyse, importCsv, NOW, seedDelivery } from "../../../test/seed-delivery.ts";
import { settingsSchema } from "../../contract/index.ts";
import { HOUR, MINUTE, SECOND } from "../../core/time.ts";
import { stopDelivery, settleDelivery } from "./lifecycle.ts";
import { presentDelivery } from "./present.ts";
import {
  cancelConfirmation,
  confirmDelivery,
  scheduleDelivery,
  startDue,
  unscheduleDelivery,
  type Schedule,
} from "./start-delivery.ts";
import { findDelivery } from "./store.ts";

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());
beforeEach(() => database.db.query("delete from platform_settings"));

async function ready(people = 3): Promise<number> {
  const emails = Array.from({ length: people }, (_, i) => `s${i}@one.example`);
  const id = await seedDelivery(database.db, {
    audience: await importCsv(database.db, `email\n${emails.join("\n")}\n`),
  });
  await analyse(database.db, id);
  return id;
}

const read = async (id: number) => presentDelivery((await findDelivery(database.db, id))!);
const events = async (id: number) =>
  (
    await database.db.query<{ kind: string; actor: string; detail: Record<string, unknown> }>(
      "select kind, actor, detail from delivery_events where delivery_id = $1 order by id",
      [id],
    )
  ).filter(({ kind }) => kind.startsWith("delivery.") && kind !== "delivery.created");

const AT = NOW + 2 * HOUR;
const WISH: Schedule = { at: "2026-11-21T12:00", zone: "Europe/Paris", occurrence: "earlier", notLaterThan: null };
const schedule = (id: number, change: Partial<Schedule> = {}) =>
  scheduleDelivery(database.db, id, "ann", NOW, { ...WISH, ...change });

describe("a confirmation that can be called back", () => {
  test("begins by itself when nobody does", async () => {
    const id = await ready();
    await confirmDelivery(database.db, id, "ann", NOW, { undo: 30 * SECOND });
    expect(await read(id)).toMatchObject({
      state: "start-pending",
      startedAt: null,
      schedule: { at: "2026-11-21T09:00:30.000Z", zone: null, local: null, by: "ann" },
    });
    expect(await startDue(database.db, NOW + 29 * SECOND)).toBe(NOW + 30 * SECOND);
    expect((await read(id)).state).toBe("start-pending");
    expect(await startDue(database.db, NOW + 30 * SECOND)).toBeNull();
    const begun = await read(id);
    expect(begun).toMatchObject({ state: "in-progress", startedAt: "2026-11-21T09:00:30.000Z" });
    expect(begun.schedule).toBeUndefined();
    expect(await events(id)).toMatchObject([
      { kind: "delivery.confirmed", actor: "ann", detail: { undo: "30s" } },
      { kind: "delivery.started", actor: "ann", detail: { validity: "3d" } },
    ]);
  });

  test("once called back it is ready, and time changes nothing", async () => {
    const id = await ready();
    await confirmDelivery(database.db, id, "ann", NOW, { undo: 30 * SECOND });
    await cancelConfirmation(database.db, id, "bob", NOW + SECOND);
    await startDue(database.db, NOW + HOUR);
    expect(await read(id)).toMatchObject({ state: "ready", analysed: true, startedAt: null });
    const due = await database.db.query("select 1 from delivery_parts where delivery_id = $1 and due_at is not null", [
      id,
    ]);
    expect(due).toEqual([]);
  });

  test("stopping it cancels all of it", async () => {
    const id = await ready();
    await confirmDelivery(database.db, id, "ann", NOW, { undo: 30 * SECOND });
    await stopDelivery(database.db, id, "ann", NOW + SECOND);
    await settleDelivery(database.db, id, NOW + SECOND);
    await startDue(database.db, NOW + MINUTE);
    expect((await read(id)).state).toBe("stopped");
    const sums = await database.db.query("select sum(cancelled) as n from delivery_parts where delivery_id = $1", [id]);
    expect(sums).toEqual([{ n: 3 }]);
  });

  test("calling back and beginning at the same moment: exactly one of them happens", async () => {
    const id = await ready();
    await confirmDelivery(database.db, id, "ann", NOW, { undo: SECOND });
    const [called] = await Promise.all([
      cancelConfirmation(database.db, id, "bob", NOW + SECOND).then(
        () => true,
        () => false,
      ),
      startDue(database.db, NOW + SECOND),
      startDue(database.db, NOW + SECOND),
    ]);
    expect((await read(id)).state).toBe(called ? "ready" : "in-progress");
    const started = (await events(id)).filter(({ kind }) => kind === "delivery.started");
    expect(started).toHaveLength(called ? 0 : 1);
  });
});

describe("the number of people", () => {
  const SCREEN = { onScreen: true, undo: 0 };
  test.each([
    ["another number is refused wherever it is said", { toDeliver: 4 }, null, "confirm-count"],
    ["the right one is taken", { toDeliver: 3 }, 0, null],
    ["above the limit a screen must say it", SCREEN, 2, "confirm-count"],
    ["up to the limit it need not", SCREEN, 3, null],
    ["without a limit nobody is asked", SCREEN, null, null],
    ["programs are not asked", {}, 0, null],
  ])("%s", async (_, wish, countAbove, refused) => {
    const id = await ready();
    await database.db.query("insert into platform_settings (settings, updated_at) values ($1, now())", [
      JSON.stringify({ start: { undo: "30s", countAbove, tolerance: "1h" } }),
    ]);
    const answer = confirmDelivery(database.db, id, "ann", NOW, wish);
    if (refused === null) await answer;
    else await expect(answer).rejects.toMatchObject({ code: refused, params: { toDeliver: 3 } });
    expect((await read(id)).state).toBe(refused === null ? "in-progress" : "ready");
  });
});

describe("a schedule", () => {
  test("is kept as an instant and a zone, begins in its time, in the name of whoever said so", async () => {
    const id = await ready();
    expect(await schedule(id, { toDeliver: 3 })).toEqual({ startAt: AT });
    expect((await read(id)).schedule).toEqual({
      at: "2026-11-21T11:00:00.000Z",
      zone: "Europe/Paris",
      local: "2026-11-21T12:00:00",
      notLaterThan: "2026-11-21T12:00:00.000Z",
      by: "ann",
    });
    expect(await startDue(database.db, AT - 1)).toBe(AT);
    await startDue(database.db, AT + 59 * MINUTE);
    expect(await read(id)).toMatchObject({ state: "in-progress", validUntil: "2026-11-24T11:59:00.000Z" });
    expect((await events(id)).at(-1)).toMatchObject({ kind: "delivery.started", actor: "ann" });
  });

  test("a system that comes back too late leaves it to a person", async () => {
    const id = await ready();
    await schedule(id);
    await startDue(database.db, AT + HOUR + 1);
    expect(await read(id)).toMatchObject({
      state: "ready",
      holdReason: "It was to start at 2026-11-21T11:00:00.000Z, not later than 2026-11-21T12:00:00.000Z",
    });
    expect((await events(id)).at(-1)).toMatchObject({ kind: "delivery.missed", actor: "worker" });
    await confirmDelivery(database.db, id, "bob", AT + 2 * HOUR);
    expect(await read(id)).toMatchObject({ state: "in-progress", holdReason: null });
  });

  test("can be changed and cancelled; only the last word counts", async () => {
    const id = await ready();
    await schedule(id);
    await schedule(id, { at: "2026-11-21T13:00", notLaterThan: "2026-11-21T13:05" });
    await startDue(database.db, AT);
    expect((await read(id)).schedule).toMatchObject({
      at: "2026-11-21T12:00:00.000Z",
      notLaterThan: "2026-11-21T12:05:00.000Z",
    });
    await unscheduleDelivery(database.db, id, "ann", AT);
    await startDue(database.db, AT + HOUR);
    expect(await read(id)).toMatchObject({ state: "ready", holdReason: null });
  });

  test.each([
    ["a zone that does not exist", { zone: "Mars/Olympus" }, "/zone", "unknown-zone"],
    ["the past", { at: "2026-11-20T12:00" }, "/at", "past"],
    ["an hour that clocks leave out", { at: "2027-03-28T02:30" }, "/at", "time-gap"],
  ])("%s is refused, and nothing is scheduled", async (_, change, pointer, code) => {
    const id = await ready();
    await expect(schedule(id, change)).rejects.toMatchObject({ code: "invalid-input", errors: [{ pointer, code }] });
    expect((await read(id)).state).toBe("ready");
  });

  test("what speaks against it is said at once, or at its time to a person", async () => {
    const wants = async () => {
      const id = await seedDelivery(database.db, {
        audience: await importCsv(database.db, "email\na@one.example\n"),
        settings: settingsSchema.parse({}),
      });
      await analyse(database.db, id);
      return id;
    };
    const switchOn = (id: number) =>
      database.db.query(`update deliveries set settings = jsonb_set(settings, '{archive,on}', 'true') where id = $1`, [
        id,
      ]);
    const now = await wants();
    await switchOn(now);
    await expect(schedule(now)).rejects.toMatchObject({ code: "archive-missing" });
    const later = await wants();
    await schedule(later);
    await switchOn(later);
    await startDue(database.db, AT);
    expect(await read(later)).toMatchObject({ state: "ready", startedAt: null });
    expect((await read(later)).holdReason).toMatch(/copies for the archive/);
  });
});

test("whoever left or was quarantined since the analysis gets nothing, and the figures stay true", async () => {
  const { db } = database;
  const emails = ["stays@late.example", "leaves@late.example", "fails@late.example", "old@late.example"];
  const audience = await importCsv(db, `email\n${emails.join("\n")}\n`);
  await db.query("update recipients set denylisted_at = $1 where address = 'old@late.example'", [new Date(NOW - HOUR)]);
  const id = await seedDelivery(db, { audience });
  await analyse(db, id);
  await schedule(id);
  await db.query("update recipients set denylisted_at = $1 where address = 'leaves@late.example'", [
    new Date(NOW + MINUTE),
  ]);
  await db.query(
    `insert into quarantine (match_key, address, status, reason, updated_at)
     select match_key, address, 'quarantined', 'user-unknown', $1 from recipients where address = 'fails@late.example'`,
    [new Date(NOW + MINUTE)],
  );
  await startDue(db, AT);
  const rows = await db.query(
    `select m.address, m.status from messages m join delivery_parts p on p.id = m.part_id
      where p.delivery_id = $1 order by m.address`,
    [id],
  );
  expect(rows).toEqual([
    { address: "fails@late.example", status: "cancelled" },
    { address: "leaves@late.example", status: "cancelled" },
    { address: "stays@late.example", status: "pending" },
  ]);
  expect(
    await db.query(
      "select sum(pending) as pending, sum(cancelled) as cancelled from delivery_parts where delivery_id = $1",
      [id],
    ),
  ).toEqual([{ pending: 1, cancelled: 2 }]);
  expect((await events(id)).at(-1)).toMatchObject({ detail: { cancelled: 2 } });
});

test("fifty confirmations at once start a delivery once", async () => {
  const id = await ready();
  const answers = await Promise.all(
    Array.from({ length: 50 }, (_, i) =>
      (i % 2 === 0 ? confirmDelivery(database.db, id, `op-${i}`, NOW) : schedule(id)).then(
        () => "done",
        (error: { code: string }) => error.code,
      ),
    ),
  );
  expect(answers).toContain("done");
  const began = (await events(id)).filter(({ kind }) => kind === "delivery.confirmed");
  const { state } = await read(id);
  expect(began).toHaveLength(state === "in-progress" ? 1 : 0);
  expect(["in-progress", "scheduled"]).toContain(state);
});
