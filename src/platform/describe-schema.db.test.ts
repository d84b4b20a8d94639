import { readFileSync } from "node:fs";
import { afterAll, beforeAll, expect, test } from "vitest";

import { createTestDatabase, type TestDatabase } from "../../test/database.ts";
import { describeSchema } from "./describe-schema.ts";

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());

test("db/schema.sql is what the migrations make (npm run db:dump writes it)", async () => {
  const golden = readFileSync(new URL("../../db/schema.sql", import.meta.url), "utf8");
  expect(await describeSchema(database.db)).toBe(golden);
});
