/** Signed-in browsers, as the database keeps them: of what the cookie holds only the hash. */
import { formatInstant, type Instant } from "../../core/time.ts";
import { timestamp, type Queryable } from "../../platform/db.ts";
import { randomBytes } from "node:crypto";
import { hashToken, ID_LENGTH, SESSION_IDLE, SESSION_LONGEST } from "./find-holder.ts";

/** By password (`operatorId`) or with a token. */
export type SessionOwner =
  | {
      readonly operatorId: number;
      /** Issuer of the provider that said who it is. */
      readonly provider?: string;
    }
  | { readonly token: string };
export type Client = { readonly address: string; readonly userAgent: string };

/** What the cookie is to hold. */
export async function insertSession(db: Queryable, owner: SessionOwner, client: Client, now: Instant): Promise<string> {
  const cookie = randomBytes(32).toString("base64url");
  await db.query("delete from operator_sessions where expires_at < $1 or seen_at < $2", [
    timestamp(now),
    timestamp(now - SESSION_IDLE),
  ]);
  await db.query(
    `insert into operator_sessions (id_hash, operator_id, token_hash, created_at, seen_at, expires_at, address, user_agent, oidc_issuer)
     values ($1, $2, $3, $4, $4, $5, $6, $7, $8)`,
    [
      hashToken(cookie),
      "operatorId" in owner ? owner.operatorId : null,
      "token" in owner ? hashToken(owner.token) : null,
      timestamp(now),
      timestamp(now + SESSION_LONGEST),
      client.address,
      client.userAgent.slice(0, 500),
      "provider" in owner ? owner.provider : null,
    ],
  );
  return cookie;
}

/** The provider by which it was opened; null: none, or there was no such session. */
export async function deleteSessionOfCookie(db: Queryable, cookie: string): Promise<string | null> {
  const [row] = await db.query<{ issuer: string | null }>(
    "delete from operator_sessions where id_hash = $1 returning oidc_issuer as issuer",
    [hashToken(cookie)],
  );
  return row?.issuer ?? null;
}

/** Ends all sessions of an operator but the one they work in. */
export async function deleteSessions(db: Queryable, operatorId: number, exceptId: string | null): Promise<void> {
  await db.query(
    `delete from operator_sessions s where left(id_hash, ${ID_LENGTH}) is distinct from $2 and (operator_id = $1
        or token_hash in (select token_hash from api_tokens where operator_id = $1))`,
    [operatorId, exceptId],
  );
}

type Row = {
  id: string;
  login: string | null;
  token: string | null;
  created_at: Instant;
  seen_at: Instant;
  expires_at: Instant;
  address: string;
  user_agent: string;
};

/** Whose sessions: one operator's, those of one token, or everybody's. */
export type SessionFilter = { readonly operatorId: number | null; readonly tokenId: string | null } | "all";

const OF = `($1 or o.id = $2 or ($2::bigint is null and left(s.token_hash, ${ID_LENGTH}) = $3))`;
const paramsOf = (filter: SessionFilter) =>
  filter === "all" ? [true, null, null] : [false, filter.operatorId, filter.tokenId];

const FROM = `operator_sessions s left join api_tokens t on t.token_hash = s.token_hash
  left join operators o on o.id = coalesce(s.operator_id, t.operator_id)`;

export async function listSessions(db: Queryable, filter: SessionFilter, after: string, limit: number, now: Instant) {
  const rows = await db.query<Row>(
    `select left(s.id_hash, ${ID_LENGTH}) as id, o.login, t.label as token, s.created_at, s.seen_at,
            least(s.expires_at, s.seen_at + $7 * interval '1 ms') as expires_at, s.address, s.user_agent
       from ${FROM} where ${OF} and s.expires_at > $5 and s.seen_at > $6 and left(s.id_hash, ${ID_LENGTH}) > $4
      order by 1 limit $8`,
    [...paramsOf(filter), after, timestamp(now), timestamp(now - SESSION_IDLE), SESSION_IDLE, limit],
  );
  return rows.map((row) => ({
    id: row.id,
    login: row.login,
    token: row.token,
    createdAt: formatInstant(row.created_at),
    seenAt: formatInstant(row.seen_at),
    expiresAt: formatInstant(row.expires_at),
    address: row.address,
    userAgent: row.user_agent,
  }));
}

export async function deleteSession(db: Queryable, filter: SessionFilter, id: string): Promise<boolean> {
  const rows = await db.query(
    `delete from operator_sessions where id_hash in (
       select s.id_hash from ${FROM} where ${OF} and left(s.id_hash, ${ID_LENGTH}) = $4) returning 1`,
    [...paramsOf(filter), id],
  );
  return rows.length > 0;
}
