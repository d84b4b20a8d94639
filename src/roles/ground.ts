/** What every role and command stands on: data directory, database (started if embedded, migrated), its secrets, log. */
import { accessSync, constants, mkdirSync } from "node:fs";

import { readSigningKey } from "../adapters/crypto/crypto.ts";
import { sealPlainKeys } from "../features/domains/index.ts";
import { recogniseCopy } from "../features/installation/index.ts";
import { openMasterKey } from "../features/secrets/index.ts";
import type { Config } from "../platform/config.ts";
import { openDb, type Db } from "../platform/db.ts";
import { appError, errorText } from "../platform/errors.ts";
import { createLog, type Log } from "../platform/log.ts";
import { migrate } from "../platform/migrate.ts";
import { startEmbeddedPostgres } from "../platform/postgres/embedded.ts";
import type { MasterKey } from "../platform/seal.ts";

export type Ground = {
  readonly config: Config;
  readonly db: Db;
  readonly databaseUrl: string;
  readonly masterKey: MasterKey;
  readonly log: Log;
  close(): Promise<void>;
};

export async function openGround(config: Config): Promise<Ground> {
  const log = createLog(config.logLevel, "envoi");
  makeDataDir(config.dataDir);
  const server = config.databaseUrl
    ? { url: config.databaseUrl, close: async () => {} }
    : await startEmbeddedPostgres(config.dataDir);
  try {
    await migrate(server.url);
    const db = await openDb(server.url);
    if (await recogniseCopy(db, Date.now()))
      log.warn("this database is a copy: nothing is sent until somebody releases it");
    const masterKey = await openSecrets(db, config);
    return {
      config,
      db,
      databaseUrl: server.url,
      masterKey,
      log,
      close: async () => {
        await db.close();
        await server.close();
      },
    };
  } catch (error) {
    await server.close();
    throw error;
  }
}

async function openSecrets(db: Db, config: Config): Promise<MasterKey> {
  try {
    const masterKey = await openMasterKey(db, config, Date.now());
    await sealPlainKeys(db, { masterKey, readKey: readSigningKey }, Date.now());
    return masterKey;
  } catch (error) {
    await db.close();
    throw error;
  }
}

export function makeDataDir(dir: string): void {
  try {
    // Root's PostgreSQL runs as another user, who must pass through; what lies in here is closed to others by itself.
    mkdirSync(dir, { recursive: true, mode: process.getuid?.() === 0 ? 0o711 : 0o700 });
    accessSync(dir, constants.W_OK);
  } catch (error) {
    throw appError("data-dir-unusable", { dir, detail: errorText(error) });
  }
}
