/** SQL of the token keys. */
import { timestamp, type Queryable, type Tx } from "../../platform/db.ts";
import type { Instant } from "../../core/time.ts";

export type SealedTokenKey = { readonly id: number; readonly sealed: Buffer };

/** Oldest first. */
export function listTokenKeys(db: Queryable): Promise<SealedTokenKey[]> {
  return db.query<SealedTokenKey>("select id, sealed from token_keys order by id");
}

export async function insertTokenKey(tx: Queryable, key: SealedTokenKey, now: Instant): Promise<void> {
  await tx.query("insert into token_keys (id, sealed, created_at) values ($1, $2, $3)", [
    key.id,
    key.sealed,
    timestamp(now),
  ]);
}

/** Whoever makes keys does so alone, until the transaction ends. */
export async function lockTokenKeys(tx: Tx): Promise<void> {
  await tx.query("lock table token_keys in share row exclusive mode");
}
