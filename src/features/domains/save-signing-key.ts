/** DKIM keys by domain and selector (RFC 6376 §3.1). Saving one again replaces it. */
import type { Instant } from "../../core/time.ts";
import { timestamp, type Db } from "../../platform/db.ts";

export type SigningKeyInput = { readonly domain: string; readonly selector: string; readonly privateKey: string };

export async function saveSigningKey(db: Db, key: SigningKeyInput, now: Instant): Promise<void> {
  await db.query(
    `insert into dkim_keys (domain, selector, private_key, created_at) values ($1, $2, $3, $4)
     on conflict (domain, selector) do update set private_key = excluded.private_key, created_at = excluded.created_at`,
    [key.domain, key.selector, key.privateKey, timestamp(now)],
  );
}
