/** The API of typologies: what comes with Envoi stays, rules are checked when they are saved, nobody's change is lost. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { seedDelivery } from "../../../test/seed-delivery.ts";
import { createTestWebApp, type TestWebApp } from "../../../test/web-app.ts";
import { settingsSchema, type Problem } from "../../contract/index.ts";
import {
  ruleLanguageSchema,
  triedRuleSchema,
  typologyAnswerSchema,
  typologySummarySchema,
} from "../../contract/responses-typologies.ts";
import { pageOf } from "../../contract/responses.ts";
import type { Typology, TypologyRule } from "../../contract/typologies.ts";
import { BUILT_IN } from "../../core/typology/built-in.ts";

let web: TestWebApp;
beforeAll(async () => {
  web = await createTestWebApp();
});
afterAll(() => web.close());

const URL = "/api/v1/typologies";
const at = (id: string) => `${URL}/${id}`;
const names = new Map<string, number>();
/** Each test has names of its own. */
const fresh = (name: string) => `${name} ${names.set(name, (names.get(name) ?? 0) + 1).get(name)}`;

async function create(rules: object[] = [], more: object = {}): Promise<Typology> {
  const answer = await web.call("POST", URL, { name: fresh("House rules"), rules, ...more });
  expect(answer.status, answer.text).toBe(201);
  return typologyAnswerSchema.parse(answer.body);
}
const put = (typology: Typology, body: object, version: string | number = typology.version) =>
  web.call("PUT", at(typology.id), body, { "if-match": `"${version}"` });
const list = async () => (await web.get(`${URL}?limit=1000`, pageOf(typologySummarySchema.strict()))).data;
const own = ({ rules }: Typology) => rules.filter((rule) => rule.kind !== "built-in");
const builtIn = ({ rules }: Typology, name: string) => rules.find((rule) => rule.name === name) as TypologyRule;
const errorsOf = (answer: { body: unknown }) => (answer.body as Problem).errors;
const standard = async () =>
  (await list()).find((typology) => typology.builtIn) as Awaited<ReturnType<typeof list>>[number];
const control = (name: string, more: object = {}) => ({
  kind: "control",
  name,
  expression: "counts.toDeliver < 1000",
  phase: "after-target",
  ...more,
});

describe("what comes with Envoi", () => {
  test("is one typology, the default, with all checks as they come", async () => {
    const { id } = await standard();
    const typology = await web.get(at(id), typologyAnswerSchema);
    expect(typology).toMatchObject({ builtIn: true, isDefault: true, name: "Standard" });
    expect(typology.rules.map(({ name }) => name)).toEqual(BUILT_IN.map((rule) => rule.id));
    for (const rule of typology.rules) expect(rule).toMatchObject({ ...("standard" in rule ? rule.standard : {}) });
  });

  test("can be neither changed nor deleted", async () => {
    const { id } = await standard();
    const change = await web.call("PUT", at(id), { name: "Mine" });
    expect([change.status, (change.body as Problem).code]).toEqual([409, "typology-built-in"]);
    expect((await web.call("DELETE", at(id))).status).toBe(409);
  });

  test("is duplicated: the copy can be changed, and is called after it", async () => {
    const { id } = await standard();
    const copies = [];
    for (const body of [undefined, undefined, { name: fresh("Copy") }]) {
      const answer = await web.call("POST", `${at(id)}/actions/duplicate`, body);
      expect(answer.status).toBe(201);
      copies.push(typologyAnswerSchema.parse(answer.body));
    }
    expect(copies.map(({ name, builtIn: fixed, isDefault }) => [name, fixed, isDefault])).toEqual([
      ["Standard (copy)", false, false],
      ["Standard (copy 2)", false, false],
      ["Copy 1", false, false],
    ]);
  });
});

describe("rules that come with Envoi", () => {
  test("have a level, an order and an end in each typology; the others stay as they come", async () => {
    const typology = await create([{ kind: "built-in", name: "unsubscribe-link", level: "error", order: 10 }]);
    expect(builtIn(typology, "unsubscribe-link")).toMatchObject({
      level: "error",
      active: true,
      order: 10,
      standard: { level: "warning" },
    });
    expect(builtIn(typology, "text-part")).toMatchObject({ level: "warning", active: true, order: 50 });
    const back = await put(typology, {
      name: typology.name,
      rules: [{ kind: "built-in", name: "unsubscribe-link", level: "warning" }],
    });
    expect(builtIn(typologyAnswerSchema.parse(back.body), "unsubscribe-link")).toMatchObject({
      level: "warning",
      order: 50,
    });
    expect(
      await web.db.query("select 1 from typology_rules where typology_id = $1", [typology.id]),
      "what is as it comes is not kept",
    ).toEqual([]);
  });

  test("that no delivery can do without are always active, at their own level", async () => {
    const answer = await web.call("POST", URL, {
      name: fresh("Wrong"),
      rules: [
        { kind: "built-in", name: "recipients", level: "warning" },
        { kind: "built-in", name: "content", level: "error", active: false },
        { kind: "built-in", name: "unsubscribe-links", level: "error" },
      ],
    });
    expect(answer.status).toBe(422);
    expect(errorsOf(answer)).toMatchObject([
      { pointer: "/rules/0/level", code: "fixed" },
      { pointer: "/rules/1/active", code: "fixed" },
      { pointer: "/rules/2/name", code: "not-found", message: expect.stringContaining("unsubscribe-link") },
    ]);
  });
});

describe("rules of operators", () => {
  test("keep their ids; new ones get one, those left out are gone, order decides", async () => {
    const typology = await create([
      control("Small"),
      control("Last", { order: 90 }),
      control("First", { order: 5, message: "Stop" }),
    ]);
    expect(own(typology).map(({ name }) => name)).toEqual(["First", "Small", "Last"]);
    const [first, small] = own(typology) as unknown as [{ id: string }, { id: string }];
    const answer = await put(typology, {
      name: typology.name,
      description: "Ours",
      rules: [
        control("Small", { id: first.id, order: 5 }),
        control("First", { id: small.id }),
        control("New", { order: 60 }),
      ],
    });
    const saved = typologyAnswerSchema.parse(answer.body);
    expect(own(saved)).toMatchObject([
      { id: first.id, name: "Small", level: "warning", message: "" },
      { id: small.id, name: "First" },
      { name: "New", order: 60 },
    ]);
    expect(saved).toMatchObject({ version: 2, description: "Ours" });
    expect((await list()).find(({ id }) => id === typology.id)).toMatchObject({ ownRules: 3, changedRules: 0 });
  });

  test("are checked when they are saved, with the place of each fault", async () => {
    const answer = await web.call("POST", URL, {
      name: fresh("Wrong"),
      rules: [
        control("a", { expression: "counts.toDeliver <\n  delivery.lable" }),
        control("b", { phase: "before-target" }),
        control("B", { expression: "true" }),
        control("c", { id: "12345", expression: "true" }),
      ],
    });
    expect(answer.status).toBe(422);
    expect(errorsOf(answer)).toMatchObject([
      {
        pointer: "/rules/0/expression",
        code: "name-unknown",
        message: expect.stringMatching(/^line 2, column 3: .*delivery\.label/),
      },
      { pointer: "/rules/1/expression", code: "not-known-yet" },
      { pointer: "/rules/2/name", code: "taken" },
      { pointer: "/rules/3/id", code: "not-found" },
    ]);
  });

  test("of one typology are no rules of another", async () => {
    const [one, other] = [await create([control("Mine")]), await create()];
    const [{ id }] = own(one) as unknown as [{ id: string }];
    const answer = await put(other, { name: other.name, rules: [control("Stolen", { id })] });
    expect(errorsOf(answer)).toMatchObject([{ pointer: "/rules/0/id", code: "not-found" }]);
    expect(own(await web.get(at(one.id), typologyAnswerSchema))).toHaveLength(1);
  });
});

test("names are taken whatever their case", async () => {
  const { name } = await create();
  const answer = await web.call("POST", URL, { name: name.toUpperCase() });
  expect(errorsOf(answer)).toMatchObject([{ pointer: "/name", code: "taken" }]);
});

test("two editors do not overwrite each other", async () => {
  const typology = await create();
  const answers = await Promise.all([put(typology, { name: fresh("A") }), put(typology, { name: fresh("B") })]);
  expect(answers.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([200, 412]);
  expect((await web.call("DELETE", at(typology.id), undefined, { "if-match": '"1"' })).status).toBe(412);
  expect((await web.call("DELETE", at(typology.id), undefined, { "if-match": '"2"' })).status).toBe(204);
  expect((await web.call("GET", at(typology.id))).status).toBe(404);
});

describe("a typology that is used", () => {
  test("is not deleted: by a delivery that is not over", async () => {
    const { id } = await create();
    const delivery = await seedDelivery(web.db, { settings: settingsSchema.parse({ typology: id }) });
    const refused = await web.call("DELETE", at(id));
    expect([refused.status, (refused.body as Problem).code]).toEqual([409, "typology-in-use"]);
    expect((refused.body as Problem).detail).toContain(`delivery ${delivery}`);
    await web.db.query("update deliveries set state = 'finished', finished_at = now() where id = $1", [delivery]);
    expect((await web.call("DELETE", at(id))).status).toBe(204);
  });

  test("nor by a template, nor as the default", async () => {
    const { id } = await create();
    const template = await web.call("POST", "/api/v1/templates", { label: "T", settings: { typology: id } });
    expect(template.status).toBe(201);
    expect(((await web.call("DELETE", at(id))).body as Problem).detail).toContain('template "T"');
    expect((await web.call("DELETE", `/api/v1/templates/${(template.body as { id: string }).id}`)).status).toBe(204);

    const made = await web.call("POST", `${at(id)}/actions/make-default`);
    expect(made.body).toMatchObject({ isDefault: true });
    expect((await list()).filter(({ isDefault }) => isDefault).map((typology) => typology.id)).toEqual([id]);
    expect((await web.call("DELETE", at(id))).status).toBe(409);
    await web.call("POST", `${at((await standard()).id)}/actions/make-default`);
    expect((await web.call("DELETE", at(id))).status).toBe(204);
  });

  test("a delivery names one that is there", async () => {
    const made = await web.call("POST", "/api/v1/deliveries", {
      label: "x",
      content: { subject: "s", text: "t" },
      sender: { name: "a", address: "a@b.example" },
      audience: { all: true },
      settings: { typology: "99999" },
    });
    expect(errorsOf(made)).toMatchObject([{ pointer: "/settings/typology", code: "not-found" }]);
  });
});

describe("a rule tried on a delivery", () => {
  const attempt = async (expression: string, phase = "after-target") => {
    const delivery = await seedDelivery(web.db);
    return web.call("POST", `${URL}/rules/try`, { delivery: String(delivery), phase, expression });
  };

  test("says whether it holds and what it looked at, and saves nothing", async () => {
    const before = await web.db.query("select count(*) as n from typology_rules");
    const answer = await attempt('delivery.label = "Test" and length(content.subject) > 40');
    expect(triedRuleSchema.strict().parse(answer.body)).toEqual({
      holds: false,
      failure: null,
      facts: [
        { name: "delivery.label", value: '"Test"' },
        { name: "content.subject", value: '"Hello"' },
      ],
    });
    expect(await web.db.query("select count(*) as n from typology_rules")).toEqual(before);
  });

  test("counts are known once the delivery was analysed", async () => {
    expect((await attempt("counts.toDeliver < 10")).body).toMatchObject({
      holds: null,
      failure: expect.stringMatching(/was not analysed/),
    });
  });

  test("faults have their places; a delivery that is not there is not found", async () => {
    const answer = await attempt("counts.toDeliver", "before-target");
    expect([answer.status, errorsOf(answer)?.[0]]).toMatchObject([
      422,
      { pointer: "/expression", code: "not-known-yet" },
    ]);
    const missing = await web.call("POST", `${URL}/rules/try`, { delivery: "99999", phase: "end", expression: "true" });
    expect(missing.status).toBe(404);
  });
});

test("all that expressions can name is listed", async () => {
  const { facts, functions } = await web.get(`${URL}/language`, ruleLanguageSchema.strict());
  expect(facts).toContainEqual({
    name: "counts.toDeliver",
    type: "number",
    from: "after-target",
    about: expect.any(String),
  });
  expect(functions.map(({ name }) => name)).toContain("matches");
});

test("a pool is one that there is, and stays while the typology names it", async () => {
  const missing = await web.call("POST", URL, { name: fresh("House rules"), rules: [], pool: "Bulk" });
  expect(errorsOf(missing)).toMatchObject([{ pointer: "/pool", code: "not-found" }]);
  const [pool] = await web.db.query<{ id: number }>(
    "insert into pools (name, created_at, updated_at) values ('Bulk', now(), now()) returning id",
  );
  const id = pool?.id;
  const typology = await create([], { pool: "bulk" });
  expect(typology.pool).toBe("bulk");
  const copy = await web.call("POST", `${at(typology.id)}/actions/duplicate`);
  expect(copy.body).toMatchObject({ pool: "bulk" });
  const removed = await web.call("DELETE", `/api/v1/pools/${id}`);
  expect(removed).toMatchObject({ status: 409, body: { code: "pool-in-use" } });
  expect(removed.text).toContain(`the typology \\"${typology.name}\\" names it`);
  for (const one of [typology, copy.body as Typology]) {
    await put(one, { name: one.name, rules: [] });
  }
  expect((await web.call("DELETE", `/api/v1/pools/${id}`)).status).toBe(204);
});
