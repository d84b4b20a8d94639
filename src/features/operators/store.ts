/** Tokens as the database keeps them: never the token, only its SHA-256. */
import { formatInstant, type Instant } from "../../core/time.ts";
import { timestamp, type Queryable } from "../../platform/db.ts";
import { createHash, randomBytes } from "node:crypto";
import type { Rights } from "./rights.ts";

/** 256 random bits need no slow hash; look-up by hash takes the same time for every wrong token. */
export function hashToken(token: string): string {
  return createHash("sha256").update(token).digest("hex");
}

export function generateToken(): string {
  return `envoi_${randomBytes(32).toString("base64url")}`;
}

type FoundToken = { readonly label: string; readonly rights: Rights };

export async function findToken(db: Queryable, hash: string): Promise<FoundToken | null> {
  const [row] = await db.query<FoundToken>("select label, rights from api_tokens where token_hash = $1", [hash]);
  return row ?? null;
}

/** One that is there already keeps its name; its rights are the given ones. */
export async function insertToken(
  db: Queryable,
  token: string,
  { label, rights }: FoundToken,
  now: Instant,
): Promise<void> {
  await db.query(
    `insert into api_tokens as t (token_hash, label, created_at, rights) values ($1, $2, $3, $4)
     on conflict (token_hash) do update set rights = excluded.rights where t.rights is distinct from excluded.rights`,
    [hashToken(token), label, timestamp(now), rights],
  );
}

/** After the token with this label was replaced, the ones before it open nothing. */
export async function deleteOtherTokens(db: Queryable, label: string, keep: string): Promise<void> {
  await db.query("delete from api_tokens where label = $1 and token_hash <> $2", [label, hashToken(keep)]);
}

/** A token is named outside by the start of its hash. */
const ID_LENGTH = 12;

export type TokenRow = FoundToken & { readonly id: string; readonly createdAt: string };

export async function listTokens(db: Queryable, after: string, limit: number): Promise<TokenRow[]> {
  const rows = await db.query<FoundToken & { id: string; created_at: Instant }>(
    `select left(token_hash, ${ID_LENGTH}) as id, label, rights, created_at from api_tokens
      where left(token_hash, ${ID_LENGTH}) > $1 order by 1 limit $2`,
    [after, limit],
  );
  return rows.map(({ created_at: at, ...row }) => ({ ...row, createdAt: formatInstant(at) }));
}

export function tokenId(token: string): string {
  return hashToken(token).slice(0, ID_LENGTH);
}

export async function deleteToken(db: Queryable, id: string): Promise<boolean> {
  const rows = await db.query(`delete from api_tokens where left(token_hash, ${ID_LENGTH}) = $1 returning 1`, [id]);
  return rows.length > 0;
}
