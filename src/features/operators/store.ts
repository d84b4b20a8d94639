/** Tokens as the database keeps them: never the token, only its SHA-256. */
import { formatInstant, type Instant } from "../../core/time.ts";
import { timestamp, type Queryable } from "../../platform/db.ts";
import { createHash, randomBytes } from "node:crypto";

/** 256 random bits need no slow hash; look-up by hash takes the same time for every wrong token. */
export function hashToken(token: string): string {
  return createHash("sha256").update(token).digest("hex");
}

export function generateToken(): string {
  return `envoi_${randomBytes(32).toString("base64url")}`;
}

export async function findTokenLabel(db: Queryable, hash: string): Promise<string | null> {
  const [row] = await db.query<{ label: string }>("select label from api_tokens where token_hash = $1", [hash]);
  return row?.label ?? null;
}

export async function insertToken(db: Queryable, token: string, label: string, now: Instant): Promise<void> {
  await db.query(
    "insert into api_tokens (token_hash, label, created_at) values ($1, $2, $3) on conflict (token_hash) do nothing",
    [hashToken(token), label, timestamp(now)],
  );
}

/** After the token with this label was replaced, the ones before it open nothing. */
export async function deleteOtherTokens(db: Queryable, label: string, keep: string): Promise<void> {
  await db.query("delete from api_tokens where label = $1 and token_hash <> $2", [label, hashToken(keep)]);
}

/** A token is named outside by the start of its hash. */
const ID_LENGTH = 12;

export type TokenRow = { readonly id: string; readonly label: string; readonly createdAt: string };

export async function listTokens(db: Queryable, after: string, limit: number): Promise<TokenRow[]> {
  const rows = await db.query<{ id: string; label: string; created_at: Instant }>(
    `select left(token_hash, ${ID_LENGTH}) as id, label, created_at from api_tokens
      where left(token_hash, ${ID_LENGTH}) > $1 order by 1 limit $2`,
    [after, limit],
  );
  return rows.map((row) => ({ id: row.id, label: row.label, createdAt: formatInstant(row.created_at) }));
}

export function tokenId(token: string): string {
  return hashToken(token).slice(0, ID_LENGTH);
}

export async function deleteToken(db: Queryable, id: string): Promise<boolean> {
  const rows = await db.query(`delete from api_tokens where left(token_hash, ${ID_LENGTH}) = $1 returning 1`, [id]);
  return rows.length > 0;
}
