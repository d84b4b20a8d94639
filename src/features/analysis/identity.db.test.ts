/** Whatever the audience, the rules and the states of addresses: everybody who is targeted is excluded for one reason, or gets a message. */
import { domainToASCII } from "node:url";
import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";

import { createTestDatabase, type TestDatabase } from "../../../test/database.ts";
import { addRules, listOf, settingsWith, type TestRule } from "../../../test/population.ts";
import { analyse, importCsv, seedDelivery, uploadFile } from "../../../test/seed-delivery.ts";
import type { Audience } from "../../contract/index.ts";

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());

const RUNS = 25;
let runs = 0;

const person = fc.record({
  number: fc.nat(30),
  points: fc.option(fc.nat(9)),
  state: fc.constantFrom("fine", "fine", "fine", "denied", "sick", "failing", "suppressed", "malformed"),
});
const points = fc.nat(9).map((value) => ({ attribute: "points", is: "at-least", value }));
const by = fc.option(fc.constantFrom({ attribute: "points" }, { attribute: "email", direction: "ascending" }), {
  nil: undefined,
});
const filtering = points.map((segment) => ({ kind: "filtering" as const, definition: { exclude: { segment } } }));
const pressure = fc
  .record({
    threshold: fc.oneof(
      fc.nat(2),
      fc.record({ attribute: fc.constant("points"), otherwise: fc.nat(2) }),
      fc.record({
        cases: fc.array(fc.record({ segment: points, threshold: fc.nat(2) }), { minLength: 1, maxLength: 2 }),
        otherwise: fc.nat(2),
      }),
    ),
    days: fc.integer({ min: 1, max: 40 }),
    grouping: fc.constantFrom("none", "day", "week", "month", "quarter", "year"),
    planned: fc.boolean(),
  })
  .map((definition) => ({ kind: "pressure" as const, definition }));
const capacity = fc.record({ messages: fc.nat(20), excludeExcess: fc.boolean(), by }).map(({ messages, ...rest }) => ({
  kind: "capacity" as const,
  definition: { lines: [{ from: "2026-11-01", to: "2026-11-30", messages }], ...rest },
}));
const population = fc.record(
  {
    duplicates: fc.constantFrom("exclude", "keep"),
    maxErrors: fc.nat(4),
    quality: fc.nat(5).map((atLeast) => ({ attribute: "points", atLeast })),
    limit: fc.record({ recipients: fc.integer({ min: 1, max: 15 }), by }),
    control: fc.oneof(
      fc.record({ recipients: fc.integer({ min: 1, max: 5 }), by }),
      fc.record({ percent: fc.integer({ min: 1, max: 100 }), by }),
      points.map((segment) => ({ choice: { segment } })),
    ),
    seeds: fc.constant("two" as const),
    weights: fc.oneof(
      fc.constant({ attribute: "points" }),
      points.map((segment) => ({ cases: [{ segment, weight: 9 }] })),
    ),
  },
  { requiredKeys: [] },
);
const cases = fc.record({
  people: fc.array(person, { maxLength: 40 }),
  rules: fc.array(fc.oneof(filtering, pressure, capacity), { maxLength: 5 }),
  population,
  source: fc.constantFrom("import", "list", "all", "segment", "file"),
  partSize: fc.integer({ min: 10, max: 20 }),
});

test("targeted = excluded + to deliver, in the delivery, in its reasons, its rows, its parts and its messages", {
  timeout: 120_000,
}, async () => {
  await fc.assert(fc.asyncProperty(cases, check), { numRuns: RUNS });
});

type Case = typeof cases extends fc.Arbitrary<infer T> ? T : never;

async function check({ people, rules, population: { seeds, ...settings }, source, partSize }: Case): Promise<void> {
  const { db } = database;
  const run = ++runs;
  const [unicode, ascii] = [`bücher${run}.example`, domainToASCII(`bücher${run}.example`)];
  const address = (number: number) => `p${number}@${ascii}`;
  const writings = (number: number) => [
    `p${number}@${unicode}`,
    `P${number}@${unicode.toUpperCase()}`,
    address(number),
  ];
  const lines = people.map(
    ({ number, points: value, state }, i) =>
      `${state === "malformed" ? "nobody" : writings(number)[i % 3]},${value ?? ""}`,
  );
  const csv = `email,points\n${lines.join("\n")}\n`;
  const list = await listOf(db, csv);
  const segment = { field: "domain", is: "equals", value: ascii };
  const audience: Audience =
    source === "import"
      ? await importCsv(db, csv)
      : source === "list"
        ? list
        : source === "file"
          ? await uploadFile(db, csv)
          : source === "all"
            ? { all: true }
            : { segment };
  for (const { number, state } of people) await bringAbout(state, address(number));
  const typology = await addRules(
    db,
    rules.map((rule, i): TestRule => ({ ...rule, name: `rule ${i}` })),
  );
  const two = seeds === undefined ? {} : { seeds: { seeds: await twoSeeds(run) } };
  const id = await seedDelivery(db, {
    audience,
    settings: settingsWith({ typology, partSize, population: { ...settings, ...two } }),
  });
  const checklist = await analyse(db, id);
  const sum = Object.values(checklist.excluded).reduce((all, n) => all + n, 0);
  expect(checklist.targeted).toBe(sum + checklist.toDeliver);
  if (source === "import" || source === "file") {
    expect(checklist.targeted).toBe(people.length);
    if (settings.duplicates === "keep") expect(checklist.excluded).not.toHaveProperty("duplicate");
  }
  const [row] = await db.query<Record<string, number | string>>(
    `select d.state, d.targeted, d.excluded, d.to_deliver,
            (select coalesce(sum(count), 0)::int from delivery_exclusions where delivery_id = d.id) as reasons,
            (select count(*) from exclusions where delivery_id = d.id)
              + (select coalesce(sum(count), 0) from delivery_exclusions where delivery_id = d.id and reason = 'suppressed') as listed,
            (select coalesce(sum(to_deliver), 0) from delivery_parts where delivery_id = d.id and not seeds) as parts,
            (select count(*) from messages m join delivery_parts p on p.id = m.part_id where p.delivery_id = d.id and not p.seeds) as messages,
            (select coalesce(sum(to_deliver), 0) from destination_counters where delivery_id = d.id) as destinations,
            (select count(*) from messages m join delivery_parts p on p.id = m.part_id
               join exclusions e on e.delivery_id = d.id and e.recipient_id = m.recipient_id
              where p.delivery_id = d.id and e.reason not in ('duplicate', 'size-limited', 'control-address', 'excluded-by-arbitration')) as both
       from deliveries d where d.id = $1`,
    [id],
  );
  const made = checklist.ready ? checklist.toDeliver : 0;
  expect(row).toEqual({
    state: checklist.ready ? "ready" : "editing",
    targeted: checklist.targeted,
    excluded: sum,
    to_deliver: checklist.toDeliver,
    reasons: sum,
    listed: sum,
    parts: made,
    messages: made,
    destinations: made,
    both: 0,
  });
}

async function bringAbout(state: string, address: string): Promise<void> {
  const { db } = database;
  if (state === "denied") await db.query("update recipients set denylisted_at = now() where match_key = $1", [address]);
  if (state === "suppressed") {
    await db.query(
      "insert into suppressed_addresses (hash, added_at) values (sha256($1), now()) on conflict do nothing",
      [Buffer.from(address)],
    );
  }
  if (state !== "sick" && state !== "failing") return;
  await db.query(
    `insert into quarantine (match_key, address, status, reason, errors, updated_at)
     values ($1, $1, $2, 'mailbox-full', 3, now()) on conflict do nothing`,
    [address, state === "sick" ? "quarantined" : "with-errors"],
  );
}

async function twoSeeds(run: number): Promise<string[]> {
  const made = await database.db.query<{ id: number }>(
    `insert into seeds (address, match_key, domain, created_at, updated_at)
     select a, a, 'seed.example', now(), now() from unnest($1::text[]) a returning id`,
    [[`a${run}@seed.example`, `b${run}@seed.example`]],
  );
  return made.map(({ id }) => String(id));
}
