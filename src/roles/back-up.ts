/** Backup and restore put together: database, master key and data directory. */
import { readMasterKey } from "../platform/master-key.ts";
import {
  type Backup,
  readManifest,
  type Restored,
  restoreBackup,
  unsealKey,
  writeBackup,
} from "../features/backup/index.ts";
import type { Instant } from "../core/time.ts";
import type { Config } from "../platform/config.ts";
import { openDb } from "../platform/db.ts";
import { appError } from "../platform/errors.ts";
import { startEmbeddedPostgres } from "../platform/postgres/embedded.ts";
import { writeOnce } from "../platform/write-once.ts";
import { join } from "node:path";
import { type Ground, makeDataDir } from "./ground.ts";
import { version } from "./version.ts";

export type BackUpWish = {
  readonly to: string;
  /** Null: without the master key. */
  readonly passphrase: string | null;
  readonly now: Instant;
  readonly onProgress?: (text: string) => void;
};

export function backUp({ db, config, masterKey }: Ground, { passphrase, ...wish }: BackUpWish): Promise<Backup> {
  const key = masterKey.export().toString("base64");
  const secretKey = passphrase === null ? null : { key, passphrase };
  return writeBackup(db, { ...wish, dataDir: config.dataDir, envoi: version(), secretKey });
}

/** `restored`: it was in the backup. `there`: one was there before. */
export type RestoredKey = "restored" | "there" | "missing";

/** Into the data directory, and into `DATABASE_URL` if that is set. */
export async function restore(
  config: Config,
  from: string,
  passphrase: string | null,
  now: Instant,
): Promise<Restored & { readonly secretKey: RestoredKey }> {
  const sealed = (await readManifest(from)).secretKey;
  const key = sealed !== null && passphrase !== null ? unsealKey(sealed, passphrase) : null;
  makeDataDir(config.dataDir);
  const isThere = readMasterKey(config) !== null;
  const server = config.databaseUrl
    ? { url: config.databaseUrl, close: async () => {} }
    : await startEmbeddedPostgres(config.dataDir);
  try {
    const db = await openDb(server.url);
    try {
      const restored = await restoreBackup(db, from, config.dataDir, now);
      if (!isThere && key !== null) writeKey(config.dataDir, key);
      return { ...restored, secretKey: isThere ? "there" : key === null ? "missing" : "restored" };
    } finally {
      await db.close();
    }
  } finally {
    await server.close();
  }
}

function writeKey(dataDir: string, key: string): void {
  const path = join(dataDir, "secret-key");
  if (!writeOnce(path, `${key}\n`))
    throw appError("secret-key-unusable", { place: path, detail: "appeared meanwhile" });
}
