/** What an analysis on a real database says of the pool of a delivery. */
import { afterEach, beforeEach, expect, test } from "vitest";

import { createTestDatabase, type TestDatabase } from "../../../test/database.ts";
import { analyse, importCsv, seedDelivery } from "../../../test/seed-delivery.ts";
import { settingsSchema, type CreateDelivery } from "../../contract/index.ts";
import { settingsWithPool } from "../sources/index.ts";

let database: TestDatabase;
beforeEach(async () => {
  database = await createTestDatabase();
});
afterEach(() => database.drop());

const rows = (sql: string) => database.db.query(sql);

async function seedPool(name: string, weights: Record<string, number>): Promise<void> {
  await rows(`insert into pools (name, created_at, updated_at) values ('${name}', now(), now())`);
  for (const [source, weight] of Object.entries(weights)) {
    await rows(
      `insert into sources (name, address_v4, helo, created_at, updated_at)
       values ('${source}', '192.0.2.' || (select count(*) + 1 from sources), '${source}.mail.example', now(), now())`,
    );
    await rows(
      `insert into pool_sources select p.id, s.id, ${weight} from pools p, sources s where p.name = '${name}' and s.name = '${source}'`,
    );
  }
}

const check = async (settings: object, changes: Partial<CreateDelivery> = {}) => {
  const id = await seedDelivery(database.db, {
    audience: await importCsv(database.db, "email\na@a.example\n"),
    settings: settingsSchema.parse(settings),
    ...changes,
  });
  const { ready, items } = await analyse(database.db, id);
  return { ready, items: items.filter((item) => item.id.startsWith("pool")) };
};

test("the shares of its sources are said, however its name is written", async () => {
  await seedPool("News", { a: 5, b: 5, c: 1 });
  expect(await check({ pool: " NEWS " })).toMatchObject({
    ready: true,
    items: [
      {
        id: "pool",
        level: "info",
        title: 'Pool "News": a 45 %, b 45 %, c 9 %',
        detail: "A recipient keeps their source.",
      },
    ],
  });
});

test("without a pool there is nothing to say", async () => {
  expect(await check({})).toEqual({ ready: true, items: [] });
});

test("the pool default is that of deliveries that say nothing", async () => {
  await seedPool("Default", { a: 1 });
  expect((await check({})).items).toMatchObject([{ level: "info", title: 'Pool "Default": a 100 %' }]);
  expect((await check({ source: "192.0.2.9" })).items).toEqual([]);
  await rows("update sources set enabled = false");
  expect((await check({})).ready).toBe(false);
  expect((await check({ source: "192.0.2.9" })).ready).toBe(true);
});

test("one that does not exist keeps the delivery from being confirmed, and those that do are named", async () => {
  expect(await check({ pool: "news" })).toMatchObject({
    ready: false,
    items: [
      {
        id: "pool-unknown",
        level: "error",
        title: 'There is no pool "news"',
        detail: expect.stringMatching(/no pools yet/),
      },
    ],
  });
  await seedPool("bills", { a: 1 });
  expect(await check({ pool: "news" })).toMatchObject({
    ready: false,
    items: [{ id: "pool-unknown", detail: 'The pools are "bills".' }],
  });
});

test("disabled sources leave their share to the others; with none left it is an error", async () => {
  await seedPool("news", { a: 5, b: 5, c: 1 });
  await rows("update sources set enabled = false where name = 'a'");
  expect(await check({ pool: "news" })).toMatchObject({
    ready: true,
    items: [
      {
        level: "warning",
        title: 'Pool "news": b 83 %, c 17 %',
        detail: 'The source "a" is disabled: the others have its share.',
      },
    ],
  });
  await rows("update sources set enabled = false");
  expect(await check({ pool: "news" })).toMatchObject({
    ready: false,
    items: [{ id: "pool-unusable", level: "error", title: 'No source of the pool "news" can be used' }],
  });
});

test("so do sources whose sender there is not, once a sender has said how many there are", async () => {
  await seedPool("news", { a: 1, b: 1 });
  await rows("update sources set sender = 4 where name = 'a'");
  expect((await check({ pool: "news" })).items).toMatchObject([
    { level: "info", title: 'Pool "news": a 50 %, b 50 %' },
  ]);
  await rows(`insert into senders (sender, index, "of", seen_at) values ('s', 0, 2, now())`);
  expect((await check({ pool: "news" })).items).toMatchObject([
    {
      level: "warning",
      title: 'Pool "news": b 100 %',
      detail: expect.stringMatching(/^The source "a" is bound to sender 4, and there are only/),
    },
  ]);
  await rows("update sources set sender = 2 where name = 'b'");
  expect((await check({ pool: "news" })).ready).toBe(false);
});

test("a pool and a source address do not go together; content with errors does not hide it", async () => {
  await seedPool("news", { a: 1 });
  const settings = { pool: "news", source: "192.0.2.1" };
  expect(await check(settings)).toMatchObject({ ready: false, items: [{ id: "pool-and-source" }, { id: "pool" }] });
  const broken = await check(settings, { content: { subject: "{{ oops", text: "x", syntax: "liquid" } });
  expect(broken.items[0]?.id).toBe("pool-and-source");
});

test("without a pool and a source the delivery leaves from that of its typology, as it was at its analysis", async () => {
  await seedPool("Bulk", { a: 1 });
  await seedPool("Other", { b: 1 });
  const { db } = database;
  const typology = await db.query<{ id: number }>(
    "insert into typologies (name, pool, created_at, updated_at) values ('House', 'Bulk', now(), now()) returning id",
  );
  const named = { typology: String(typology[0]?.id) };
  expect((await check(named)).items).toMatchObject([{ level: "info", title: 'Pool "Bulk": a 100 %' }]);
  expect((await check({ ...named, pool: "Other" })).items).toMatchObject([{ title: 'Pool "Other": b 100 %' }]);
  expect((await check({ ...named, source: "192.0.2.9" })).items).toEqual([]);
  const wishes = () =>
    db.query(`select s->>'pool' as pool, s->>'source' as source
                from deliveries, lateral (select ${settingsWithPool("deliveries")} as s) t order by id`);
  const expected = [
    { pool: "Bulk", source: null },
    { pool: "Other", source: null },
    { pool: null, source: "192.0.2.9" },
  ];
  expect(await wishes()).toEqual(expected);
  await rows("update typologies set pool = 'Other' where name = 'House'");
  expect(await wishes()).toEqual(expected);
});
