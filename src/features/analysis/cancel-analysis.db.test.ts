/** An analysis ends when somebody ends it: before it begins, in the middle of a statement, and not any more when it is done. */
import { afterAll, beforeAll, expect, test } from "vitest";

import { createTestDatabase, type TestDatabase } from "../../../test/database.ts";
import { analyse, CONTENT_DEPS, importCsv, NOW, seedDelivery } from "../../../test/seed-delivery.ts";
import { beginAnalysis, runAnalysis } from "./analyse-delivery.ts";
import { cancelAnalysis } from "./cancel-analysis.ts";

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
  await importCsv(database.db, "email\na@a.example\nb@a.example\n");
});
afterAll(() => database.drop());

const rows = <T = Record<string, unknown>>(sql: string, params: unknown[] = []) => database.db.query<T>(sql, params);
const stateOf = async (id: number) => (await rows("select state, to_deliver from deliveries where id = $1", [id]))[0];
const eventsOf = async (id: number) =>
  (await rows<{ kind: string }>("select kind from delivery_events where delivery_id = $1 order by id", [id])).map(
    ({ kind }) => kind,
  );
const cancelled = expect.objectContaining({ code: "analysis-cancelled" });

test("before it begins: it does nothing", async () => {
  const id = await seedDelivery(database.db);
  await beginAnalysis(database.db, id, "test", NOW);
  await cancelAnalysis(database.db, id, "ann", NOW);
  await expect(runAnalysis(database.db, id, () => NOW, CONTENT_DEPS)).rejects.toEqual(cancelled);
  expect(await stateOf(id)).toEqual({ state: "editing", to_deliver: 0 });
  expect(await eventsOf(id)).toEqual(["delivery.created", "analysis.started", "analysis.cancelled"]);
});

test("in the middle of a statement: at once, with nothing left of it; the next one is whole", async () => {
  const id = await seedDelivery(database.db);
  await analyse(database.db, id);
  await beginAnalysis(database.db, id, "test", NOW);
  // Whoever holds this table keeps the analysis waiting inside a statement for as long as it takes.
  await database.db.transaction(async (holder) => {
    await holder.query("lock table quarantine in access exclusive mode");
    const refused = expect(runAnalysisWithoutStatistics(id)).rejects.toEqual(cancelled);
    await waiting();
    await cancelAnalysis(database.db, id, "ann", NOW);
    await refused;
  });
  expect(await stateOf(id)).toMatchObject({ state: "editing" });
  expect(await analyse(database.db, id)).toMatchObject({ ready: true, toDeliver: 2 });
});

/** Statistics are refreshed ahead of the transaction, and would wait for the table before it. */
function runAnalysisWithoutStatistics(id: number) {
  const { db } = database;
  const quiet = {
    ...db,
    query: ((sql: string, params?: readonly unknown[]) =>
      sql.startsWith("analyze ") ? Promise.resolve([]) : db.query(sql, params)) as typeof db.query,
  };
  return runAnalysis(quiet, id, () => NOW, CONTENT_DEPS);
}

/** Until somebody in this database waits for a lock. */
async function waiting(): Promise<void> {
  await rows(
    `do $$ begin
       while not exists (select 1 from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()) loop
         perform pg_sleep(0.01);
         perform pg_stat_clear_snapshot();
       end loop;
     end $$`,
  );
}

test("when it is done there is nothing to end", async () => {
  const id = await seedDelivery(database.db);
  await analyse(database.db, id);
  await expect(cancelAnalysis(database.db, id, "ann", NOW)).rejects.toMatchObject({ code: "action-not-allowed" });
  expect(await stateOf(id)).toEqual({ state: "ready", to_deliver: 2 });
  await expect(cancelAnalysis(database.db, 999_999, "ann", NOW)).rejects.toMatchObject({ code: "not-found" });
});
