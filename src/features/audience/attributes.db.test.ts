/** Declared attributes: what a declaration makes of the values there are, what is refused, what the worker indexes. */
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";

import { createTestWebApp, type TestWebApp } from "../../../test/web-app.ts";
import { pageOf } from "../../contract/responses.ts";
import {
  attributeCheckAnswerSchema,
  attributeCoverageSchema,
  declaredAttributeSchema,
} from "../../contract/responses-attributes.ts";
import { attributeSql, loadAttributeSchema, workAudience } from "./index.ts";

let web: TestWebApp;
beforeAll(async () => {
  web = await createTestWebApp();
});
afterAll(() => web.close());
beforeEach(() => web.db.query("truncate recipients, attributes"));

const url = "/api/v1/attributes";

async function people(values: readonly unknown[], name = "age") {
  const recipients = values.map((value, i) => ({ address: `p${i}@one.example`, attributes: { [name]: value } }));
  const answer = await web.call("POST", "/api/v1/recipients/actions/upsert", { recipients });
  expect(answer.body).toMatchObject({ counts: { failed: 0 } });
}

async function valuesOf(name = "age") {
  const rows = await web.db.query<{ value: unknown }>("select attributes -> $1 as value from recipients order by id", [
    name,
  ]);
  return rows.map(({ value }) => value);
}

const declare = (body: object) => web.call("POST", url, { name: "age", type: "number", ...body });

test("a declaration reads the values there are by its type, in one go or not at all", async () => {
  await people(["34", " 7,5 ", "", "old", 5]);
  const check = await web.call("POST", `${url}/actions/check`, { name: "age", type: "number" });
  expect(attributeCheckAnswerSchema.parse(check.body)).toMatchObject({
    total: 5,
    fits: 4,
    converted: 3,
    misfits: 1,
    samples: [{ address: "p3@one.example", value: "old", problem: "the value is no number" }],
  });
  const refused = await declare({});
  expect([refused.status, refused.body]).toEqual([
    409,
    expect.objectContaining({
      code: "attribute-misfits",
      errors: [expect.objectContaining({ message: expect.stringContaining('"old"') })],
    }),
  ]);
  expect(await valuesOf()).toEqual(["34", " 7,5 ", "", "old", 5]);
  expect((await web.call("GET", `${url}/age`)).status).toBe(404);

  const done = await declare({ misfits: "erase" });
  expect([done.status, done.headers["location"]]).toEqual([201, "/api/v1/attributes/age"]);
  expect(await valuesOf()).toEqual([34, 7.5, null, null, 5]);
  const [row] = await web.db.query("select count(*) as having from recipients where attributes ? 'age'");
  expect(row).toEqual({ having: 3 });
});

test("what comes after it is read by the type, by hand and in bulk", async () => {
  await declare({ type: "date" });
  const one = await web.call("POST", "/api/v1/recipients", {
    address: "a@one.example",
    attributes: { age: "31.12.1990" },
  });
  expect(one.body).toMatchObject({ attributes: { age: "1990-12-31" } });
  const bad = await web.call("POST", "/api/v1/recipients", {
    address: "b@one.example",
    attributes: { age: "03/04/1990" },
  });
  expect([bad.status, bad.body]).toEqual([
    422,
    expect.objectContaining({ errors: [expect.objectContaining({ pointer: "/attributes/age" })] }),
  ]);
});

test("who has not seen the last version changes nothing; a type is changed under If-Match", async () => {
  await people(["1", "0"]);
  await declare({ type: "text", label: "Age" });
  const put = (version: string, body: object) => web.call("PUT", `${url}/age`, body, { "if-match": version });
  expect((await put('"7"', { type: "number" })).status).toBe(412);
  const changed = await put('"1"', { type: "boolean" });
  expect([changed.status, changed.headers["etag"]]).toEqual([200, '"2"']);
  expect(await valuesOf()).toEqual([true, false]);
  expect((await web.call("DELETE", `${url}/age`, undefined, { "if-match": '"1"' })).status).toBe(412);
  expect((await web.call("DELETE", `${url}/age`, undefined, { "if-match": '"2"' })).status).toBe(204);
  expect(await valuesOf()).toEqual([true, false]);
  expect(await web.get(url, pageOf(declaredAttributeSchema))).toEqual({ data: [], nextCursor: null });
});

test("values of an enum: one spelling, and none is taken away while people have it", async () => {
  await people(["gold", "Free", "GOLD"], "plan");
  const body = { name: "plan", type: "enum", values: ["Free", "Gold"] };
  expect((await web.call("POST", url, body)).status).toBe(201);
  expect(await valuesOf("plan")).toEqual(["Gold", "Free", "Gold"]);
  const less = await web.call("PUT", `${url}/plan`, { type: "enum", values: ["Gold"] });
  expect([less.status, less.body]).toEqual([409, expect.objectContaining({ code: "attribute-misfits" })]);
  const more = await web.call("PUT", `${url}/plan`, { type: "enum", values: ["Gold", "Free", "Old"] });
  expect(declaredAttributeSchema.parse(more.body).values).toEqual(["Gold", "Free", "Old"]);
});

test.each<[string, object, string]>([
  ["an enum without values", { type: "enum" }, "/values"],
  ["values of a number", { values: ["1"] }, "/values"],
  ["a value twice", { type: "enum", values: ["a", "A"] }, "/values"],
  ["a name with a line end", { name: "a\nb" }, "/name"],
])("%s is refused", async (_what, body, pointer) => {
  const answer = await declare(body);
  expect([answer.status, answer.body]).toEqual([
    422,
    expect.objectContaining({ errors: [expect.objectContaining({ pointer })] }),
  ]);
});

test("a name is declared once, also by two at the same time", async () => {
  const both = await Promise.all([declare({}), declare({ type: "text" })]);
  expect(both.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([201, 409]);
});

test("a declaration waits for who writes people, and the other way round", async () => {
  const write = (i: number) =>
    web.call("POST", "/api/v1/recipients", { address: `w${i}@one.example`, attributes: { age: String(i) } });
  const answers = await Promise.all([
    ...Array.from({ length: 6 }, (_, i) => write(i)),
    declare({}),
    write(6),
    write(7),
  ]);
  expect(answers.every(({ status }) => status === 201)).toBe(true);
  const kinds = await web.db.query("select distinct jsonb_typeof(attributes -> 'age') as kind from recipients");
  expect(kinds).toEqual([{ kind: "number" }]);
});

test("names in use with coverage, and what they look like; declared ones that nobody has", async () => {
  await people(["1", "2", "", "4"]);
  await declare({ name: "city", type: "text" });
  const { sampled, complete, data } = await web.get(`${url}/coverage`, attributeCoverageSchema);
  expect({ sampled, complete }).toEqual({ sampled: 4, complete: true });
  expect(data).toEqual([
    { name: "age", declared: false, type: null, looksLike: "number", coverage: 0.75, examples: ["1", "2", "4"] },
    { name: "city", declared: true, type: "text", looksLike: "text", coverage: 0, examples: [] },
  ]);
});

test("of many people a sample is looked at", async () => {
  await web.db.query(
    `insert into recipients (address, match_key, domain, attributes, created_at, updated_at)
     select i || '@m.example', i || '@m.example', 'm.example',
            jsonb_build_object('pad', repeat('x', 1500), 'half', case when i % 2 = 0 then 'y' else '' end), now(), now()
       from generate_series(1, 6000) i`,
  );
  const { sampled, complete, data } = await web.get(`${url}/coverage`, attributeCoverageSchema);
  expect(complete).toBe(false);
  expect(sampled).toBeGreaterThan(200);
  expect(sampled).toBeLessThan(6000);
  expect(data.find(({ name }) => name === "half")?.coverage).toBeCloseTo(0.5, 1);
});

test("the worker makes and drops indexes that filters by the same expression use", async () => {
  const indexes = () =>
    web.db.query<{ name: string }>(
      "select relname as name from pg_class where starts_with(relname, 'recipients_attribute_') and relkind = 'i' order by 1",
    );
  for (const [name, type] of [
    ["it's", "text"],
    ["n", "number"],
    ["d", "date"],
    ["b", "boolean"],
  ]) {
    expect((await declare({ name, type, indexed: true })).status).toBe(201);
  }
  await workAudience(web.db, Date.now);
  expect(await indexes()).toHaveLength(4);
  expect((await web.get(`${url}/n`, declaredAttributeSchema)).index).toBe("ready");
  await people(["x", "y"], "it's");
  await people([1, 2], "n");
  for (const attribute of await loadAttributeSchema(web.db)) {
    const plan = await web.db.transaction(async (tx) => {
      await tx.query("set local enable_seqscan = off");
      const value = { number: "1", date: "'2024-01-01'", boolean: "'true'" }[String(attribute.type)] ?? "'x'";
      return tx.query(`explain select from recipients r where ${attributeSql(attribute)} = ${value}`);
    });
    expect(JSON.stringify(plan)).toContain("recipients_attribute_");
  }
  await web.call("PUT", `${url}/n`, { type: "text", indexed: false });
  await web.call("DELETE", `${url}/b`);
  await workAudience(web.db, Date.now);
  expect(await indexes()).toHaveLength(2);
});

test("text of an indexed attribute is as short as an index needs it", async () => {
  await declare({ name: "t", type: "text", indexed: true });
  const long = await web.call("POST", "/api/v1/recipients", {
    address: "a@one.example",
    attributes: { t: "x".repeat(501) },
  });
  expect(long.status).toBe(422);
});
