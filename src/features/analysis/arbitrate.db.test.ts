/** Who goes first among deliveries that are planned: by weights of each person, and when the heavier one is analysed last. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { createTestDatabase, type TestDatabase } from "../../../test/database.ts";
import { CONTENT_DEPS, seedDelivery } from "../../../test/seed-delivery.ts";
import { addRules, listOf, reasonsOf, settingsWith } from "../../../test/population.ts";
import type { Checklist } from "../../contract/index.ts";
import { DAY } from "../../core/time.ts";
import { confirmDelivery, readDelivery, settleDelivery } from "../deliveries/index.ts";
import { beginAnalysis, runAnalysis } from "./analyse-delivery.ts";

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());

const rows = <T = Record<string, unknown>>(sql: string, params: unknown[] = []) => database.db.query<T>(sql, params);
const now = Date.parse("2026-03-01T09:00:00Z");
const on = (day: string) => ({ plannedFor: `${day}T09:00:00.000Z` });

async function analyseAt(id: number, at = now): Promise<Checklist> {
  await beginAnalysis(database.db, id, "test", at);
  return runAnalysis(database.db, id, () => at, CONTENT_DEPS);
}

const create = (audience: { list: string }, settings: object) =>
  seedDelivery(database.db, { audience, settings: settingsWith(settings as Record<string, unknown>) });
const analysed = async (audience: { list: string }, settings: object) => {
  const id = await create(audience, settings);
  return { id, checklist: await analyseAt(id) };
};

let people = 0;
/** So many people with scores from 0. */
const listed = (count: number) => {
  const run = ++people;
  const lines = Array.from({ length: count }, (_, i) => `p${i}@l${run}.example,${i}`);
  return listOf(database.db, `email,score\n${lines.join("\n")}\n`);
};
const pressure = (definition: object) => addRules(database.db, [{ kind: "pressure", name: "Quiet", definition }]);

/** All places that say how many messages a delivery has agree. */
async function figures(id: number) {
  const [row] = await rows<Record<string, number>>(
    `select targeted, excluded, to_deliver,
            (select coalesce(sum(count), 0) from delivery_exclusions where delivery_id = d.id) as by_reason,
            (select count(*) from exclusions where delivery_id = d.id) as listed,
            (select coalesce(sum(to_deliver), 0) from delivery_parts where delivery_id = d.id and not seeds) as in_parts,
            (select coalesce(sum(to_deliver), 0) from destination_counters where delivery_id = d.id) as at_destinations,
            (select coalesce(sum(to_deliver), d.to_deliver) from delivery_waves where delivery_id = d.id) as in_waves,
            (select coalesce(min(messages), d.to_deliver) from capacity_uses where delivery_id = d.id) as of_capacity,
            (select count(*) from delivery_parts p join messages m on m.part_id = p.id where p.delivery_id = d.id and not p.seeds) as messages
       from deliveries d where id = $1`,
    [id],
  );
  const { targeted = 0, excluded = 0, to_deliver: left = 0, ...rest } = row!;
  expect(targeted).toBe(excluded + left);
  expect(rest).toEqual({
    by_reason: excluded,
    listed: excluded,
    in_parts: left,
    at_destinations: left,
    in_waves: left,
    of_capacity: left,
    messages: left,
  });
  return { excluded, left };
}

/** Until some analysis asks again for a delivery that somebody has. */
async function isAsking(): Promise<void> {
  await expect
    .poll(() => rows("select 1 from pg_stat_activity where query like 'select pg_sleep(0.05)%' and state = 'active'"), {
      interval: 5,
      timeout: 10_000,
    })
    .toHaveLength(1);
}

const eventsOf = (id: number) =>
  rows<{ kind: string; detail: object }>(
    "select kind, detail from delivery_events where delivery_id = $1 and kind in ('analysis.gave-way', 'analysis.went-first') order by id",
    [id],
  );

describe("a delivery that is analysed later and goes first", () => {
  test("takes the people of both out of the lighter one; both say so, and all figures follow", async () => {
    const audience = await listed(40);
    const typology = await addRules(database.db, [
      { kind: "pressure", name: "Quiet", definition: { threshold: 1, days: 7 } },
      {
        kind: "capacity",
        name: "Hotline",
        definition: { lines: [{ from: "2026-03-01", to: "2026-03-31", messages: 999 }] },
      },
    ]);
    const waves = { kind: "equal", size: "30%", every: "1h" };
    const light = await analysed(audience, { typology, partSize: 10, waves });
    expect(light.checklist.toDeliver).toBe(40);
    const some = { segment: { attribute: "score", is: "at-least", value: 15 } };
    const heavy = await analysed(audience, { weight: 6, exclude: [{ segment: { not: some.segment } }] });
    expect(heavy.checklist.toDeliver).toBe(25);
    expect(await figures(light.id)).toEqual({ excluded: 25, left: 15 });
    const reasons = await reasonsOf(database.db, light.id);
    expect(new Set(Object.values(reasons).map(String))).toEqual(new Set(["excluded-by-arbitration,Quiet"]));
    const detail = { messages: 25, rules: "Quiet" };
    expect(await eventsOf(light.id)).toEqual([
      { kind: "analysis.gave-way", detail: { ...detail, to: String(heavy.id) } },
    ]);
    expect(await eventsOf(heavy.id)).toEqual([
      { kind: "analysis.went-first", detail: { ...detail, before: String(light.id) } },
    ]);
    const said = (id: number) =>
      rows<{ id: string }>(
        "select id from checklist_items where delivery_id = $1 and id in ('gave-way', 'went-first')",
        [id],
      );
    expect([await said(light.id), await said(heavy.id)]).toEqual([[{ id: "gave-way" }], [{ id: "went-first" }]]);
    expect(heavy.checklist.items).toContainEqual(expect.objectContaining({ id: "went-first", level: "info" }));
    await confirmDelivery(database.db, light.id, "test", now);
    expect((await readDelivery(database.db, String(light.id))).state).toBe("in-progress");
  });

  test("the same people are left as when the lighter one is analysed again", async () => {
    const audience = await listed(30);
    const typology = await pressure({ threshold: { attribute: "score", otherwise: 1 }, days: 7 });
    await analysed(audience, { weight: 9 });
    const light = await analysed(audience, { typology });
    await analysed(audience, { weight: 6 });
    const left = await figures(light.id);
    expect(left).toEqual({ excluded: 3, left: 27 });
    expect((await analyseAt(light.id)).toDeliver).toBe(left.left);
  });

  test.each([
    ["is heavier but later than the period", { weight: 9, ...on("2026-03-20") }, {}, 0],
    ["is of a nature that the rule does not count", { weight: 9, nature: "service" }, { natures: ["marketing"] }, 0],
    ["is only tried out", { weight: 9, mode: "verify" }, {}, 0],
    ["is lighter", { weight: 4 }, {}, 0],
    ["is of equal weight and no earlier", {}, {}, 0],
    ["is heavier, and the rule counts nothing planned", { weight: 9 }, { planned: false }, 0],
    ["is heavier", { weight: 6, ...on("2026-03-08") }, {}, 3],
  ])("not where it %s", async (_, settings, rule, excluded) => {
    const audience = await listed(3);
    const typology = await pressure({ threshold: 1, days: 7, ...rule });
    const light = await analysed(audience, { typology, ...on("2026-03-05") });
    await analysed(audience, {
      ...settings,
      plannedFor: (settings as { plannedFor?: string }).plannedFor ?? on("2026-03-06").plannedFor,
    });
    expect(await figures(light.id)).toEqual({ excluded, left: 3 - excluded });
  });

  test("of equal weight the earlier one does; among those that give way the first keeps what is left", async () => {
    const audience = await listed(2);
    const typology = await pressure({ threshold: 2, days: 7 });
    const third = await analysed(audience, { typology, ...on("2026-03-06") });
    const second = await analysed(audience, { typology, ...on("2026-03-05") });
    expect([await figures(second.id), await figures(third.id)]).toMatchObject([{ left: 2 }, { left: 2 }]);
    await analysed(audience, { typology, ...on("2026-03-04") });
    expect([await figures(second.id), await figures(third.id)]).toMatchObject([{ left: 2 }, { left: 0 }]);
    await confirmDelivery(database.db, third.id, "test", now);
    await settleDelivery(database.db, third.id, now);
    expect((await readDelivery(database.db, String(third.id))).state).toBe("finished");
  });

  test("not from one that begins in a moment or has begun", async () => {
    const audience = await listed(2);
    const typology = await pressure({ threshold: 1, days: 7 });
    const begun = await analysed(audience, { typology });
    await confirmDelivery(database.db, begun.id, "test", now, { undo: 60_000 });
    await analysed(audience, { weight: 9 });
    expect(await figures(begun.id)).toMatchObject({ left: 2 });
  });

  test("from one that is scheduled, also while somebody has it for a moment, but never waiting for whoever has it for long", async () => {
    const audience = await listed(2);
    const typology = await pressure({ threshold: 1, days: 7 });
    const light = await analysed(audience, { typology });
    await rows(
      "update deliveries set state = 'scheduled', start_at = $2, start_not_after = $2, start_by = 'test' where id = $1",
      [light.id, new Date(now + DAY)],
    );
    const heavy = await create(audience, { weight: 9 });
    const whileHeld = async (until: (ended: Promise<unknown>) => Promise<unknown>) => {
      let ended: Promise<unknown> = Promise.resolve();
      await database.db.transaction(async (tx) => {
        await tx.query("select 1 from deliveries where id = $1 for update", [light.id]);
        ended = analyseAt(heavy);
        await until(ended);
      });
      await ended;
    };
    await whileHeld((ended) => ended);
    expect(await figures(light.id)).toMatchObject({ left: 2 });
    await whileHeld(isAsking);
    expect(await figures(light.id)).toMatchObject({ left: 0 });
  });

  test("many at once, with confirmations and edits in between, end with the heaviest and nobody over the limit", async () => {
    const audience = await listed(12);
    const typology = await pressure({ threshold: 1, days: 7 });
    const ids: number[] = [];
    for (const weight of [3, 7, 5, 9, 1, 8]) ids.push(await create(audience, { typology, weight }));
    const busy = async (id: number) => {
      await rows("update deliveries set label = label where id = $1", [id]);
    };
    await Promise.all(ids.flatMap((id) => [analyseAt(id), busy(id), busy(ids[0]!)]));
    const left = await Promise.all(ids.map(async (id) => (await figures(id)).left));
    expect(left).toEqual([0, 0, 0, 12, 0, 0]);
  });
});

describe("a weight of each person", () => {
  const weights = { attribute: "score" };
  const cases = { cases: [{ segment: { attribute: "score", is: "at-least", value: 6 }, weight: 9 }] };

  test.each([
    ["by a number of theirs", weights, 5],
    ["by segments", cases, 4],
  ])("%s decides for each who goes first, whichever was analysed last", async (_, weightsOf, goesFirst) => {
    const typology = await pressure({ threshold: 1, days: 7 });
    const weighed = { weight: 4, population: { weights: weightsOf } };
    const audience = await listed(10);
    await analysed(audience, weighed);
    expect((await analysed(audience, { typology })).checklist.toDeliver).toBe(10 - goesFirst);
    const other = await listed(10);
    const before = await analysed(other, { typology });
    expect(before.checklist.toDeliver).toBe(10);
    await analysed(other, weighed);
    expect(await figures(before.id)).toMatchObject({ excluded: 4, left: 6 });
  });

  test("is the delivery's for whoever has none", async () => {
    const audience = await listOf(database.db, "email,score\nnone@w.example,\nlow@w.example,1\nodd@w.example,x\n");
    const typology = await pressure({ threshold: 1, days: 7 });
    await analysed(audience, { weight: 6, population: { weights } });
    const mine = await analysed(audience, { typology });
    expect(Object.keys(await reasonsOf(database.db, mine.id))).toEqual(["none@w.example", "odd@w.example"]);
  });

  test("on one's own side, too", async () => {
    const audience = await listed(10);
    const typology = await pressure({ threshold: 1, days: 7 });
    await analysed(audience, { weight: 6 });
    const mine = await analysed(audience, { typology, population: { weights } });
    expect(mine.checklist.toDeliver).toBe(3);
    expect(await reasonsOf(database.db, mine.id)).toHaveProperty([`p6@l${people}.example`]);
  });
});
