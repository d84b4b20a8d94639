/**
 * The first API token: given by ENVOI_ADMIN_TOKEN, or made on the first start and kept in the data directory where only
 * its owner can read it.
 */
import type { Instant } from "../../core/time.ts";
import type { Db } from "../../platform/db.ts";
import { appError, errorCode, errorText } from "../../platform/errors.ts";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { deleteOtherTokens, ensureToken, generateToken } from "./tokens-store.ts";

/** `path` is null when the token comes from the environment. `created` on the very first start. */
export type AdminToken = { readonly token: string; readonly path: string | null; readonly created: boolean };

const CONFIGURED = "admin (environment)";

export async function ensureAdminToken(
  db: Db,
  dataDir: string,
  configured: string | null,
  now: Instant,
): Promise<AdminToken> {
  if (configured !== null) {
    await db.transaction(async (tx) => {
      await ensureToken(tx, configured, CONFIGURED, now);
      await deleteOtherTokens(tx, CONFIGURED, configured);
    });
    return { token: configured, path: null, created: false };
  }
  const path = join(dataDir, "admin-token");
  const { token, created } = await readOrCreate(path, dataDir);
  // Each time: the database may be a new one, and several web processes may share it, each with a file of its own.
  await ensureToken(db, token, "admin", now);
  return { token, path, created };
}

async function readOrCreate(path: string, dir: string): Promise<{ token: string; created: boolean }> {
  const token = generateToken();
  try {
    await writeFile(path, `${token}\n`, { mode: 0o600, flag: "wx" });
    return { token, created: true };
  } catch (error) {
    if (errorCode(error) !== "EEXIST") throw appError("data-dir-unusable", { dir, detail: errorText(error) });
  }
  const existing = (await readFile(path, "utf8")).trim();
  if (existing === "")
    throw appError("data-dir-unusable", { dir, detail: `${path} is empty; delete it to get a new token` });
  return { token: existing, created: false };
}
