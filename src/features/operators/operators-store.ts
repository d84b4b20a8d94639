/** Operators as the database keeps them. What opens something (password, secret of the second factor) is read only where it is checked. */
import type { Role } from "../../core/operators/rights.ts";
import { formatInstant, type Instant } from "../../core/time.ts";
import { type Queryable, timestamp } from "../../platform/db.ts";

export type OperatorRow = {
  readonly id: number;
  readonly login: string;
  readonly name: string;
  readonly email: string;
  readonly roles: readonly Role[];
  /** Of their groups. */
  readonly inherited: readonly Role[];
  readonly groups: readonly { readonly id: string; readonly name: string }[];
  readonly disabled: boolean;
  readonly hasPassword: boolean;
  readonly secondFactor: boolean;
  /** Issuer of the account that is theirs there. */
  readonly provider: string | null;
  readonly recoveryCodes: number;
  readonly createdAt: Instant;
  readonly signedInAt: Instant | null;
  /** Of the last invitation that nobody has used; it may be over. */
  readonly invitedUntil: Instant | null;
  /** Of the last lock; it may be over. */
  readonly lockedUntil: Instant | null;
  readonly version: number;
};

const SELECT = `select o.id, o.login, o.name, o.email, o.roles, o.disabled_at is not null as disabled,
    o.password_hash is not null as "hasPassword", o.totp_since is not null as "secondFactor", o.version,
    o.oidc_issuer as provider,
    (select count(*) from recovery_codes c where c.operator_id = o.id) as "recoveryCodes",
    o.created_at as "createdAt", o.signed_in_at as "signedInAt",
    (select max(i.expires_at) from operator_invitations i where i.operator_id = o.id) as "invitedUntil",
    (select f.locked_until from sign_in_failures f
      where f.subject = 'account:' || encode(sha256(convert_to(o.login, 'UTF8')), 'hex')) as "lockedUntil", m.groups, m.inherited
  from operators o left join lateral (
    select coalesce(jsonb_agg(jsonb_build_object('id', g.id::text, 'name', g.name) order by g.name), '[]') as groups,
           coalesce((select array_agg(distinct role) from operator_group_members b
                       join operator_groups h on h.id = b.group_id, unnest(h.roles) role where b.operator_id = o.id),
                    '{}') as inherited
      from operator_group_members a join operator_groups g on g.id = a.group_id where a.operator_id = o.id) m on true`;

export async function findOperator(db: Queryable, id: number): Promise<OperatorRow | null> {
  const [row] = await db.query<OperatorRow>(`${SELECT} where o.id = $1`, [id]);
  return row ?? null;
}

export async function findOperatorByLogin(db: Queryable, login: string): Promise<OperatorRow | null> {
  const [row] = await db.query<OperatorRow>(`${SELECT} where o.login = $1`, [login]);
  return row ?? null;
}

export async function listOperators(db: Queryable, after: number, limit: number): Promise<OperatorRow[]> {
  return db.query<OperatorRow>(`${SELECT} where o.id > $1 order by o.id limit $2`, [after, limit]);
}

export type OperatorFields = Pick<OperatorRow, "login" | "name" | "email" | "roles" | "disabled">;

/** Null: the login is taken. */
export async function insertOperator(db: Queryable, fields: OperatorFields, now: Instant): Promise<number | null> {
  const [row] = await db.query<{ id: number }>(
    `insert into operators (login, name, email, roles, disabled_at, created_at)
     values ($1, $2, $3, $4, case when $5 then $6::timestamptz end, $6) on conflict (login) do nothing returning id`,
    [fields.login, fields.name, fields.email, fields.roles, fields.disabled, timestamp(now)],
  );
  return row?.id ?? null;
}

/** `taken`: the login is another's; `changed`: not the version that was seen. */
export async function updateOperator(
  db: Queryable,
  id: number,
  fields: OperatorFields,
  version: number,
  now: Instant,
): Promise<"updated" | "taken" | "changed"> {
  const [other] = await db.query("select 1 from operators where login = $1 and id <> $2", [fields.login, id]);
  if (other) return "taken";
  const rows = await db.query(
    `update operators set login = $3, name = $4, email = $5, roles = $6, version = version + 1,
            disabled_at = case when $7 then coalesce(disabled_at, $8) end
      where id = $1 and version = $2 returning 1`,
    [id, version, fields.login, fields.name, fields.email, fields.roles, fields.disabled, timestamp(now)],
  );
  return rows.length > 0 ? "updated" : "changed";
}

export async function deleteOperator(db: Queryable, id: number): Promise<void> {
  await db.query("delete from operators where id = $1", [id]);
}

export type Credentials = {
  readonly id: number;
  readonly login: string;
  readonly password_hash: string | null;
  /** Only one that a code confirmed. */
  readonly totp_secret: Buffer | null;
  readonly totp_step: number;
};

/** Of a disabled operator there are none. */
export async function findCredentials(
  db: Queryable,
  by: { readonly login: string } | { readonly id: number },
): Promise<Credentials | null> {
  const [row] = await db.query<Credentials>(
    `select id, login, password_hash, case when totp_since is not null then totp_secret end as totp_secret, totp_step
       from operators where ${"login" in by ? "login" : "id"} = $1 and disabled_at is null`,
    ["login" in by ? by.login : by.id],
  );
  return row ?? null;
}

export async function savePassword(db: Queryable, id: number, hash: string, now: Instant): Promise<void> {
  await db.query("update operators set password_hash = $2, password_set_at = $3 where id = $1", [
    id,
    hash,
    timestamp(now),
  ]);
}

export async function noteSignIn(db: Queryable, id: number, now: Instant): Promise<void> {
  await db.query("update operators set signed_in_at = $2 where id = $1", [id, timestamp(now)]);
}

export function presentOperator(row: OperatorRow) {
  const { createdAt, signedInAt, invitedUntil, lockedUntil, ...shown } = row;
  const orNull = (at: Instant | null) => (at === null ? null : formatInstant(at));
  return {
    ...shown,
    id: String(row.id),
    roles: [...row.roles],
    inherited: [...row.inherited],
    groups: [...row.groups],
    createdAt: formatInstant(createdAt),
    signedInAt: orNull(signedInAt),
    invitedUntil: orNull(invitedUntil),
    lockedUntil: orNull(lockedUntil),
  };
}
