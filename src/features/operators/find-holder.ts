/** Who holds a token or a session, and which rights they have at this moment: roles and groups are read with it each time. */
import { type Role, type Rights, rightsOfRoles, rightsOfToken } from "../../core/operators/rights.ts";
import { HOUR, DAY, MINUTE, type Instant } from "../../core/time.ts";
import { timestamp, type Queryable } from "../../platform/db.ts";
import { createHash } from "node:crypto";

export type Actor = {
  /** Name in the audit log and in events. */
  readonly label: string;
  readonly rights: Rights;
  /** Null: a token that belongs to nobody. */
  readonly operatorId: number | null;
  readonly groupIds: readonly number[];
  /** The token that is used, or with which the session began. */
  readonly tokenId: string | null;
  readonly sessionId: string | null;
  /** To whom Idempotency-Keys belong. */
  readonly caller: string;
};

/** A session ends when it was not used for so long, and in any case after so long. */
export const SESSION_IDLE = 12 * HOUR;
export const SESSION_LONGEST = 7 * DAY;

/** Times of use are kept to the minute: a write with each request would cost more than the request. */
const SEEN_EVERY = MINUTE;

/** A token and a session are named outside by the start of their hash. */
export const ID_LENGTH = 12;

/** 256 random bits need no slow hash; look-up by hash takes the same time for every wrong token. */
export function hashToken(token: string): string {
  return createHash("sha256").update(token).digest("hex");
}

type OperatorColumns = {
  operator_id: number | null;
  login: string | null;
  roles: Role[] | null;
  group_ids: number[] | null;
};
type TokenColumns = { token_hash: string; label: string; rights: string[] | null; scopes: string[] | null };
type TokenRow = OperatorColumns & TokenColumns & { seen: Instant | null };
type SessionRow = OperatorColumns & { [K in keyof TokenColumns]: TokenColumns[K] | null } & {
  id_hash: string;
  seen: Instant;
};

/** Of the operator `o`: not disabled, with all roles. */
const OPERATOR = `o.id as operator_id, o.login, o.roles || coalesce(m.roles, '{}') as roles, m.group_ids`;
const GROUPS = `left join lateral (
    select array_agg(r.role) as roles, array_agg(distinct g.id) as group_ids
      from operator_group_members om join operator_groups g on g.id = om.group_id
      left join lateral unnest(g.roles) as r(role) on true
     where om.operator_id = o.id) m on true`;

export async function findTokenHolder(db: Queryable, token: string, from: string, now: Instant): Promise<Actor | null> {
  const [row] = await db.query<TokenRow>(
    `select t.token_hash, t.label, t.rights, t.scopes, t.last_used_at as seen, ${OPERATOR}
       from api_tokens t left join operators o on o.id = t.operator_id ${GROUPS}
      where t.token_hash = $1 and (t.expires_at is null or t.expires_at > $2)
        and (t.operator_id is null or o.disabled_at is null)`,
    [hashToken(token), timestamp(now)],
    { name: "token-holder" },
  );
  if (!row) return null;
  if (row.seen === null || now - row.seen > SEEN_EVERY) {
    await db.query("update api_tokens set last_used_at = $2, last_used_from = $3 where token_hash = $1", [
      row.token_hash,
      timestamp(now),
      from,
    ]);
  }
  return tokenActor(row, null);
}

/** `cookie`: what the browser holds. */
export async function findSessionHolder(db: Queryable, cookie: string, now: Instant): Promise<Actor | null> {
  const [row] = await db.query<SessionRow>(
    `select s.id_hash, s.seen_at as seen, t.token_hash, t.label, t.rights, t.scopes, ${OPERATOR}
       from operator_sessions s left join api_tokens t on t.token_hash = s.token_hash
       left join operators o on o.id = coalesce(s.operator_id, t.operator_id) ${GROUPS}
      where s.id_hash = $1 and s.expires_at > $2 and s.seen_at > $3
        and (t.token_hash is null or t.expires_at is null or t.expires_at > $2)
        and (o.id is null or o.disabled_at is null)`,
    [hashToken(cookie), timestamp(now), timestamp(now - SESSION_IDLE)],
  );
  if (!row) return null;
  if (now - row.seen > SEEN_EVERY) {
    await db.query("update operator_sessions set seen_at = $2 where id_hash = $1", [row.id_hash, timestamp(now)]);
  }
  const sessionId = row.id_hash.slice(0, ID_LENGTH);
  if (row.token_hash !== null) return tokenActor(row as OperatorColumns & TokenColumns, sessionId);
  return { ...operatorActor(row), sessionId, caller: `operator:${row.operator_id}` };
}

/**
 * Somebody who once did something that goes on in their name, as they are now: null when they are gone or disabled, or the token is.
 * `tokenId`: of the token they did it with.
 */
export async function findActor(
  db: Queryable,
  { operatorId, tokenId }: Pick<Actor, "operatorId" | "tokenId">,
  now: Instant,
): Promise<Omit<Actor, "sessionId" | "caller"> | null> {
  if (tokenId !== null) {
    const [row] = await db.query<TokenRow>(
      `select t.token_hash, t.label, t.rights, t.scopes, ${OPERATOR}
         from api_tokens t left join operators o on o.id = t.operator_id ${GROUPS}
        where left(t.token_hash, ${ID_LENGTH}) = $1 and (t.expires_at is null or t.expires_at > $2)
          and (t.operator_id is null or o.disabled_at is null)`,
      [tokenId, timestamp(now)],
    );
    return row ? tokenActor(row, null) : null;
  }
  const [row] = await db.query<OperatorColumns>(
    `select ${OPERATOR} from operators o ${GROUPS} where o.id = $1 and o.disabled_at is null`,
    [operatorId],
  );
  return row ? operatorActor(row) : null;
}

const operatorActor = (row: OperatorColumns) => ({
  label: row.login ?? "",
  rights: rightsOfRoles(row.roles ?? []),
  operatorId: row.operator_id,
  groupIds: row.group_ids ?? [],
  tokenId: null,
});

function tokenActor(row: OperatorColumns & TokenColumns, sessionId: string | null): Actor {
  const owner = row.operator_id === null ? null : rightsOfRoles(row.roles ?? []);
  return {
    label: row.login === null ? row.label : `${row.login} (${row.label})`,
    rights: rightsOfToken(row, owner),
    operatorId: row.operator_id,
    groupIds: row.group_ids ?? [],
    tokenId: row.token_hash.slice(0, ID_LENGTH),
    sessionId,
    caller: row.token_hash,
  };
}
