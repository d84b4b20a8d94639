/** Tokens as the database keeps them: never the token, only its SHA-256. */
import { formatInstant, type Instant } from "../../core/time.ts";
import { timestamp, type Queryable } from "../../platform/db.ts";
import { randomBytes } from "node:crypto";
import { hashToken, ID_LENGTH } from "./find-holder.ts";
import type { Grant } from "./rights.ts";

export function generateToken(): string {
  return `envoi_${randomBytes(32).toString("base64url")}`;
}

export type NewToken = Grant & {
  readonly label: string;
  readonly operatorId: number | null;
  readonly expiresAt: Instant | null;
};

export async function insertToken(db: Queryable, token: string, fields: NewToken, now: Instant): Promise<void> {
  await db.query(
    `insert into api_tokens (token_hash, label, created_at, rights, scopes, operator_id, expires_at)
     values ($1, $2, $3, $4, $5, $6, $7)`,
    [
      hashToken(token),
      fields.label,
      timestamp(now),
      fields.rights,
      fields.scopes,
      fields.operatorId,
      fields.expiresAt === null ? null : timestamp(fields.expiresAt),
    ],
  );
}

/** The token of the installation may do all, for ever, whatever it was before. One that is there already keeps its name. */
export async function ensureToken(db: Queryable, token: string, label: string, now: Instant): Promise<void> {
  await db.query(
    `insert into api_tokens as t (token_hash, label, created_at) values ($1, $2, $3)
     on conflict (token_hash) do update set rights = null, scopes = null, operator_id = null, expires_at = null
      where num_nonnulls(t.rights, t.scopes, t.operator_id, t.expires_at) > 0`,
    [hashToken(token), label, timestamp(now)],
  );
}

/** After the token with this label was replaced, the ones before it open nothing. */
export async function deleteOtherTokens(db: Queryable, label: string, keep: string): Promise<void> {
  await db.query("delete from api_tokens where label = $1 and token_hash <> $2 and operator_id is null", [
    label,
    hashToken(keep),
  ]);
}

type Row = {
  id: string;
  label: string;
  login: string | null;
  rights: string[] | null;
  scopes: string[] | null;
  created_at: Instant;
  expires_at: Instant | null;
  last_used_at: Instant | null;
  last_used_from: string | null;
};

const instant = (at: Instant | null) => (at === null ? null : formatInstant(at));

/** `owner` null: everybody's. */
export async function listTokens(
  db: Queryable,
  owner: number | null,
  { after, id = null, limit }: { after: string; id?: string | null; limit: number },
) {
  const rows = await db.query<Row>(
    `select left(token_hash, ${ID_LENGTH}) as id, t.label, o.login, t.rights, t.scopes, t.created_at, t.expires_at,
            t.last_used_at, t.last_used_from
       from api_tokens t left join operators o on o.id = t.operator_id
      where left(token_hash, ${ID_LENGTH}) > $1 and ($2::bigint is null or t.operator_id = $2)
        and ($3::text is null or left(token_hash, ${ID_LENGTH}) = $3) order by 1 limit $4`,
    [after, owner, id, limit],
  );
  return rows.map((row) => ({
    id: row.id,
    label: row.label,
    login: row.login,
    rights: row.rights,
    scopes: row.scopes,
    createdAt: formatInstant(row.created_at),
    expiresAt: instant(row.expires_at),
    lastUsedAt: instant(row.last_used_at),
    lastUsedFrom: row.last_used_from,
  }));
}

export function tokenId(token: string): string {
  return hashToken(token).slice(0, ID_LENGTH);
}

/** `owner` null: whosever it is. Sessions that use it end with it. */
export async function deleteToken(db: Queryable, id: string, owner: number | null): Promise<boolean> {
  const rows = await db.query(
    `delete from api_tokens where left(token_hash, ${ID_LENGTH}) = $1 and ($2::bigint is null or operator_id = $2)
     returning 1`,
    [id, owner],
  );
  return rows.length > 0;
}
