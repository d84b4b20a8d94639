/** What the rules of its typology make of the analysis of a delivery. */
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";

import { createTestDatabase, type TestDatabase } from "../../../test/database.ts";
import { analyse, CONTENT_DEPS, importCsv, NOW, seedDelivery } from "../../../test/seed-delivery.ts";
import { typologySchema } from "../../contract/typologies.ts";
import { settingsSchema, type ChecklistItem, type Content } from "../../contract/index.ts";
import { confirmDelivery } from "../deliveries/index.ts";
import { createTypology } from "../typologies/save-typology.ts";
import { beginAnalysis, runAnalysis } from "./analyse-delivery.ts";

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());
let number = 0;
beforeEach(() => void number++);

const WITHOUT_WAY_OUT_IN_TEXT = { html: "<p>Hello, unsubscribe</p>", text: "Hello" };

async function seed(rules: object[], content: Partial<Content> = {}): Promise<number> {
  const { id } = await createTypology(database.db, typologySchema.parse({ name: `Rules ${number}`, rules }), NOW);
  return seedDelivery(database.db, {
    content: {
      subject: "Hello",
      html: "<p>Hello, unsubscribe</p>",
      text: "Hello, unsubscribe",
      syntax: "liquid",
      ...content,
    },
    audience: await importCsv(database.db, `email\na${number}@a.example\nb${number}@a.example\nbroken\n`),
    settings: settingsSchema.parse({ validity: "3d", typology: id }),
  });
}
const control = (name: string, expression: string, more: object = {}) => ({
  kind: "control",
  name,
  expression,
  ...more,
});
const stored = (id: number) =>
  database.db.query<ChecklistItem>(
    "select id, level, rule from checklist_items where delivery_id = $1 order by position",
    [id],
  );
const brief = (items: readonly ChecklistItem[]) => items.map(({ id, level }) => `${id} ${level}`);

test("1: no unsubscribe link in the text part is one warning; raised to an error it keeps the delivery from being confirmed", async () => {
  const warned = await analyse(database.db, await seed([], WITHOUT_WAY_OUT_IN_TEXT));
  expect(warned.ready).toBe(true);
  expect(warned.items).toMatchObject([{ id: "no-unsubscribe-link-text", level: "warning", rule: "unsubscribe-link" }]);

  number++;
  const id = await seed([{ kind: "built-in", name: "unsubscribe-link", level: "error" }], WITHOUT_WAY_OUT_IN_TEXT);
  const stopped = await analyse(database.db, id);
  expect(stopped).toMatchObject({ ready: false, items: [{ id: "no-unsubscribe-link-text", level: "error" }] });
  await expect(confirmDelivery(database.db, id, "test", NOW)).rejects.toThrow();
  expect(await database.db.query("select 1 from delivery_parts where delivery_id = $1", [id])).toEqual([]);
});

test("a check that is switched off says nothing", async () => {
  const id = await seed(
    [{ kind: "built-in", name: "unsubscribe-link", level: "warning", active: false }],
    WITHOUT_WAY_OUT_IN_TEXT,
  );
  expect(await analyse(database.db, id)).toMatchObject({ ready: true, items: [] });
});

test("rules of operators speak in the order of their phases, each with its id, level and time", async () => {
  const id = await seed([
    control("Large", "content.size < 10", { phase: "before-personalisation", level: "info", order: 20 }),
    control("Holds", "content.hasText", { level: "error" }),
    control("Counts", 'counts.targeted = 3 and excluded("invalid-address") = 0', {
      phase: "after-target",
      message: "Clean the file",
    }),
    control("End", 'weekday(now, "Europe/Paris") < 6', { phase: "end" }),
    control("Start", 'startsWith(delivery.label, "2026")', { phase: "before-target", order: 90 }),
    control("Silent", "false", { active: false, level: "error" }),
  ]);
  const { ready, items } = await analyse(database.db, id);
  expect(ready).toBe(true);
  expect(items.map(({ title }) => title)).toEqual(["Start", "Clean the file", "Large", "End"]);
  expect(items[1]).toMatchObject({
    id: "control-rule",
    level: "warning",
    detail: 'Rule "Counts". counts.targeted is 3; excluded("invalid-address") is 1.',
    at: "2026-11-21T09:00:00.000Z",
  });
  const rules = await database.db.query<{ id: number }>(
    "select r.id from typology_rules r where name = 'Counts' order by id desc limit 1",
  );
  expect((await stored(id))[1]).toEqual({ id: "control-rule", level: "warning", rule: String(rules[0]?.id) });
});

test("an error before the target ends the analysis there", async () => {
  const id = await seed([
    control("Label", 'matches(delivery.label, "20*")', { phase: "before-target", level: "error" }),
    control("Later", "false", { phase: "after-target", level: "error" }),
  ]);
  const checklist = await analyse(database.db, id);
  expect(checklist).toMatchObject({ ready: false, analysed: true, targeted: 0, toDeliver: 0, excluded: {} });
  expect(brief(checklist.items)).toEqual(["control-rule error", "analysis-stopped info"]);
  expect(brief(await stored(id))).toEqual(brief(checklist.items));
  expect(await database.db.query("select state, targeted, to_deliver from deliveries where id = $1", [id])).toEqual([
    { state: "editing", targeted: 0, to_deliver: 0 },
  ]);
});

test("an error at the end takes back what was prepared, also of an analysis before", async () => {
  const id = await seed([control("End", "counts.toDeliver < 2", { phase: "end", level: "error" })]);
  await database.db.query("update typology_rules set enabled = false where name = 'End'");
  expect((await analyse(database.db, id)).ready).toBe(true);
  await database.db.query("update typology_rules set enabled = true where name = 'End'");
  expect(await analyse(database.db, id)).toMatchObject({ ready: false, targeted: 3, toDeliver: 2 });
  expect(await database.db.query("select 1 from delivery_parts where delivery_id = $1", [id])).toEqual([]);
  expect(await database.db.query("select count(*) as n from exclusions where delivery_id = $1", [id])).toEqual([
    { n: 1 },
  ]);
  expect(await database.db.query("select manifest from deliveries where id = $1", [id])).toEqual([{ manifest: null }]);
});

test("the plan is a check, too", async () => {
  const id = await seed([{ kind: "built-in", name: "plan", level: "error" }]);
  await beginAnalysis(database.db, id, "test", NOW);
  const plan = { id: "plan", level: "warning" as const, title: "Too late", detail: "" };
  const deps = { ...CONTENT_DEPS, planDelivery: () => Promise.resolve([plan]) };
  expect(await runAnalysis(database.db, id, () => NOW, deps)).toMatchObject({
    ready: false,
    items: [{ id: "plan", level: "error", rule: "plan" }],
  });
});

test("content with errors says its errors, and only those rules that need nothing of it", async () => {
  const id = await seed(
    [
      control("Text", "content.hasText"),
      control("Subject", "length(content.subject) > 10", { phase: "before-target" }),
    ],
    { html: "{{ oops" },
  );
  const { ready, items } = await analyse(database.db, id);
  expect(ready).toBe(false);
  expect(brief(items)).toEqual(["control-rule warning", "content-template error"]);
});

test("a typology that is gone is said, and the platform's counts", async () => {
  const id = await seed([]);
  await database.db.query("delete from typologies where name = $1", [`Rules ${number}`]);
  expect((await analyse(database.db, id)).items).toMatchObject([{ id: "typology-missing", level: "warning" }]);
  const [row] = await database.db.query<{ name: string }>(
    "select analysis #>> '{typology,name}' as name from deliveries where id = $1",
    [id],
  );
  expect(row?.name).toBe("Standard");
});

test("mail of a domain that nobody signs for is a warning where others are signed for", async () => {
  const items = async () => (await analyse(database.db, await seed([]))).items.map(({ id }) => id);
  expect(await items()).toEqual([]);
  await database.db.query(
    `insert into dkim_keys (domain, selector, algorithm, public_key, sealed, state, created_at)
     values ('other.example', 's', 'rsa-sha256', '', 'x', 'active', now())`,
  );
  number++;
  expect(await items()).toEqual(["from-not-signed"]);
});
