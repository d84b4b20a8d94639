/** What an analysis on a real database says of the copies of a delivery. */
import { afterEach, beforeEach, expect, test } from "vitest";

import { createTestDatabase, type TestDatabase } from "../../../test/database.ts";
import { analyse, importCsv, seedArchive, seedDelivery, seedInProgress } from "../../../test/seed-delivery.ts";
import { settingsSchema, type CreateDelivery } from "../../contract/index.ts";

let database: TestDatabase;
beforeEach(async () => {
  database = await createTestDatabase();
});
afterEach(() => database.drop());

const rows = (sql: string) => database.db.query(sql);
const idsOf = (items: readonly { id: string; level: string }[]) => items.map((item) => `${item.level} ${item.id}`);

const people = "email,name\na@a.example,Ann\nCOPIES@archive.example,B\nc@a.example,Cy\n";
const check = async (archive: object, sender: Partial<CreateDelivery["sender"]> = {}) => {
  const id = await seedDelivery(database.db, {
    audience: await importCsv(database.db, people),
    sender: { name: "", address: "news@sender.example", ...sender },
    settings: settingsSchema.parse({ validity: "3d", archive: { on: true, ...archive } }),
  });
  return { id, ...(await analyse(database.db, id)) };
};

test("size and duration come from messages as they are and from the archive's rate", async () => {
  await seedArchive(database.db, {
    target: { kind: "smtp", address: "journal@archive.example", ratePerMinute: 1 },
  });
  const { ready, items } = await check({ timing: "after" });
  expect(ready).toBe(true);
  expect(items).toMatchObject([
    {
      id: "archive",
      level: "info",
      title: expect.stringMatching(/^BCC on: 3 copies, [1-9][.\d]* kB, at 1\/min about 3 min$/),
    },
  ]);
});

test("an archive that is a recipient of this target is an error; excluded, it is none", async () => {
  await seedArchive(database.db);
  expect(idsOf((await check({})).items)).toEqual(["info archive", "error archive-recipient"]);
  await rows("update recipients set denylisted_at = now() where match_key = 'copies@archive.example'");
  expect(idsOf((await check({})).items)).toEqual(["info archive"]);
});

test("no archive at all, unknown and disabled ones keep a delivery from being confirmed", async () => {
  const none = await check({});
  expect([none.ready, idsOf(none.items)]).toEqual([false, ["error archive-missing"]]);
  const off = await seedArchive(database.db, { enabled: false });
  const named = await check({ archives: [String(off), "999999999999999"] });
  expect([named.ready, idsOf(named.items)]).toEqual([false, ["error archive-disabled", "error archive-unknown"]]);
});

test("loops by the platform's addresses; content with errors does not hide them", async () => {
  await seedArchive(database.db, { target: { kind: "smtp", address: "journal@b.sender.example" } });
  await rows(
    `insert into platform_settings (settings, updated_at) values ('{"bounceDomain": "b.sender.example"}', now())`,
  );
  expect(idsOf((await check({})).items)).toEqual(["info archive", "error archive-loop"]);
  await rows(`update platform_settings set settings = '{"errorAddress": "journal@b.sender.example"}'`);
  expect(idsOf((await check({})).items)).toEqual(["info archive", "error archive-loop"]);
  expect(idsOf((await check({}, { errorAddress: "me@sender.example" })).items)).toEqual(["info archive"]);
  const id = await seedDelivery(database.db, {
    settings: settingsSchema.parse({ validity: "3d", archive: { on: true } }),
    content: { subject: "{{ oops", text: "unsubscribe", syntax: "liquid" },
  });
  const broken = await analyse(database.db, id);
  expect(broken.items.map((item) => item.id)).toContain("archive-loop");
});

test("what all deliveries owe is weighed against the limit", async () => {
  await seedArchive(database.db, { target: { kind: "smtp", address: "journal@archive.example" } });
  const owing = await seedInProgress(database.db, 1, 10, { archive: { on: true } });
  await rows(`update archive_parts set due = 9, owed = 9, due_at = now() where delivery_id = ${owing}`);
  await rows(
    `insert into platform_settings (settings, updated_at) values ('{"archive": {"timing": "after", "debtLimit": 10}}', now())`,
  );
  expect(idsOf((await check({})).items)).toEqual(["info archive", "warning archive-debt"]);
});

test("a test with strict copies is not ready; without them it is, and the checklist says that nobody receives anything", async () => {
  await seedArchive(database.db);
  const settings = (strict: boolean) =>
    settingsSchema.parse({ validity: "3d", mode: "test-smtp", archive: { on: true, strict } });
  const audience = await importCsv(database.db, "email\nx@x.example\n");
  const said = async (strict: boolean) => {
    const { ready, items } = await analyse(
      database.db,
      await seedDelivery(database.db, { audience, settings: settings(strict) }),
    );
    return [ready, ...idsOf(items)];
  };
  expect(await said(true)).toEqual([false, "warning mode-test-smtp", "error mode-archive-strict"]);
  expect(await said(false)).toEqual([true, "warning mode-test-smtp", "info mode-no-copies"]);
});

test("the checklist follows the platform's cap of validity", async () => {
  const audience = await importCsv(database.db, "email\nx@x.example\n");
  const said = async () =>
    idsOf(
      (await analyse(database.db, await seedDelivery(database.db, { audience, settings: settingsSchema.parse({}) })))
        .items,
    );
  expect(await said()).toEqual(["info validity-capped"]);
  await rows(`insert into platform_settings (settings, updated_at) values ('{"validityCap": "30d"}', now())`);
  expect(await said()).toEqual([]);
});
