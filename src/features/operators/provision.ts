/**
 * Operators made and let in again from the command line of the machine: whoever can run it holds the database and the master key
 * already. The way in for the first administrator, and for the last one who forgot their password.
 */
import { operatorSchema } from "../../contract/operators.ts";
import { type Role, ROLES } from "../../core/operators/rights.ts";
import type { Instant } from "../../core/time.ts";
import type { Db, Tx } from "../../platform/db.ts";
import { appError } from "../../platform/errors.ts";
import { type AuditEntry, recordAudit } from "./audit-store.ts";
import { forgetFailures } from "./failures-store.ts";
import { createInvitation } from "./invite.ts";
import { findOperatorByLogin, listOperators, type OperatorRow, savePassword } from "./operators-store.ts";
import { createOperator } from "./save-operator.ts";
import { removeSecondFactor } from "./second-factor-store.ts";
import { deleteSessions } from "./sessions-store.ts";
import { hashNewPassword, normaliseLogin } from "./sign-in.ts";

export type Provision = {
  readonly login: string;
  /** Null: an invitation is made to choose one. */
  readonly password: string | null;
  readonly publicUrl: string;
  readonly now: Instant;
};

/** `url` opens the page where the password is chosen; null: it was given. */
export type Provisioned = { readonly login: string; readonly url: string | null };

const COMMAND_LINE = { label: "command line", operatorId: null, tokenId: null, rights: null } as const;

const entry = (now: Instant, action: string, resourceId: string | null): AuditEntry => ({
  at: now,
  actor: COMMAND_LINE,
  address: "local",
  requestId: null,
  action,
  resource: "operators",
  resourceId,
  status: 200,
  changes: [],
  detail: {},
});

export async function provisionOperator(
  db: Db,
  { name, roles, ...provision }: Provision & { readonly name: string; readonly roles: readonly string[] },
): Promise<Provisioned> {
  const given = operatorSchema.safeParse({ login: provision.login, name, roles });
  if (!given.success) {
    const [issue] = given.error.issues;
    const option = issue?.path[0] === "roles" ? "--role" : issue?.path[0] === "name" ? "--name" : "LOGIN";
    const detail = option === "--role" ? `a role is one of ${ROLES.join(", ")}` : (issue?.message ?? "");
    throw appError("option-invalid", { option, detail });
  }
  const hash = await hashOf(provision);
  return db.transaction(async (tx) => {
    const act = { actor: COMMAND_LINE, now: provision.now, audit: entry(provision.now, "create", null) };
    const row = await createOperator(tx, given.data, act);
    return letIn(tx, row, hash, provision);
  });
}

/** Ends their sessions and forgets failures to sign in; with `secondFactor` takes the authenticator app off too. */
export async function resetOperator(
  db: Db,
  { secondFactor, ...provision }: Provision & { readonly secondFactor: boolean },
): Promise<Provisioned> {
  const login = normaliseLogin(provision.login);
  const hash = await hashOf(provision);
  return db.transaction(async (tx) => {
    const row = await findOperatorByLogin(tx, login);
    if (row === null) throw appError("not-found", { what: "operator", id: login });
    if (row.disabled) throw appError("option-invalid", { option: "LOGIN", detail: `${login} is disabled` });
    if (secondFactor) await removeSecondFactor(tx, row.id);
    await recordAudit(tx, { ...entry(provision.now, "reset", String(row.id)), detail: { secondFactor } });
    return letIn(tx, row, hash, provision);
  });
}

export type OperatorLine = {
  readonly login: string;
  readonly name: string;
  readonly roles: readonly Role[];
  readonly disabled: boolean;
};

const MOST = 10_000;

export async function listOperatorLines(db: Db): Promise<readonly OperatorLine[]> {
  const rows = await listOperators(db, 0, MOST);
  return rows.map(({ login, name, roles, inherited, disabled }) => ({
    login,
    name,
    roles: [...new Set([...roles, ...inherited])],
    disabled,
  }));
}

function hashOf({ login, password }: Provision): Promise<string> | null {
  return password === null ? null : hashNewPassword(password, normaliseLogin(login), "password");
}

async function letIn(
  tx: Tx,
  row: OperatorRow,
  hash: string | null,
  { publicUrl, now }: Provision,
): Promise<Provisioned> {
  await deleteSessions(tx, row.id, null);
  await forgetFailures(tx, row.login);
  if (hash === null) return { login: row.login, url: (await createInvitation(tx, row.id, publicUrl, now)).url };
  await savePassword(tx, row.id, hash, now);
  return { login: row.login, url: null };
}
