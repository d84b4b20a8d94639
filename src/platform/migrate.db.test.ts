import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { createTestDatabase, type TestDatabase } from "../../test/database.ts";
import { migrate } from "./migrate.ts";

describe("migrate", () => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await createTestDatabase();
  });
  afterAll(() => database.drop());

  test("a migrated database needs nothing more, also when several start at once", async () => {
    expect(await Promise.all([migrate(database.url), migrate(database.url)])).toEqual([[], []]);
  });

  test("a database that a newer version wrote is refused by name", async () => {
    await database.db.query("insert into schema_migrations (name, run_on) values ('9999_from_the_future', now())");
    await expect(migrate(database.url)).rejects.toThrow("9999_from_the_future");
  });
});
