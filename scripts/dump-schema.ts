/**
 * `npm run db:dump`: writes db/schema.sql, the schema as the migrations make it, in a form that does not depend on
 * pg_dump's version. A test compares it, so that the change of a migration shows in review as a change of the schema.
 */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { openDb } from "../src/platform/db.ts";
import { describeSchema } from "../src/platform/describe-schema.ts";
import { migrate } from "../src/platform/migrate.ts";
import { startEmbeddedPostgres } from "../src/platform/postgres/embedded.ts";

const TARGET = fileURLToPath(new URL("../db/schema.sql", import.meta.url));

const dir = mkdtempSync(join(tmpdir(), "envoi-schema-"));
const server = await startEmbeddedPostgres(dir);
await migrate(server.url);
const db = await openDb(server.url);
writeFileSync(TARGET, await describeSchema(db));
await db.close();
await server.close();
rmSync(dir, { recursive: true, force: true });
console.log(`written: ${TARGET}`);
