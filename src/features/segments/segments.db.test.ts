/** Segments on a real database: what the SQL finds against an oracle, the API, circles, and what is in use. */
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { belongs, type OracleMessage, type OraclePerson } from "../../../test/segment-oracle.ts";
import { createTestWebApp, type TestWebApp } from "../../../test/web-app.ts";
import { segmentAnswerSchema, segmentPreviewAnswerSchema } from "../../contract/responses-segments.ts";
import type { Segment as Saved } from "../../contract/segments.ts";
import { readSegment } from "../../core/segment/read-segment.ts";
import type { AttributeType } from "../../core/segment/operators.ts";
import { BEHAVIOURS, type Segment } from "../../core/segment/segment.ts";
import { DAY } from "../../core/time.ts";
import type { Db } from "../../platform/db.ts";
import { allocateParts } from "../analysis/partitions.ts";
import { compileSegment } from "./compile-segment.ts";
import { countSegment } from "./count-segment.ts";
import { prepareSegment } from "./prepare.ts";

const NOW = Date.parse("2026-02-28T09:00:00Z");
const SCHEMA: readonly AttributeType[] = [
  { name: "age", type: "number" },
  { name: "born", type: "date" },
  { name: "plan", type: "enum", values: ["Gold", "silver"] },
];
const CITIES = ["Rome", "ROME", "Besançon", "besancon", "Århus", "100%_x", "O'Hara", "Ελλάδα", ""];
const AGES = [17, 18, "18", " 18.0", "18,5", "eighteen", -3, "1e3", 30.25];
const DAYS = ["2026-02-28", "2026-02-21", "2026-02-22", "1980-02-29", "2026-02-30", "2026-03-07", "soon", "0000-01-01"];
const TIMES = [
  "2026-02-28T09:00:00Z",
  "2026-02-28T10:00:00+02:00",
  "2026-02-27 09:00",
  "2026-02-28T09:00:00.001Z",
  "2026-02-28",
];

const oneOf = <T>(values: readonly T[]) => fc.constantFrom(...values);
const maybe = <T>(values: readonly T[]) => fc.option(oneOf(values), { nil: undefined });

const comparison: fc.Arbitrary<object> = fc.oneof(
  fc.record({ attribute: oneOf(["city", "nobody has this", "plan", "email"]), is: oneOf(["exists", "missing"]) }),
  fc.record({
    attribute: oneOf(["city", "age_text"]),
    is: oneOf(["equals", "not-equals", "contains", "not-contains", "starts-with", "ends-with"]),
    value: oneOf([...CITIES.filter(Boolean), "o", "É", "%", "_", "'; drop table recipients; --", "\\", "$1"]),
  }),
  fc.record({
    attribute: oneOf(["city"]),
    is: oneOf(["in", "not-in"]),
    value: fc.subarray(CITIES.filter(Boolean), { minLength: 1 }),
  }),
  fc.record({ attribute: oneOf(["plan"]), is: oneOf(["equals", "not-equals"]), value: oneOf(["Gold", "silver"]) }),
  fc.record({
    attribute: oneOf(["age", "age_text"]),
    is: oneOf(["equals", "not-equals", "greater", "at-least", "less", "at-most"]),
    value: oneOf([17, 18, 18.5, -3, 1000, 30.25]),
  }),
  fc.record({
    attribute: oneOf(["age"]),
    is: oneOf(["between"]),
    value: oneOf([
      [17, 18],
      [30, 10],
    ]),
  }),
  fc.record({ attribute: oneOf(["vip"]), is: oneOf(["equals", "not-equals"]), value: fc.boolean() }),
  fc.record({
    attribute: oneOf(["born", "seen"]),
    is: oneOf(["before", "after", "on"]),
    value: oneOf(["2026-02-28", "2026-02-22", "1980-02-29"]),
  }),
  fc.record({
    attribute: oneOf(["born", "seen"]),
    is: oneOf(["within-last", "older-than", "within-next"]),
    value: oneOf(["1d", "7d", "36500d"]),
  }),
  fc.record({ attribute: oneOf(["born", "seen"]), is: oneOf(["anniversary"]), value: oneOf([0, -1, 7]) }),
  fc.record({
    attribute: oneOf(["seen"]),
    is: oneOf(["between"]),
    value: oneOf([["2026-02-27", "2026-02-28T09:00:00Z"]]),
  }),
  fc.record({
    field: oneOf(["address", "domain"]),
    is: oneOf(["contains", "ends-with"]),
    value: oneOf(["A", "b.example", "P1@"]),
  }),
  fc.record({ field: oneOf(["created"]), is: oneOf(["within-last", "older-than"]), value: oneOf(["2d", "36h"]) }),
);

const leaf: fc.Arbitrary<object> = fc.oneof(
  { weight: 3, arbitrary: comparison },
  fc.record({ list: oneOf(["1", "2"]) }),
  fc.record({
    addressStatus: fc.subarray(["valid", "with-errors", "held", "quarantined", "denylisted"], { minLength: 1 }),
  }),
  fc.record(
    {
      behaviour: oneOf(["targeted", "received", "failed", "opened", "not-opened", "clicked", "not-clicked"]),
      deliveries: fc.subarray(["1", "2", "3"], { minLength: 1 }),
      machines: fc.boolean(),
    },
    { requiredKeys: ["behaviour", "deliveries"] },
  ),
);

const { tree } = fc.letrec<{ tree: object }>((tie) => ({
  tree: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    leaf,
    fc.record({ and: fc.array(tie("tree"), { maxLength: 3 }) }),
    fc.record({ or: fc.array(tie("tree"), { maxLength: 3 }) }),
    fc.record({ not: tie("tree") }),
  ),
}));

const reaction = fc.record({ kind: oneOf(["open", "click"]), link: oneOf([0]), human: fc.boolean() });
const message: fc.Arbitrary<OracleMessage> = fc.record({
  delivery: oneOf(["1", "2"]),
  status: oneOf(["sent", "sent", "failed", "pending"]),
  reactions: fc.uniqueArray(reaction, { maxLength: 3, selector: (each) => `${each.kind}${each.human}` }),
});
const person: fc.Arbitrary<Omit<OraclePerson, "address">> = fc.record({
  attributes: fc
    .record({
      city: maybe(CITIES),
      age: maybe(AGES),
      age_text: maybe(AGES.map(String)),
      born: maybe(DAYS),
      seen: maybe([...TIMES, ...DAYS]),
      vip: maybe([true, false, "YES", "0", "maybe"]),
      plan: maybe(["Gold", "silver", "iron"]),
    })
    .map(
      (all) =>
        Object.fromEntries(Object.entries(all).filter((entry) => entry[1] !== undefined)) as OraclePerson["attributes"],
    ),
  created: fc.integer({ min: 0, max: 100 }).map((hours) => NOW - hours * 3_600_000),
  lists: fc.subarray(["1", "2"]),
  denylisted: fc.boolean(),
  quarantine: fc.option(oneOf(["with-errors", "held", "quarantined"]), { nil: null }),
  messages: fc.uniqueArray(message, { maxLength: 2, selector: (each) => each.delivery }),
});

let web: TestWebApp;
beforeAll(async () => {
  web = await createTestWebApp();
  for (const { name, type, values } of SCHEMA) {
    await rows(
      "insert into attributes (name, type, allowed, created_at, updated_at) values ($1, $2, $3, now(), now())",
      [name, type, values ?? null],
    );
  }
  await rows("insert into lists (label, created_at) values ('One', now()), ('Two', now())");
  for (const [index, label] of ["a", "b", "c"].entries()) {
    await rows(
      `insert into deliveries (label, state, content, sender, audience, created_at, updated_at, started_at)
       values ($1, 'finished', '{}', '{}', '{"all": true}', now(), now(), $2)`,
      [label, new Date(NOW - index * 10 * DAY)],
    );
  }
});
afterAll(() => web.close());

const rows = <T = Record<string, unknown>>(sql: string, params: unknown[] = []) => web.db.query<T>(sql, params);

/** Replaces everybody; each message has a part of its own, so that parts of deliveries are mixed. */
async function fill(people: readonly OraclePerson[]): Promise<void> {
  await rows("delete from recipients");
  for (const table of ["list_members", "quarantine", "messages", "message_reactions", "delivery_parts"])
    await rows(`delete from ${table}`);
  for (const each of people) {
    const [row] = await rows<{ id: number }>(
      `insert into recipients (address, match_key, domain, attributes, denylisted_at, created_at, updated_at)
       values ($1, lower($1), split_part($1, '@', 2), $2, $3, $4, $4) returning id`,
      [each.address, JSON.stringify(each.attributes), each.denylisted ? new Date(NOW) : null, new Date(each.created)],
    );
    for (const list of each.lists) await rows("insert into list_members values ($1, $2)", [list, row?.id]);
    if (each.quarantine !== null) {
      await rows(
        "insert into quarantine (match_key, address, status, reason, updated_at) values (lower($1), $1, $2, 'user-unknown', now())",
        [each.address, each.quarantine],
      );
    }
    for (const { delivery, status, reactions } of each.messages) {
      const part = await allocateParts(web.db, 1, NOW);
      await rows("insert into delivery_parts (id, delivery_id, to_deliver, pending) values ($1, $2, 1, 1)", [
        part,
        delivery,
      ]);
      await rows(
        "insert into messages (part_id, seq, recipient_id, address, vars, status) values ($1, 0, $2, $3, '{}', $4)",
        [part, row?.id, each.address, status],
      );
      for (const { kind, link, human } of reactions) {
        await rows("insert into message_reactions values ($1, 0, $2, $3, $4)", [part, kind, link, human]);
      }
    }
  }
}

async function found(json: unknown): Promise<string[]> {
  const read = readSegment(json, SCHEMA);
  if (read.kind === "problems") throw new Error(JSON.stringify(read.problems));
  const prepared = await prepareSegment(web.db, read.segment, NOW);
  const { sql, params } = compileSegment(prepared, { now: NOW, recipient: "r", offset: 1 });
  const people = await rows<{ address: string }>(
    `select r.address from recipients r where $1::int = 1 and ${sql} order by r.id`,
    [1, ...params],
  );
  return people.map(({ address }) => address);
}

describe("the SQL finds whom the oracle finds", () => {
  test("for random people and random trees", async () => {
    const people = fc.array(person, { minLength: 1, maxLength: 12 });
    await fc.assert(
      fc.asyncProperty(people, fc.array(tree, { minLength: 40, maxLength: 40 }), async (group, trees) => {
        const named = group.map((each, index) => ({ ...each, address: `P${index}@${index % 2 ? "a" : "b"}.example` }));
        await fill(named);
        for (const json of trees) {
          const expected = named.filter((each) => belongs(each, json as Segment, { schema: SCHEMA, now: NOW }));
          expect({ json, found: await found(json) }).toEqual({ json, found: expected.map(({ address }) => address) });
        }
      }),
      { numRuns: 10, endOnFailure: true },
    );
  });

  test("no text of the tree is in the SQL", async () => {
    const hostile = "x'; drop table recipients; --";
    const json = {
      or: [
        { attribute: hostile, is: "contains", value: hostile },
        { attribute: hostile, is: "in", value: [hostile] },
      ],
    };
    const prepared = await prepareSegment(web.db, json as Segment, NOW);
    expect(compileSegment(prepared, { now: NOW, recipient: "r" }).sql).not.toContain("drop");
    expect(await found(json)).toEqual([]);
  });

  test.each(BEHAVIOURS)("%s is a statement that PostgreSQL can read", async (behaviour) => {
    expect(await found({ behaviour, deliveries: { within: "36500d" } })).toBeInstanceOf(Array);
  });
});

describe("the API", () => {
  const CITY = { attribute: "city", is: "equals", value: "rome" };
  const create = async (label: string, tree: unknown) => {
    const answer = await web.call("POST", "/api/v1/segments", { label, tree });
    return { ...answer, body: answer.body as Saved };
  };

  test("a segment is created, read, replaced under If-Match and deleted", async () => {
    const { status, headers, body } = await create("Romans", CITY);
    expect([status, headers["etag"], body.explanation]).toEqual([201, '"1"', 'city is "rome"']);
    const path = `/api/v1/segments/${body.id}`;
    expect(await web.get(path, segmentAnswerSchema)).toMatchObject({ label: "Romans", tree: CITY, version: 1 });
    const changed = { label: "Not Romans", tree: { not: CITY } };
    expect((await web.call("PUT", path, changed, { "if-match": '"1"' })).body).toMatchObject({
      version: 2,
      tree: changed.tree,
    });
    expect((await web.call("PUT", path, changed, { "if-match": '"1"' })).status).toBe(412);
    expect((await web.call("DELETE", path, undefined, { "if-match": '"1"' })).status).toBe(412);
    expect((await web.call("DELETE", path)).status).toBe(204);
    expect((await web.call("GET", path)).status).toBe(404);
  });

  test("what is wrong has a pointer", async () => {
    const tree = { and: [{ attribute: "age", is: "contains", value: "1" }, { list: "999" }] };
    expect((await create("Wrong", tree)).body).toMatchObject({
      code: "invalid-input",
      errors: [{ pointer: "/tree/and/0/is" }],
    });
    expect((await create("Wrong", { list: "999" })).body).toMatchObject({ errors: [{ code: "not-found" }] });
  });

  test("a preview counts, shows 20 and says what the tree means; a saved segment is a part of it", async () => {
    await rows("delete from recipients");
    await rows(
      `insert into recipients (address, match_key, domain, attributes, created_at, updated_at)
       select n || '@a.example', n || '@a.example', 'a.example', jsonb_build_object('city', case when n % 2 = 0 then 'Rome' else 'Oslo' end), now(), now()
         from generate_series(1, 100) n`,
    );
    const { body } = await create("Romans", CITY);
    const answer = await web.call("POST", "/api/v1/segments/preview", { tree: { not: { segment: body.id } } });
    const preview = segmentPreviewAnswerSchema.parse(answer.body);
    expect(preview).toMatchObject({ count: 50, exact: true, margin: 0, explanation: 'not (in the segment "Romans")' });
    expect(preview.samples).toHaveLength(20);
    expect(preview.samples.every(({ attributes }) => attributes["city"] === "Oslo")).toBe(true);
  });

  test("what cannot be counted in time is estimated and says so", async () => {
    const prepared = await prepareSegment(web.db, CITY as Segment, NOW);
    let slow = true;
    const db: Db = {
      ...web.db,
      transaction: (work) =>
        web.db.transaction((tx) => {
          if (!slow) return work(tx);
          slow = false;
          return work({
            ...tx,
            query: (sql, params) => tx.query(sql.replace("where", "where pg_sleep(1) is not null and"), params),
          });
        }),
    };
    expect(await countSegment(db, prepared, NOW)).toMatchObject({ exact: false, count: 50, sampled: 100 });
  });

  test("no segment comes to be a part of itself", async () => {
    const inner = await create("Inner", CITY);
    const outer = await create("Outer", { not: { segment: inner.body.id } });
    const circle = { label: "Inner", tree: { or: [CITY, { segment: outer.body.id }] } };
    expect((await web.call("PUT", `/api/v1/segments/${inner.body.id}`, circle)).body).toMatchObject({
      code: "segment-unusable",
    });
    expect(await web.get(`/api/v1/segments/${inner.body.id}`, segmentAnswerSchema)).toMatchObject({
      tree: CITY,
      version: 1,
    });
  });

  test("of two that close a circle at once, one is refused", async () => {
    const [one, two] = await Promise.all([create("One", CITY), create("Two", CITY)]);
    const answers = await Promise.all([
      web.call("PUT", `/api/v1/segments/${one.body.id}`, { label: "One", tree: { segment: two.body.id } }),
      web.call("PUT", `/api/v1/segments/${two.body.id}`, { label: "Two", tree: { segment: one.body.id } }),
    ]);
    expect(answers.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([200, 422]);
  });

  test("a segment that another names cannot be deleted", async () => {
    const inner = await create("Needed", CITY);
    const outer = await create("Needs it", { and: [{ segment: inner.body.id }] });
    const refused = await web.call("DELETE", `/api/v1/segments/${inner.body.id}`);
    expect(refused.body).toMatchObject({
      code: "segment-in-use",
      detail: expect.stringContaining('"Needs it"') as string,
    });
    await web.call("DELETE", `/api/v1/segments/${outer.body.id}`);
    expect((await web.call("DELETE", `/api/v1/segments/${inner.body.id}`)).status).toBe(204);
  });
});
