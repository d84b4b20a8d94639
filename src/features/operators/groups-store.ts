/** Groups of operators: their roles are added to those of their members. */
import type { Role } from "../../core/operators/rights.ts";
import type { Instant } from "../../core/time.ts";
import { type Queryable, timestamp, type Tx } from "../../platform/db.ts";

export type GroupRow = {
  readonly id: number;
  readonly name: string;
  readonly roles: readonly Role[];
  readonly members: readonly { readonly id: string; readonly login: string; readonly name: string }[];
  readonly version: number;
};

const SELECT = `select g.id, g.name, g.roles, g.version, coalesce(m.members, '[]') as members
  from operator_groups g left join lateral (
    select jsonb_agg(jsonb_build_object('id', o.id::text, 'login', o.login, 'name', o.name) order by o.login) as members
      from operator_group_members om join operators o on o.id = om.operator_id where om.group_id = g.id) m on true`;

export async function listGroups(db: Queryable, after: number, limit: number): Promise<GroupRow[]> {
  return db.query<GroupRow>(`${SELECT} where g.id > $1 order by g.id limit $2`, [after, limit]);
}

export async function findGroup(db: Queryable, id: number): Promise<GroupRow | null> {
  const [row] = await db.query<GroupRow>(`${SELECT} where g.id = $1`, [id]);
  return row ?? null;
}

/** Null: the name is taken. */
export async function insertGroup(
  tx: Tx,
  { name, roles }: Pick<GroupRow, "name" | "roles">,
  now: Instant,
): Promise<number | null> {
  const [row] = await tx.query<{ id: number }>(
    "insert into operator_groups (name, roles, created_at) values ($1, $2, $3) on conflict do nothing returning id",
    [name, roles, timestamp(now)],
  );
  return row?.id ?? null;
}

/** The row is locked until the transaction ends; null: it is not there. */
export async function lockGroup(tx: Tx, id: number): Promise<GroupRow | null> {
  await tx.query("select 1 from operator_groups where id = $1 for update", [id]);
  return findGroup(tx, id);
}

export async function isNameTaken(tx: Tx, name: string, exceptId: number): Promise<boolean> {
  const rows = await tx.query("select 1 from operator_groups where lower(name) = lower($1) and id <> $2", [
    name,
    exceptId,
  ]);
  return rows.length > 0;
}

export async function updateGroup(
  tx: Tx,
  id: number,
  { name, roles }: Pick<GroupRow, "name" | "roles">,
): Promise<void> {
  await tx.query("update operator_groups set name = $2, roles = $3, version = version + 1 where id = $1", [
    id,
    name,
    roles,
  ]);
}

/** Those of the ids that are no operators. */
export async function setMembers(tx: Tx, id: number, members: readonly number[]): Promise<readonly number[]> {
  const found = await tx.query<{ id: number }>("select id from operators where id = any($1) for share", [members]);
  const known = new Set(found.map((row) => row.id));
  await tx.query("delete from operator_group_members where group_id = $1 and not operator_id = any($2)", [id, members]);
  await tx.query(
    `insert into operator_group_members (group_id, operator_id) select $1, unnest($2::bigint[]) on conflict do nothing`,
    [id, [...known]],
  );
  return members.filter((member) => !known.has(member));
}

export async function deleteGroup(tx: Tx, id: number): Promise<void> {
  await tx.query("delete from operator_groups where id = $1", [id]);
}

/** Whom one may ask for an approval: operators who can sign in, and all groups. */
export async function listNames(db: Queryable) {
  type Name = { id: string; login: string; name: string };
  const operators = await db.query<Name>(
    "select id::text, login, name from operators where disabled_at is null order by login",
  );
  const groups = await db.query<Omit<Name, "login">>("select id::text, name from operator_groups order by lower(name)");
  return { operators, groups };
}

type Named = { readonly operators: readonly string[]; readonly groups: readonly string[] };

/** Mail addresses of these operators and of the members of these groups, as far as they can sign in and have one. */
export async function listAddresses(db: Queryable, { operators, groups }: Named): Promise<readonly string[]> {
  const rows = await db.query<{ email: string }>(
    `select distinct o.email from operators o
      where o.disabled_at is null and o.email <> ''
        and (o.id = any($1::bigint[])
             or exists (select 1 from operator_group_members m where m.operator_id = o.id and m.group_id = any($2::bigint[])))
      order by o.email`,
    [operators, groups],
  );
  return rows.map(({ email }) => email);
}

/** Ids that are nobody's. */
export async function findUnknown(db: Queryable, { operators, groups }: Named): Promise<Named> {
  const missing = async (table: "operators" | "operator_groups", ids: readonly string[]) => {
    const rows = await db.query<{ id: string }>(
      `select id from unnest($1::text[]) as t(id) where not exists (select 1 from ${table} x where x.id = t.id::bigint)`,
      [ids],
    );
    return rows.map(({ id }) => id);
  };
  return { operators: await missing("operators", operators), groups: await missing("operator_groups", groups) };
}

export function presentGroup(row: GroupRow) {
  return { ...row, id: String(row.id), roles: [...row.roles], members: [...row.members] };
}
