/**
 * Databases for tests: one embedded PostgreSQL per test run (started by `test/global-setup.ts`), one database per caller,
 * cloned from a migrated template.
 */
import { randomBytes } from "node:crypto";
import { Client } from "pg";
import { inject } from "vitest";

import { openDb, type Db } from "../src/platform/db.ts";

export type TestDatabase = { readonly db: Db; readonly url: string; drop(): Promise<void> };

declare module "vitest" {
  interface ProvidedContext {
    databaseUrl: string;
  }
}

export const TEMPLATE = "envoi_template";

export async function createTestDatabase(): Promise<TestDatabase> {
  const server = inject("databaseUrl");
  const name = `test_${randomBytes(6).toString("hex")}`;
  await admin(server, `create database ${name} template ${TEMPLATE}`);
  const url = withDatabase(server, name);
  const db = await openDb(url);
  return {
    db,
    url,
    drop: async () => {
      await db.close();
      await admin(server, `drop database ${name} with (force)`);
    },
  };
}

export function withDatabase(url: string, name: string): string {
  const parsed = new URL(url);
  parsed.pathname = `/${name}`;
  return parsed.href;
}

export async function admin(url: string, sql: string): Promise<void> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    // Creating databases from one template must not overlap.
    await client.query("select pg_advisory_lock(1)");
    await client.query(sql);
  } finally {
    await client.end();
  }
}
