/**
 * Keys of the tokens in public links. The newest signs; the older ones stay, because links that they signed are still out
 * there. In the database they are sealed.
 */
import { randomBytes } from "node:crypto";

import type { Instant } from "../../core/time.ts";
import type { TokenKey, TokenKeys } from "../../core/tracking/token.ts";
import type { Db, Queryable } from "../../platform/db.ts";
import { appError } from "../../platform/errors.ts";
import { type MasterKey, seal, unseal } from "../../platform/seal.ts";
import { insertTokenKey, listTokenKeys, lockTokenKeys, type SealedTokenKey } from "./store.ts";

/** 128 bits, as SipHash takes them. */
const KEY_BYTES = 16;
const FIRST_ID = 1;
/** A token has one byte for the id of its key. */
const LAST_ID = 255;

/** Throws `secret-key-wrong`. Fails when there are none: `openMasterKey` has made one before anything else runs. */
export async function loadTokenKeys(db: Queryable, masterKey: MasterKey): Promise<TokenKeys> {
  const keys = (await listTokenKeys(db)).map((row) => openTokenKey(masterKey, row));
  const current = keys.at(-1);
  if (!current) throw new Error("there is no token key");
  return { current, byId: new Map(keys.map((key) => [key.id, key])) };
}

/** Makes another key the one that signs; its id. What older keys signed stays valid. */
export function rotateTokenKey(db: Db, masterKey: MasterKey, now: Instant): Promise<number> {
  return db.transaction(async (tx) => {
    await lockTokenKeys(tx);
    const { current } = await loadTokenKeys(tx, masterKey);
    if (current.id >= LAST_ID) {
      throw appError("invalid-input", {
        detail: `There are ${LAST_ID} token keys already; no token can name another one`,
      });
    }
    const id = current.id + 1;
    await insertTokenKey(tx, newTokenKey(masterKey, id), now);
    return id;
  });
}

export function firstTokenKey(masterKey: MasterKey): SealedTokenKey {
  return newTokenKey(masterKey, FIRST_ID);
}

function newTokenKey(masterKey: MasterKey, id: number): SealedTokenKey {
  return { id, sealed: seal(masterKey, randomBytes(KEY_BYTES), contextOf(id)) };
}

function openTokenKey(masterKey: MasterKey, { id, sealed }: SealedTokenKey): TokenKey {
  const bytes = unseal(masterKey, sealed, contextOf(id));
  if (bytes?.length !== KEY_BYTES) throw appError("secret-key-wrong", { what: `token key ${id}` });
  return { id, words: [bytes.readUInt32LE(0), bytes.readUInt32LE(4), bytes.readUInt32LE(8), bytes.readUInt32LE(12)] };
}

const contextOf = (id: number) => `token_keys/${id}`;
