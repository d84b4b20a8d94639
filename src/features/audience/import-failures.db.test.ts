/** Files that cannot be imported, and imports that are killed: a clear error, and nothing half-visible. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";

import { createTestDatabase, type TestDatabase } from "../../../test/database.ts";
import type { Db } from "../../platform/db.ts";
import { cleanUpImports, getImport, importFile, listImports, startImport } from "./index.ts";

const NOW = Date.UTC(2030, 0, 2);
const now = () => NOW;

let database: TestDatabase;
let db: Db;

beforeAll(async () => {
  database = await createTestDatabase();
  db = database.db;
});
afterAll(() => database.drop());
beforeEach(() => db.query("truncate recipients, lists, list_members, imports, import_errors, quarantine"));

async function* bytes(content: string | Uint8Array) {
  yield Buffer.from(content);
}

const bring = (content: string | Uint8Array) =>
  importFile(db, { fileName: "people.csv", stream: bytes(content) }, { now });
const all = { after: null, limit: 1000 };

async function recipients() {
  return db.query("select address, attributes from recipients order by match_key");
}

/** What others can see of an import besides its own row. */
async function visible(): Promise<number> {
  const [row] = await db.query<{ count: number }>(
    `select (select count(*) from recipients) + (select count(*) from lists) + (select count(*) from list_members)
          + (select count(*) from import_errors) as count`,
  );
  return row?.count ?? -1;
}

describe("files that cannot be imported", () => {
  let dir: string;
  beforeAll(() => {
    dir = mkdtempSync(join(tmpdir(), "envoi-import-"));
    writeFileSync(join(dir, "picture.csv"), Buffer.from("89504e470d0a1a0a0000", "hex"));
  });
  afterAll(() => rmSync(dir, { recursive: true }));

  test.each<[string, string, RegExp]>([
    ["missing.csv", "file-unreadable", /missing\.csv.*no such file/],
    [".", "file-unreadable", /directory/],
    ["picture.csv", "csv-binary", /PNG/],
  ])("%s", async (name, code, message) => {
    const failure = await importFile(db, { fileName: name, path: join(dir, name) }, { now }).catch(
      (error: unknown) => error,
    );
    expect(failure).toMatchObject({ code, exit: 2, message: expect.stringMatching(message) });
  });

  test.each<[string, string, string, RegExp]>([
    ["nothing", "", "csv-empty", /people\.csv is empty/],
    ["only line ends", "\n\r\n", "csv-empty", /empty/],
    [
      "no address column",
      "name;city\nAnn;Paris\n",
      "csv-no-email-column",
      /people\.csv, line 1: .*Columns found: name, city\./,
    ],
    ["a name twice", "email,name, name\n", "csv-column-duplicate", /line 1, column 3: .*"name".*first in column 2/],
    ["two address columns", "email,Email\n", "csv-column-duplicate", /column 2/],
    ["a column without name", "email,,name\n", "csv-column-unnamed", /line 1, column 2/],
    ["an unfinished header", 'email,"name\n', "csv-malformed", /line 1, column 2: the value opens a quote/],
    ["text after a quote in the header", '"email"x,name\n', "csv-malformed", /line 1, column 1/],
    [
      "a long value",
      `email,name\na@x.example,Ann\nb@x.example,${"x".repeat(1_100_000)}\n`,
      "csv-malformed",
      /line 3, column 2: .*1 MB/,
    ],
    ["zeros", "\0".repeat(50), "csv-binary", /byte 0/],
  ])("%s", async (_, content, code, message) => {
    await expect(bring(content)).rejects.toMatchObject({ code, exit: 2, message: expect.stringMatching(message) });
    expect(await visible()).toBe(0);
    const [failed] = (await listImports(db, all)).data;
    expect(failed).toMatchObject({ status: "failed", counts: { total: 0 }, error: { code, status: 422 } });
  });

  test("100 MB in one line end after a small part of it", async () => {
    let given = 0;
    async function* endless() {
      yield Buffer.from("email,name\n");
      for (; given < 1600; given++) yield Buffer.alloc(1 << 16, "x");
    }
    await expect(importFile(db, { fileName: "long.csv", stream: endless() }, { now })).rejects.toMatchObject({
      code: "csv-malformed",
      message: expect.stringContaining("long.csv, line 2, column 1"),
    });
    expect(given).toBeLessThan(300);
  });
});

describe("killed", () => {
  const rows = (count: number, from = 0) =>
    Buffer.from(Array.from({ length: count }, (_, i) => `k${from + i}@x.example,x\n`).join(""));

  test("an upload that breaks off leaves nothing visible", async () => {
    async function* broken() {
      yield Buffer.concat([Buffer.from("email,name\n"), rows(20_000)]);
      throw new Error("aborted");
    }
    await expect(importFile(db, { fileName: "people.csv", stream: broken() }, { now })).rejects.toMatchObject({
      code: "import-interrupted",
    });
    expect(await visible()).toBe(0);
    expect((await listImports(db, all)).data).toMatchObject([
      { status: "failed", error: { code: "import-interrupted" } },
    ]);
    expect((await bring("email\na@x.example\n")).status).toBe("completed");
  });

  const killSession = () =>
    db.query(
      "select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and query ilike '%import_rows%' and pid <> pg_backend_pid()",
    );

  test("a database session that dies while rows are read leaves nothing visible", async () => {
    async function* deadly() {
      yield Buffer.concat([Buffer.from("email,name\n"), rows(20_000)]);
      await killSession();
      for (let i = 1; i < 50; i++) yield rows(5000, i * 20_000);
    }
    await expect(importFile(db, { fileName: "people.csv", stream: deadly() }, { now })).rejects.toMatchObject({
      code: "import-interrupted",
    });
    expect(await visible()).toBe(0);
    expect((await listImports(db, all)).data).toMatchObject([{ status: "failed" }]);
    expect((await bring("email\na@x.example\n")).status).toBe("completed");
  });

  test("so does one that dies in the merge", async () => {
    // Somebody else holds a recipient: the merge waits in the middle.
    await bring("email,name\nk5@x.example,old\n");
    const before = await visible();
    const release = Promise.withResolvers<void>();
    const held = Promise.withResolvers<void>();
    const holder = db.transaction(async (tx) => {
      await tx.query("select from recipients for update");
      held.resolve();
      await release.promise;
    });
    await held.promise;
    const merging = bring(Buffer.concat([Buffer.from("email,name\n"), rows(10)]));
    const failure = merging.catch((error: unknown) => error);
    const waiting =
      "select 1 from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database() and query like '%update recipients%'";
    await expect.poll(() => db.query(waiting)).toHaveLength(1);
    await db.query(waiting.replace("select 1", "select pg_terminate_backend(pid)"));
    expect(await failure).toMatchObject({ code: "import-interrupted" });
    release.resolve();
    await holder;
    expect(await visible()).toBe(before);
    expect(await recipients()).toEqual([{ address: "k5@x.example", attributes: { name: "old" } }]);
  });

  test("a dead process's import is marked as failed at the next start; a living one goes on", async () => {
    await db.query("insert into imports (status, file_name, created_at) values ('running', 'dead.csv', now())");
    const more = Promise.withResolvers<void>();
    async function* slow() {
      yield Buffer.from("email\na@x.example\n");
      await more.promise;
      yield Buffer.from("b@x.example\n");
    }
    const { id, done } = await startImport(db, { fileName: "alive.csv", stream: slow() }, { now });
    expect(await getImport(db, id)).toMatchObject({ status: "running" });
    expect(await cleanUpImports(db, NOW)).toBe(1);
    expect(await cleanUpImports(db, NOW)).toBe(0);
    more.resolve();
    expect(await done).toMatchObject({ status: "completed", counts: { created: 2 } });
    expect((await listImports(db, all)).data).toMatchObject([
      { fileName: "alive.csv", status: "completed" },
      { fileName: "dead.csv", status: "failed", error: { code: "import-interrupted" } },
    ]);
  });
});
