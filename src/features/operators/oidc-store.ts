/** Operators as a provider knows them: who is who, and which groups the provider says. */
import type { Role } from "../../core/operators/rights.ts";
import type { Tx } from "../../platform/db.ts";

export type Account = {
  readonly id: number;
  readonly login: string;
  readonly disabled: boolean;
  readonly issuer: string | null;
  /** The provider made them. */
  readonly provisioned: boolean;
};

export type Identity = { readonly issuer: string; readonly subject: string };

const SELECT =
  "select id, login, disabled_at is not null as disabled, oidc_issuer as issuer, provisioned from operators";

/** Of two browsers of one person the second waits until the first is known. */
export async function lockPerson(tx: Tx, { issuer, subject }: Identity): Promise<void> {
  await tx.query("select pg_advisory_xact_lock(hashtextextended($1, 0))", [JSON.stringify([issuer, subject])]);
}

/** Locked, like those below: a sign-in beside this one would else be taken for a change that the provider made. */
export async function findLinked(tx: Tx, { issuer, subject }: Identity): Promise<Account | null> {
  const [row] = await tx.query<Account>(`${SELECT} where oidc_issuer = $1 and oidc_subject = $2 for update`, [
    issuer,
    subject,
  ]);
  return row ?? null;
}

/** Whoever has the address as their login or as their mail address. */
export async function findByAddress(tx: Tx, address: string): Promise<readonly Account[]> {
  return tx.query<Account>(`${SELECT} where login = $1 or lower(email) = $1 order by id limit 2 for update`, [address]);
}

export async function link(tx: Tx, id: number, { issuer, subject }: Identity, provisioned: boolean): Promise<void> {
  await tx.query(
    "update operators set oidc_issuer = $2, oidc_subject = $3, provisioned = provisioned or $4 where id = $1",
    [id, issuer, subject, provisioned],
  );
}

/** They keep what they may do, and it is ours to give again. */
export async function unlink(tx: Tx, id: number): Promise<void> {
  await tx.query(
    `update operators set oidc_issuer = null, oidc_subject = null, provisioned = false, version = version + 1 where id = $1`,
    [id],
  );
}

export async function setRoles(tx: Tx, id: number, roles: readonly Role[]): Promise<void> {
  await tx.query("update operators set roles = $2, version = version + 1 where id = $1 and roles <> $2", [id, roles]);
}

/** Of the groups that the mapping is about, the operator is in those that were granted and in no other. */
export async function setGroups(
  tx: Tx,
  id: number,
  managed: readonly string[],
  granted: readonly string[],
): Promise<void> {
  await tx.query(
    `delete from operator_group_members
      where operator_id = $1 and group_id = any($2::bigint[]) and not group_id = any($3::bigint[])`,
    [id, managed, granted],
  );
  await tx.query(
    `insert into operator_group_members (group_id, operator_id)
     select id, $1 from operator_groups where id = any($2::bigint[]) for share on conflict do nothing`,
    [id, granted],
  );
}
