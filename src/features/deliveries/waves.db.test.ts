/** Waves on a real database: who leaves when, what pauses, stops and breaks do to them, and who is taken out at the last moment. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { z } from "zod";

import { createTestDatabase, type TestDatabase } from "../../../test/database.ts";
import { analyse, importCsv, NOW, seedDelivery } from "../../../test/seed-delivery.ts";
import { settingsSchema } from "../../contract/index.ts";
import { DAY, formatInstant, HOUR, MINUTE } from "../../core/time.ts";
import { leaseParts } from "../../mta/store.ts";
import { pauseDelivery, resumeDelivery, settleDelivery, stopDelivery } from "./lifecycle.ts";
import { showDelivery } from "./show-delivery.ts";
import { confirmDelivery, scheduleDelivery, startDue } from "./start-delivery.ts";

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());

type Waves = z.input<typeof settingsSchema>["waves"];
const THREE: Waves = { kind: "equal", size: "40%", every: "2h" };

async function ready(people: number, waves: Waves = THREE, name = "w"): Promise<number> {
  const emails = Array.from({ length: people }, (_, i) => `${name}${i}@${i % 3 === 0 ? "one" : "two"}.example`);
  const id = await seedDelivery(database.db, {
    audience: await importCsv(database.db, `email\n${emails.join("\n")}\n`),
    settings: settingsSchema.parse({ validity: "3d", partSize: 10, waves }),
  });
  await analyse(database.db, id);
  return id;
}

async function started(people = 50, name = "w"): Promise<number> {
  const id = await ready(people, THREE, name);
  await confirmDelivery(database.db, id, "ann", NOW);
  return id;
}

const read = (id: number) => showDelivery(database.db, String(id));
const states = async (id: number) => (await read(id)).waves?.map(({ state }) => state);
const due = (id: number) =>
  database.db.query<{ wave: number; parts: number; messages: number }>(
    `select wave, count(*) as parts, sum(pending) as messages from delivery_parts
      where delivery_id = $1 and due_at is not null group by wave order by wave`,
    [id],
  );
const dueWaves = async (id: number) => (await due(id)).map(({ wave }) => wave);
const lastEvent = async (id: number) =>
  (
    await database.db.query<{ kind: string; detail: object }>(
      "select kind, detail from delivery_events where delivery_id = $1 order by id desc limit 1",
      [id],
    )
  )[0];
/** As senders do with what leaves. */
const send = (id: number, wave: number) =>
  database.db.query(
    `with gone as (update messages m set status = 'sent' from delivery_parts p
       where p.id = m.part_id and p.delivery_id = $1 and p.wave = $2 and m.status = 'pending')
     update delivery_parts set sent = sent + pending, pending = 0, due_at = null where delivery_id = $1 and wave = $2`,
    [id, wave],
  );

describe("the analysis", () => {
  test("puts everybody into exactly one wave, parts into one each, and says how large they are", async () => {
    const id = await ready(50);
    const rows = await database.db.query<{ wave: number; n: number; people: number }>(
      `select p.wave, sum(p.to_deliver) as n, count(distinct m.recipient_id) as people
         from delivery_parts p join (select part_id, recipient_id from messages) m on m.part_id = p.id
        where p.delivery_id = $1 group by p.wave order by p.wave`,
      [id],
    );
    expect(rows.map(({ wave, people }) => [wave, people])).toEqual([
      [1, 20],
      [2, 20],
      [3, 10],
    ]);
    const all = await database.db.query(
      "select count(distinct recipient_id) as n, count(*) as m from messages where part_id in (select id from delivery_parts where delivery_id = $1)",
      [id],
    );
    expect(all).toEqual([{ n: 50, m: 50 }]);
    expect((await read(id)).waves).toMatchObject([
      { number: 1, state: "planned", after: 0, startsAt: null, toDeliver: 20, pending: 20 },
      { number: 2, state: "planned", after: 7200, toDeliver: 20 },
      { number: 3, state: "planned", after: 14_400, toDeliver: 10, pending: 10 },
    ]);
    const items = await database.db.query(
      "select id, detail from checklist_items where delivery_id = $1 and id like 'wave%'",
      [id],
    );
    expect(items).toEqual([{ id: "waves", detail: "20 at the start, 20 after 2h, 10 after 4h" }]);
  });

  test("draws by chance, and the same people again when it is repeated", async () => {
    const id = await ready(300);
    const drawn = () =>
      database.db.query<{ recipient_id: number; wave: number }>(
        `select m.recipient_id, p.wave from delivery_parts p join messages m on m.part_id = p.id
          where p.delivery_id = $1 order by m.recipient_id`,
        [id],
      );
    const first = await drawn();
    await analyse(database.db, id);
    expect(await drawn()).toEqual(first);
    // Of the first third of the people, about 40 % are in the first wave: not all, not none.
    const early = first.slice(0, 100).filter(({ wave }) => wave === 1).length;
    expect(early).toBeGreaterThan(15);
    expect(early).toBeLessThan(70);
  });

  test("4: refuses a last wave after the end of the validity", async () => {
    const id = await ready(10, { kind: "calendar", waves: [{ size: "50%" }, { after: "4d" }] });
    expect(await read(id)).toMatchObject({ state: "editing" });
    await expect(confirmDelivery(database.db, id, "ann", NOW)).rejects.toMatchObject({ code: "action-not-allowed" });
  });

  test("a delivery that has none any more has none", async () => {
    const id = await ready(10);
    await database.db.query("update deliveries set settings = settings - 'waves' where id = $1", [id]);
    await analyse(database.db, id);
    expect((await read(id)).waves).toBeUndefined();
    await confirmDelivery(database.db, id, "ann", NOW);
    expect(await due(id)).toMatchObject([{ wave: 0, messages: 10 }]);
  });
});

describe("under way", () => {
  test("each wave is due at its time and not before; the last one ends the delivery", async () => {
    const id = await started();
    expect(await due(id)).toMatchObject([{ wave: 1, messages: 20 }]);
    expect(await states(id)).toEqual(["begun", "waiting", "waiting"]);
    expect((await read(id)).waves?.[1]?.startsAt).toBe(formatInstant(NOW + 2 * HOUR));
    expect(await startDue(database.db, NOW + 2 * HOUR - 1)).toBe(NOW + 2 * HOUR);
    expect(await dueWaves(id)).toEqual([1]);
    expect(await startDue(database.db, NOW + 2 * HOUR)).toBe(NOW + 4 * HOUR);
    expect(await dueWaves(id)).toEqual([1, 2]);
    expect(await lastEvent(id)).toMatchObject({ kind: "delivery.wave-started", detail: { waves: "2" } });
    await send(id, 1);
    await send(id, 2);
    await settleDelivery(database.db, id, NOW + 3 * HOUR);
    expect(await read(id)).toMatchObject({
      state: "in-progress",
      waves: [{ state: "done", sent: 20 }, { state: "done" }, { state: "waiting" }],
    });
    expect(await startDue(database.db, NOW + 4 * HOUR)).toBeNull();
    await send(id, 3);
    await settleDelivery(database.db, id, NOW + 5 * HOUR);
    expect(await read(id)).toMatchObject({ state: "finished" });
  });

  test("no sender gets hold of a later wave, however often parts are woken", async () => {
    const id = await started(50, "lease");
    const wish = { limit: 100, avoidDomains: [], isOthers: () => false };
    const leased = await leaseParts(database.db, "a-1", id, wish, NOW + DAY, NOW + DAY + MINUTE);
    const waves = await database.db.query("select distinct wave from delivery_parts where id = any($1)", [
      leased.map(({ partId }) => partId),
    ]);
    expect(waves).toEqual([{ wave: 1 }]);
  });

  test("two workers at once begin a wave once", async () => {
    const id = await started();
    await Promise.all([1, 2, 3].map(() => startDue(database.db, NOW + 2 * HOUR)));
    const events = await database.db.query(
      "select 1 from delivery_events where delivery_id = $1 and kind = 'delivery.wave-started'",
      [id],
    );
    expect(events).toHaveLength(1);
  });

  test("whoever went on the denylist or into quarantine since the analysis is taken out of the wave that begins", async () => {
    const id = await started(50, "left");
    const [denied, quarantined] = await database.db.query<{ recipient_id: number; address: string }>(
      `select m.recipient_id, m.address from messages m join delivery_parts p on p.id = m.part_id
        where p.delivery_id = $1 and p.wave = 2 order by m.recipient_id limit 2`,
      [id],
    );
    const [later] = await database.db.query<{ recipient_id: number }>(
      `select m.recipient_id from messages m join delivery_parts p on p.id = m.part_id
        where p.delivery_id = $1 and p.wave = 3 limit 1`,
      [id],
    );
    await database.db.query("update recipients set denylisted_at = $2 where id = any($1)", [
      [denied?.recipient_id, later?.recipient_id],
      new Date(NOW + HOUR),
    ]);
    await database.db.query(
      `insert into quarantine (match_key, address, status, reason, updated_at)
       select match_key, address, 'quarantined', 'user-unknown', $2 from recipients where id = $1`,
      [quarantined?.recipient_id, new Date(NOW + HOUR)],
    );
    await startDue(database.db, NOW + 2 * HOUR);
    expect((await read(id)).waves).toMatchObject([
      { cancelled: 0 },
      { state: "begun", cancelled: 2, pending: 18 },
      { state: "waiting", cancelled: 0, pending: 10 },
    ]);
    expect(await lastEvent(id)).toMatchObject({ detail: { waves: "2", cancelled: 2 } });
    await startDue(database.db, NOW + 4 * HOUR);
    expect((await read(id)).waves?.[2]).toMatchObject({ cancelled: 1, pending: 9 });
  });
});

describe("pause, resume, stop", () => {
  test("a paused delivery begins no wave; resumed, it begins what went by and keeps to the rest", async () => {
    const id = await started();
    await pauseDelivery(database.db, id, "ann", NOW + HOUR);
    await settleDelivery(database.db, id, NOW + HOUR);
    await startDue(database.db, NOW + 3 * HOUR);
    expect(await dueWaves(id)).toEqual([1]);
    await resumeDelivery(database.db, id, "ann", NOW + 3 * HOUR);
    expect(await dueWaves(id)).toEqual([1, 2]);
    expect(await states(id)).toEqual(["begun", "begun", "waiting"]);
    await startDue(database.db, NOW + 4 * HOUR);
    expect(await dueWaves(id)).toEqual([1, 2, 3]);
  });

  test("a stopped one cancels them, and they never begin", async () => {
    const id = await started();
    await send(id, 1);
    await stopDelivery(database.db, id, "ann", NOW + HOUR);
    await settleDelivery(database.db, id, NOW + HOUR);
    await startDue(database.db, NOW + 5 * HOUR);
    expect(await read(id)).toMatchObject({
      state: "stopped",
      waves: [
        { state: "done", sent: 20 },
        { state: "cancelled", cancelled: 20, pending: 0 },
        { state: "cancelled", cancelled: 10 },
      ],
    });
  });

  test("a system that comes back too late holds the delivery for a person, who goes on with it", async () => {
    const id = await started();
    await startDue(database.db, NOW + 3 * HOUR + MINUTE);
    const held = await read(id);
    expect([held.state, held.holdReason]).toEqual([
      "pausing",
      expect.stringMatching(/^Wave 2 was to begin at 2026-11-21T11:00/),
    ]);
    expect(await dueWaves(id)).toEqual([1]);
    await resumeDelivery(database.db, id, "ann", NOW + 3 * HOUR + 2 * MINUTE);
    expect(await dueWaves(id)).toEqual([1, 2]);
    expect(await read(id)).toMatchObject({ state: "in-progress", holdReason: null });
  });

  test("of a delivery that is scheduled, waves count from its start", async () => {
    const id = await ready(10);
    const at = NOW + DAY;
    await scheduleDelivery(database.db, id, "ann", NOW, {
      at: formatInstant(at),
      zone: "UTC",
      occurrence: "earlier",
      notLaterThan: null,
    });
    expect(await states(id)).toEqual(["planned", "planned", "planned"]);
    await startDue(database.db, at);
    expect((await read(id)).waves?.map(({ startsAt }) => startsAt)).toEqual(
      [0, 2, 4].map((hours) => formatInstant(at + hours * HOUR)),
    );
  });
});
