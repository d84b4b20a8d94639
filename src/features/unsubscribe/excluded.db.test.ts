/** The whole way: who unsubscribed from one delivery is excluded from the next, with that reason. */
import { afterAll, beforeAll, expect, test } from "vitest";

import { settingsSchema } from "../../contract/index.ts";
import { createTestDatabase, type TestDatabase } from "../../../test/database.ts";
import { analyse, importCsv, NOW, seedDelivery } from "../../../test/seed-delivery.ts";
import { undoUnsubscription, unsubscribe } from "./unsubscribe.ts";

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());

test("27: the next analysis excludes who unsubscribed by mail, also when a new file brings them again, until they take it back", async () => {
  const { db } = database;
  const audience = await importCsv(db, "email\nada@one.example\nBob@one.example\n");
  const first = await seedDelivery(db, { audience });
  expect(await analyse(db, first)).toMatchObject({ targeted: 2, excluded: {}, toDeliver: 2 });
  const [bob] = await db.query<{ partId: number; seq: number }>(
    'select part_id as "partId", seq from messages where address = $1',
    ["Bob@one.example"],
  );
  if (!bob) throw new Error("Bob has no message");
  expect(await unsubscribe(db, bob, "mailto", NOW)).toMatchObject({ kind: "unsubscribed", first: true });

  const again = await importCsv(db, "email\nbob@ONE.example\ncy@one.example\n");
  const second = await seedDelivery(db, { audience: again });
  expect(await analyse(db, second)).toMatchObject({ targeted: 2, excluded: { denylisted: 1 }, toDeliver: 1 });

  expect(await undoUnsubscription(db, bob, NOW + 1)).toMatchObject({ kind: "subscribed" });
  expect(await analyse(db, second)).toMatchObject({ targeted: 2, excluded: {}, toDeliver: 2 });
});

test("27: who left a service by mail gets none of its deliveries, whatever list they are on, and all others", async () => {
  const { db } = database;
  const audience = await importCsv(db, "email\ndora@one.example\nemil@one.example\n");
  const [service] = await db.query<{ id: number }>(
    "insert into services (name, public_key, created_at, updated_at) values ('Letter', 'k', now(), now()) returning id",
  );
  const settings = settingsSchema.parse({ service: String(service?.id) });
  const first = await seedDelivery(db, { audience, settings });
  await analyse(db, first);
  const [dora] = await db.query<{ partId: number; seq: number }>(
    'select part_id as "partId", seq from messages where address = $1',
    ["dora@one.example"],
  );
  if (!dora) throw new Error("Dora has no message");
  expect(await unsubscribe(db, dora, "mailto", NOW)).toMatchObject({ service: "Letter", first: true });
  const second = await seedDelivery(db, { audience, settings });
  expect(await analyse(db, second)).toMatchObject({ targeted: 2, excluded: { denylisted: 1 }, toDeliver: 1 });
  const details = await db.query("select detail from exclusions where delivery_id = $1", [second]);
  expect(details).toEqual([{ detail: "unsubscribed from Letter" }]);
  const other = await seedDelivery(db, { audience });
  expect(await analyse(db, other)).toMatchObject({ excluded: {}, toDeliver: 2 });
});
