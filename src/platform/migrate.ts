/**
 * Brings the schema up to this program's version: numbered files in db/migrations, one transaction each, under an
 * advisory lock so that several processes may start at once. A database that knows a migration this program does not
 * know was written by a newer one and is refused untouched.
 */
import { copyFile, mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { runner } from "node-pg-migrate";
import { Client } from "pg";

import { asDatabaseError, type Queryable } from "./db.ts";
import { appError } from "./errors.ts";

const DIR = fileURLToPath(new URL("../../db/migrations", import.meta.url));
const TABLE = "schema_migrations";
/** Any number that nothing else in this database uses for advisory locks. */
const LOCK = 7_236_001;

/** Names of the migrations that were applied now. */
export async function migrate(url: string): Promise<string[]> {
  const client = new Client({ connectionString: url, application_name: "envoi migrate" });
  try {
    await client.connect();
  } catch (error) {
    throw asDatabaseError(error);
  }
  try {
    await client.query("select pg_advisory_lock($1)", [LOCK]);
    await refuseNewer(client);
    const applied = await runner({
      dbClient: client,
      dir: DIR,
      migrationsTable: TABLE,
      direction: "up",
      // A number that was kept for something else may be filled when later ones are there.
      checkOrder: false,
      noLock: true,
      log: () => {},
    });
    return applied.map((migration) => migration.name);
  } finally {
    await client.end();
  }
}

/** Brings an empty database to exactly these migrations. Throws `schema-newer` when this program does not know one of them. */
export async function migrateTo(url: string, names: readonly string[]): Promise<void> {
  const known = new Set((await readdir(DIR)).map((file) => file.replace(/\.sql$/, "")));
  const newer = names.find((name) => !known.has(name));
  if (newer !== undefined) throw appError("schema-newer", { migration: newer });
  const dir = await mkdtemp(join(tmpdir(), "envoi-migrations-"));
  try {
    for (const name of names) await copyFile(join(DIR, `${name}.sql`), join(dir, `${name}.sql`));
    await runner({
      databaseUrl: url,
      dir,
      migrationsTable: TABLE,
      direction: "up",
      checkOrder: false,
      log: () => {},
    });
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}

/** Names of the migrations that this program knows and the database has not seen. */
export async function missingMigrations(db: Queryable): Promise<string[]> {
  const rows = await db.query<{ name: string }>(`select name from ${TABLE}`);
  const applied = new Set(rows.map((row) => row.name));
  const known = (await readdir(DIR)).map((file) => file.replace(/\.sql$/, ""));
  return known.filter((name) => !applied.has(name)).toSorted();
}

async function refuseNewer(client: Client): Promise<void> {
  const known = new Set((await readdir(DIR)).map((file) => file.replace(/\.sql$/, "")));
  const exists = await client.query("select to_regclass($1) is not null as yes", [TABLE]);
  if (!exists.rows[0]?.yes) return;
  const { rows } = await client.query<{ name: string }>(`select name from ${TABLE} order by id`);
  const newer = rows.find((row) => !known.has(row.name));
  if (newer) throw appError("schema-newer", { migration: newer.name });
}
