/** Segments and outcomes of earlier deliveries as targets and as exclusions: who gets a message, who does not and why. */
import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";

import { createTestDatabase, type TestDatabase } from "../../../test/database.ts";
import { analyse, importCsv, seedDelivery } from "../../../test/seed-delivery.ts";
import { settingsSchema, type Audience, type ExclusionRule } from "../../contract/index.ts";

let database: TestDatabase;
let earlier: string;
let list: string;
const rows = <T = Record<string, unknown>>(sql: string, params: unknown[] = []) => database.db.query<T>(sql, params);

/** Twelve people; of the odd ones the earlier delivery failed, every third has the letter c, p4 and p5 may not be written to. */
beforeAll(async () => {
  database = await createTestDatabase();
  const lines = Array.from({ length: 12 }, (_, n) => `p${n}@a.example,${n},${n % 3 === 0 ? "c" : "d"}`);
  const imported = await importCsv(database.db, `email,points,letter\n${lines.join("\n")}\n`);
  earlier = String(await seedDelivery(database.db, { audience: imported }));
  await analyse(database.db, Number(earlier));
  await rows(
    "update messages set status = case when vars is not null and substring(address from '[0-9]+')::int % 2 = 1 then 'failed' else 'sent' end",
  );
  await rows(
    "insert into message_reactions select part_id, seq, 'open', 0, true from messages where address in ('p0@a.example', 'p2@a.example')",
  );
  await rows("update recipients set denylisted_at = now() where match_key = 'p4@a.example'");
  await rows(
    "insert into quarantine (match_key, address, status, reason, updated_at) values ('p5@a.example', 'p5@a.example', 'quarantined', 'user-unknown', now())",
  );
  const [row] = await rows<{ id: number }>("insert into lists (label, created_at) values ('Some', now()) returning id");
  list = String(row?.id);
  await rows("insert into list_members select $1, id from recipients where address < 'p2'", [list]);
});
afterAll(() => database.drop());

async function send(audience: Audience, exclude: readonly ExclusionRule[] = []) {
  const id = await seedDelivery(database.db, { audience, settings: settingsSchema.parse({ validity: "3d", exclude }) });
  const checklist = await analyse(database.db, id);
  const addresses = await rows<{ address: string }>(
    "select m.address from messages m join delivery_parts p on p.id = m.part_id where p.delivery_id = $1",
    [id],
  );
  return {
    id,
    checklist,
    numbers: addresses.map(({ address }) => Number(/\d+/.exec(address)?.[0])).toSorted((a, b) => a - b),
  };
}

test("a tree is a target", async () => {
  const tree = {
    and: [
      { attribute: "letter", is: "equals", value: "C" },
      { attribute: "points", is: "at-most", value: 6 },
    ],
  };
  const { checklist, numbers } = await send({ segment: tree });
  expect(numbers).toEqual([0, 3, 6]);
  expect(checklist).toMatchObject({ targeted: 3, toDeliver: 3, excluded: {} });
});

test.each<[string, string[], number[]]>([
  ["who received it", ["received"], [0, 2, 6, 8, 10]],
  ["whom it failed for", ["failed"], [1, 3, 7, 9, 11]],
  ["who received it and did not open it", ["not-opened"], [6, 8, 10]],
  ["either of two outcomes", ["opened", "failed"], [0, 1, 2, 3, 7, 9, 11]],
])("of an earlier delivery: %s", async (_name, outcome, expected) => {
  const { numbers } = await send({ delivery: earlier, outcome } as Audience);
  expect(numbers).toEqual(expected);
});

test("who is excluded by a rule is counted so, says which rule it was, and the address comes first", async () => {
  const exclude = [{ list }, { segment: { attribute: "points", is: "greater", value: 9 } }];
  const { id, checklist, numbers } = await send({ all: true }, exclude);
  expect(numbers).toEqual([2, 3, 6, 7, 8, 9]);
  expect(checklist).toMatchObject({
    targeted: 12,
    toDeliver: 6,
    excluded: { denylisted: 1, quarantined: 1, "excluded-by-rule": 4 },
  });
  const reasons = await rows<{ address: string; detail: string }>(
    "select address, detail from exclusions where delivery_id = $1 and reason = 'excluded-by-rule' order by address",
    [id],
  );
  expect(reasons).toEqual(
    [
      { address: "p0@a.example", detail: 'in the list "Some"' },
      { address: "p10@a.example", detail: 'in the list "Some"' },
      { address: "p11@a.example", detail: 'in the list "Some"' },
      { address: "p1@a.example", detail: 'in the list "Some"' },
    ].toSorted((a, b) => (a.address < b.address ? -1 : 1)),
  );
});

test("what a segment meant is kept with the analysis, whatever becomes of the segment", async () => {
  const tree = { attribute: "letter", is: "equals", value: "c" };
  const [row] = await rows<{ id: number }>(
    "insert into segments (label, tree, created_at, updated_at) values ('Cs', $1, now(), now()) returning id",
    [JSON.stringify(tree)],
  );
  const { id, numbers } = await send({ segment: String(row?.id) });
  expect(numbers).toEqual([0, 3, 6, 9]);
  await rows("update segments set tree = '{\"or\": []}'");
  const [kept] = await rows<{ segments: unknown }>(
    "select analysis -> 'segments' as segments from deliveries where id = $1",
    [id],
  );
  expect(kept?.segments).toEqual([{ use: "target", words: 'in the segment "Cs"', tree }]);
});

test.each<[string, Audience, ExclusionRule[], string]>([
  ["a tree that is none", { segment: { xor: [] } }, [], "/audience/segment"],
  ["a segment that is not there", { segment: "999" }, [], "/audience"],
  ["a delivery that is not there", { delivery: "999", outcome: ["opened"] }, [], "/audience"],
  [
    "an exclusion that is none",
    { all: true },
    [{ list: "1" }, { segment: { and: [{}] } }],
    "/settings/exclude/1/segment/and/0",
  ],
])("%s is refused when it is saved", async (_name, audience, exclude, pointer) => {
  await rows(
    "insert into lists (id, label, created_at) overriding system value values (1, 'First', now()) on conflict do nothing",
  );
  await expect(
    seedDelivery(database.db, { audience, settings: settingsSchema.parse({ validity: "3d", exclude }) }),
  ).rejects.toMatchObject({ code: "invalid-input", errors: [{ pointer }] });
});

const points = fc.integer({ min: -1, max: 12 });
const condition: fc.Arbitrary<{ tree: Record<string, unknown>; holds: (n: number) => boolean }> = fc.oneof(
  points.map((value) => ({ tree: { attribute: "points", is: "greater", value }, holds: (n: number) => n > value })),
  points.map((value) => ({
    tree: { not: { attribute: "points", is: "equals", value } },
    holds: (n: number) => n !== value,
  })),
  fc.constant({ tree: { attribute: "letter", is: "equals", value: "c" }, holds: (n: number) => n % 3 === 0 }),
);

test("targeted = excluded + to deliver, whatever is the target and whatever is excluded", async () => {
  await fc.assert(
    fc.asyncProperty(condition, fc.array(condition, { maxLength: 3 }), async (target, exclusions) => {
      const { id, checklist, numbers } = await send(
        { segment: target.tree },
        exclusions.map(({ tree }) => ({ segment: tree })),
      );
      const targeted = Array.from({ length: 12 }, (_, n) => n).filter(target.holds);
      const left = targeted.filter((n) => n !== 4 && n !== 5 && !exclusions.some(({ holds }) => holds(n)));
      expect(numbers).toEqual(left);
      const excluded = Object.values(checklist.excluded).reduce((sum, count) => sum + count, 0);
      expect([checklist.targeted, checklist.toDeliver]).toEqual([targeted.length, left.length]);
      expect(checklist.targeted).toBe(excluded + checklist.toDeliver);
      const [row] = await rows<{ n: number }>("select count(*) as n from exclusions where delivery_id = $1", [id]);
      expect(row?.n).toBe(excluded);
    }),
    { numRuns: 15 },
  );
});
