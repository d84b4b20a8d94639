/** Rules about people over the API: saved with a typology, refused where they make no sense, at work in an analysis, and what they use. */
import { afterAll, beforeAll, expect, test } from "vitest";

import { listOf, settingsWith } from "../../../test/population.ts";
import { analyse, seedDelivery } from "../../../test/seed-delivery.ts";
import { createTestWebApp, type TestWebApp } from "../../../test/web-app.ts";
import { problemSchema } from "../../contract/responses.ts";
import { typologyAnswerSchema } from "../../contract/responses-typologies.ts";

let web: TestWebApp;
beforeAll(async () => {
  web = await createTestWebApp();
});
afterAll(() => web.close());

const own = { attribute: "kind", is: "equals", value: "own" };
const RULES = [
  { kind: "filtering", name: "Not ourselves", exclude: { segment: own } },
  {
    kind: "pressure",
    name: "Two a week",
    threshold: { cases: [{ segment: own, threshold: 0 }], otherwise: 2 },
    days: 7,
  },
  {
    kind: "capacity",
    name: "Hotline",
    lines: [{ from: "2026-11-01", to: "2026-11-30", messages: 10 }],
    excludeExcess: true,
  },
];

async function save(name: string, rules: readonly object[] = RULES) {
  const answer = await web.call("POST", "/api/v1/typologies", { name, rules });
  expect([answer.status, answer.text]).toEqual([201, expect.any(String)]);
  return typologyAnswerSchema.parse(answer.body);
}

test("a typology with them is read as it was saved, and excludes", async () => {
  const { id, rules } = await save("Club");
  const [filtering, pressure, capacity] = RULES;
  const byName = (name: string) => rules.find((rule) => rule.name === name);
  expect(byName("Not ourselves")).toMatchObject({ ...filtering, active: true, order: 50 });
  expect(byName("Two a week")).toMatchObject({ ...pressure, grouping: "none", planned: true });
  expect(byName("Hotline")).toMatchObject({ ...capacity });
  const audience = await listOf(web.db, "email,kind\na@c.example,own\nb@c.example,\nc@c.example,\n");
  const delivery = await seedDelivery(web.db, { audience, settings: settingsWith({ typology: id }) });
  expect(await analyse(web.db, delivery)).toMatchObject({ toDeliver: 2, excluded: { "excluded-by-rule": 1 } });
  const use = await web.call("GET", `/api/v1/typologies/${id}/capacity`);
  expect(use.body).toMatchObject({
    data: [{ name: "Hotline", lines: [{ from: "2026-11-01", messages: 10, consumed: 2, remaining: 8 }] }],
  });
  expect((await web.call("GET", "/api/v1/typologies/999999/capacity")).status).toBe(404);
});

test.each([
  ["a segment that is not there", { kind: "filtering", name: "x", exclude: { segment: "999999" } }, "/rules/0/exclude"],
  [
    "a comparison that is none",
    { kind: "filtering", name: "x", exclude: { segment: { attribute: "a", is: "near" } } },
    "/rules/0/exclude/segment",
  ],
  [
    "a case of a threshold",
    { kind: "pressure", name: "x", days: 7, threshold: { cases: [{ segment: "999999", threshold: 1 }], otherwise: 1 } },
    "/rules/0/threshold/cases/0",
  ],
  ["no days", { kind: "pressure", name: "x", days: 0, threshold: 1 }, "/rules/0/days"],
  ["a negative threshold", { kind: "pressure", name: "x", days: 1, threshold: -1 }, "/rules/0/threshold"],
  [
    "a period that ends before it begins",
    { kind: "capacity", name: "x", lines: [{ from: "2026-11-02", to: "2026-11-01", messages: 1 }] },
    "/rules/0/lines/0/to",
  ],
  [
    "a day that no calendar has",
    { kind: "capacity", name: "x", lines: [{ from: "2026-02-30", to: "2026-03-01", messages: 1 }] },
    "/rules/0/lines/0/from",
  ],
])("%s is refused at its place", async (_, rule, pointer) => {
  const answer = await web.call("POST", "/api/v1/typologies", { name: "Refused", rules: [rule] });
  expect(answer.status).toBe(422);
  expect(problemSchema.parse(answer.body).errors?.[0]?.pointer).toMatch(new RegExp(`^${pointer}`));
});

test("a list that a rule names cannot be deleted", async () => {
  const { list } = await listOf(web.db, "email\nx@l.example\n");
  await save("Names a list", [{ kind: "filtering", name: "On the list", exclude: { list } }]);
  const answer = await web.call("DELETE", `/api/v1/lists/${list}`);
  expect([answer.status, problemSchema.parse(answer.body).code]).toEqual([409, "list-in-use"]);
  expect(problemSchema.parse(answer.body).detail).toContain('rule "On the list" of the typology "Names a list"');
});

test("a segment that a rule or a control group names cannot be deleted", async () => {
  const segment = async () => {
    const answer = await web.call("POST", "/api/v1/segments", { label: "Named", tree: own });
    return (answer.body as { id: string }).id;
  };
  const [ruled, grouped] = [await segment(), await segment()];
  await save("Names a segment", [
    { kind: "filtering", name: "Named people", exclude: { segment: { not: { segment: ruled } } } },
  ]);
  await seedDelivery(web.db, { settings: settingsWith({ population: { control: { choice: { segment: grouped } } } }) });
  for (const [id, user] of [
    [ruled, 'rule "Named people" of the typology "Names a segment"'],
    [grouped, "delivery"],
  ] as const) {
    const answer = await web.call("DELETE", `/api/v1/segments/${id}`);
    expect([answer.status, problemSchema.parse(answer.body)]).toMatchObject([409, { code: "segment-in-use" }]);
    expect(answer.text).toContain(JSON.stringify(user).slice(1, -1));
  }
});
