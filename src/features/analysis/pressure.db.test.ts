/** Pressure and capacity rules on a real database: what counts, for whom, and who goes first. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { createTestDatabase, type TestDatabase } from "../../../test/database.ts";
import { CONTENT_DEPS, seedDelivery } from "../../../test/seed-delivery.ts";
import { addRules, listOf, reasonsOf, settingsWith } from "../../../test/population.ts";
import type { Checklist } from "../../contract/index.ts";
import { DAY } from "../../core/time.ts";
import { confirmDelivery } from "../deliveries/index.ts";
import { beginAnalysis, runAnalysis } from "./analyse-delivery.ts";

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());

const rows = <T = Record<string, unknown>>(sql: string, params: unknown[] = []) => database.db.query<T>(sql, params);
const at = (day: string) => Date.parse(`${day}T09:00:00Z`);

async function analyseAt(id: number, now: number): Promise<Checklist> {
  await beginAnalysis(database.db, id, "test", now);
  return runAnalysis(database.db, id, () => now, CONTENT_DEPS);
}

async function create(audience: { list: string }, settings: object): Promise<number> {
  return seedDelivery(database.db, { audience, settings: settingsWith(settings as Record<string, unknown>) });
}

/** Analysed and, if anybody is left, sent on that day; with this status to all. */
async function sendOn(now: number, audience: { list: string }, settings: object, status = "sent"): Promise<Checklist> {
  const id = await create(audience, settings);
  const checklist = await analyseAt(id, now);
  if (checklist.toDeliver === 0) return checklist;
  await confirmDelivery(database.db, id, "test", now);
  await rows(
    `update messages set status = $2, final_at = $3 where part_id in (select id from delivery_parts where delivery_id = $1)`,
    [id, status, new Date(now)],
  );
  await rows(
    "update delivery_parts set pending = 0, sent = case when $2 = 'sent' then to_deliver else 0 end, failed = case when $2 = 'sent' then 0 else to_deliver end where delivery_id = $1",
    [id, status],
  );
  await rows("update deliveries set state = 'finished', finished_at = $2 where id = $1", [id, new Date(now)]);
  return checklist;
}

let people = 0;
const onePerson = () => listOf(database.db, `email,status,quota\nreader${++people}@p.example,1,\n`);
const pressure = (definition: object) => addRules(database.db, [{ kind: "pressure", name: "Pressure", definition }]);

describe("17: pressure of 3 in 14 days over six newsletters of equal weight leaves out", () => {
  const dates = ["2026-05-30", "2026-06-03", "2026-06-08", "2026-06-12", "2026-06-22", "2026-06-30"];

  test.each([
    ["12/6 without grouping", "none", ["2026-06-12"]],
    ["12/6 and 30/6 by month", "month", ["2026-06-12", "2026-06-30"]],
    ["12/6, 22/6 and 30/6 by quarter", "quarter", ["2026-06-12", "2026-06-22", "2026-06-30"]],
  ])("%s", async (_, grouping, excluded) => {
    const audience = await onePerson();
    const typology = await pressure({ threshold: 3, days: 14, grouping });
    const refused: string[] = [];
    for (const day of dates) {
      const checklist = await sendOn(at(day), audience, { typology });
      if (checklist.excluded["excluded-by-arbitration"] === 1) refused.push(day);
    }
    expect(refused).toEqual(excluded);
  });

  test.each([
    ["12/6 without grouping", "none", ["2026-06-12"]],
    ["12/6 and 30/6 by month", "month", ["2026-06-12", "2026-06-30"]],
  ])("%s, all planned beforehand", async (_, grouping, excluded) => {
    const audience = await onePerson();
    const typology = await pressure({ threshold: 3, days: 14, grouping });
    const refused: string[] = [];
    for (const day of dates) {
      const id = await create(audience, { typology, plannedFor: new Date(at(day)).toISOString() });
      const checklist = await analyseAt(id, at("2026-05-20"));
      if (checklist.excluded["excluded-by-arbitration"] === 1) refused.push(day);
    }
    expect(refused).toEqual(excluded);
  });
});

test("18: pressure by status: prospects get 2 and customers 4 in 7 days", async () => {
  const audience = await listOf(database.db, "email,status\nprospect@k.example,0\ncustomer@k.example,1\n");
  const prospects = { segment: { attribute: "status", is: "equals", value: 0 }, threshold: 2 };
  const typology = await pressure({ threshold: { cases: [prospects], otherwise: 4 }, days: 7 });
  const reached: number[] = [];
  for (const day of [1, 2, 3, 4, 5]) {
    reached.push((await sendOn(at(`2026-03-0${day}`), audience, { typology })).toDeliver);
  }
  expect(reached).toEqual([2, 2, 1, 1, 0]);
  expect((await sendOn(at("2026-03-11"), audience, { typology })).toDeliver).toBe(2);
});

describe("a threshold", () => {
  test("of 0 forbids everything, a person's own counts where they have one", async () => {
    const audience = await listOf(
      database.db,
      "email,quota\nnone@t.example,0\ntwo@t.example,2\nbad@t.example,lots\nnobody@t.example,\nminus@t.example,-3\n",
    );
    const typology = await pressure({ threshold: { attribute: "quota", otherwise: 1 }, days: 7 });
    expect((await sendOn(at("2026-03-01"), audience, { typology })).toDeliver).toBe(3);
    const id = await create(audience, { typology });
    expect((await analyseAt(id, at("2026-03-02"))).toDeliver).toBe(1);
    const left = Object.keys(await reasonsOf(database.db, id));
    expect(left).not.toContain("two@t.example");
    const all = await pressure({ threshold: 0, days: 1 });
    expect((await sendOn(at("2026-03-03"), audience, { typology: all })).toDeliver).toBe(0);
  });

  test("is for those only whom the rule is for", async () => {
    const audience = await listOf(database.db, "email,vip\nvip@r.example,yes\nother@r.example,\n");
    const recipients = { segment: { not: { attribute: "vip", is: "equals", value: "yes" } } };
    const typology = await pressure({ threshold: 1, days: 30, recipients });
    await sendOn(at("2026-03-01"), audience, {});
    const id = await create(audience, { typology });
    await analyseAt(id, at("2026-03-02"));
    expect(await reasonsOf(database.db, id)).toEqual({ "other@r.example": ["excluded-by-arbitration", "Pressure"] });
  });
});

describe("of what is out", () => {
  const after = async (settings: object, status: string, rule: object = {}) => {
    const audience = await onePerson();
    const typology = await pressure({ threshold: 1, days: 7, ...rule });
    await sendOn(at("2026-03-01"), audience, settings, status);
    return (await analyseAt(await create(audience, { typology }), at("2026-03-05"))).toDeliver;
  };

  test.each([
    ["what was sent counts", {}, "sent", {}, 0],
    ["what may have arrived counts", {}, "in-doubt", {}, 0],
    ["what still waits counts", {}, "taken-into-account", {}, 0],
    ["what failed does not", {}, "failed", {}, 1],
    ["what was cancelled does not", {}, "cancelled", {}, 1],
    ["what was only tried out does not", { mode: "verify" }, "sent", {}, 1],
    ["another nature does not", { nature: "service" }, "sent", { natures: ["marketing"] }, 1],
    ["any nature does when the rule names none", { nature: "service" }, "sent", {}, 0],
    ["what is older does not", {}, "sent", { days: 3 }, 1],
    ["what is older but in the same month does", {}, "sent", { days: 3, grouping: "month" }, 0],
  ])("%s", async (_, settings, status, rule, toDeliver) => {
    expect(await after(settings, status, rule)).toBe(toDeliver);
  });
});

describe("of what is planned", () => {
  const now = at("2026-03-01");
  const planned = async (other: object, mine: object, rule: object = {}) => {
    const audience = await onePerson();
    await analyseAt(await create(audience, other), now);
    const typology = await pressure({ threshold: 1, days: 7, ...rule });
    return (await analyseAt(await create(audience, { typology, ...mine }), now)).toDeliver;
  };
  const on = (days: number) => ({ plannedFor: new Date(now + days * DAY).toISOString() });

  test.each([
    ["the heavier counts", { ...on(2), weight: 6 }, on(1), {}, 0],
    ["the lighter does not", { weight: 4 }, on(1), {}, 1],
    ["of equal ones the earlier counts", on(1), on(2), {}, 0],
    ["of equal ones the later does not", on(3), on(2), {}, 1],
    ["what is beyond the period does not", { ...on(9), weight: 9 }, on(1), {}, 1],
    ["nothing does when the rule says so", { weight: 9 }, {}, { planned: false }, 1],
  ])("%s", async (_, other, mine, rule, toDeliver) => {
    expect(await planned(other, mine, rule)).toBe(toDeliver);
  });

  test("two at once cannot both spend what is left", async () => {
    const audience = await onePerson();
    const typology = await pressure({ threshold: 1, days: 7 });
    const ids = [await create(audience, { typology }), await create(audience, { typology })];
    const checklists = await Promise.all(ids.map((id) => analyseAt(id, now)));
    expect(checklists.map(({ toDeliver }) => toDeliver).toSorted((a, b) => a - b)).toEqual([0, 1]);
  });

  test("a draft that was analysed and edited again does not count, and nobody counts against themselves", async () => {
    const audience = await onePerson();
    const typology = await pressure({ threshold: 1, days: 7 });
    const id = await create(audience, { typology });
    await analyseAt(id, now);
    expect((await analyseAt(id, now)).toDeliver).toBe(1);
    await rows("update deliveries set state = 'editing' where id = $1", [id]);
    expect((await analyseAt(await create(audience, { typology }), now)).toDeliver).toBe(1);
  });
});

describe("capacity", () => {
  const lines = [
    { from: "2026-03-01", to: "2026-03-07", messages: 5 },
    { from: "2026-03-08", to: "2026-03-08", messages: 2 },
  ];
  const capacity = (definition: object) => addRules(database.db, [{ kind: "capacity", name: "Hotline", definition }]);
  const fourPeople = () =>
    listOf(database.db, `email,points\n${[3, 1, 4, 2].map((p) => `c${++people}p${p}@c.example,${p}`).join("\n")}\n`);

  test("excludes whom there is no room for, the most important stay; other periods have their own", async () => {
    const typology = await capacity({ lines, excludeExcess: true, by: { attribute: "points" } });
    expect((await sendOn(at("2026-03-01"), await fourPeople(), { typology })).toDeliver).toBe(4);
    const id = await create(await fourPeople(), { typology });
    const checklist = await analyseAt(id, at("2026-03-06"));
    expect(checklist).toMatchObject({ toDeliver: 1, excluded: { "excluded-by-arbitration": 3 } });
    expect(checklist.items).toContainEqual(
      expect.objectContaining({
        id: "capacity-exceeded",
        level: "warning",
        title: "There is no capacity for 3 messages: Hotline",
      }),
    );
    expect(Object.keys(await reasonsOf(database.db, id)).map((address) => address.slice(-11, -10))).not.toContain("4");
    expect((await analyseAt(await create(await fourPeople(), { typology }), at("2026-03-08"))).toDeliver).toBe(2);
    expect((await analyseAt(await create(await fourPeople(), { typology }), at("2026-03-09"))).toDeliver).toBe(4);
  });

  test("only tells when it is not to exclude; what is drafted, deleted, cancelled or analysed again takes nothing twice", async () => {
    const typology = await capacity({ lines });
    const first = await create(await fourPeople(), { typology });
    await analyseAt(first, at("2026-03-01"));
    await analyseAt(first, at("2026-03-02"));
    const second = await create(await fourPeople(), { typology });
    const told = async () =>
      (await analyseAt(second, at("2026-03-02"))).items.filter(({ id }) => id.startsWith("capacity"));
    const [item] = await told();
    expect(item).toMatchObject({ id: "capacity-exceeded", level: "warning" });
    expect(item?.detail).toContain("5 messages can be taken, other deliveries take 4, this one wants 4");
    await rows("update deliveries set state = 'editing' where id = $1", [first]);
    expect(await told()).toMatchObject([{ id: "capacity", level: "info" }]);
  });

  test("two at once do not take more than there is", async () => {
    const typology = await capacity({ lines, excludeExcess: true });
    const ids = [await create(await fourPeople(), { typology }), await create(await fourPeople(), { typology })];
    const checklists = await Promise.all(ids.map((id) => analyseAt(id, at("2026-03-03"))));
    expect(checklists.map(({ toDeliver }) => toDeliver).toSorted((a, b) => a - b)).toEqual([1, 4]);
  });
});
