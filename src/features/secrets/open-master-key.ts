/**
 * Finds the key of the installation, or makes it when there is nothing yet that another one sealed. The first token key is
 * made along with it: from then on the database itself can tell the right key from a wrong one.
 */
import type { Instant } from "../../core/time.ts";
import type { Db } from "../../platform/db.ts";
import { appError } from "../../platform/errors.ts";
import { createMasterKey, type MasterKeySource, readMasterKey } from "../../platform/master-key.ts";
import type { MasterKey } from "../../platform/seal.ts";
import { insertTokenKey, listTokenKeys, lockTokenKeys } from "./store.ts";
import { firstTokenKey, loadTokenKeys } from "./token-keys.ts";

/** Throws `secret-key-unusable` or `secret-key-wrong`; then nothing was changed, in particular no new key was made. */
export async function openMasterKey(db: Db, source: MasterKeySource, now: Instant): Promise<MasterKey> {
  // In this order: who made the token key made the file before.
  const [first] = await listTokenKeys(db);
  const key = readMasterKey(source);
  if (!first) return makeKeys(db, source, now);
  if (key === null) throw appError("secret-key-wrong", { what: `token key ${first.id}` });
  await loadTokenKeys(db, key);
  return key;
}

/** Several processes may start at once on one database, even with different data directories: the first one's key counts. */
function makeKeys(db: Db, source: MasterKeySource, now: Instant): Promise<MasterKey> {
  return db.transaction(async (tx) => {
    await lockTokenKeys(tx);
    const existing = readMasterKey(source);
    const [first] = await listTokenKeys(tx);
    if (first && existing === null) throw appError("secret-key-wrong", { what: `token key ${first.id}` });
    const key = existing ?? createMasterKey(source);
    if (first) await loadTokenKeys(tx, key);
    else await insertTokenKey(tx, firstTokenKey(key), now);
    return key;
  });
}
