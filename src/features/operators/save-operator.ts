/**
 * Operators made, changed and removed, each with its line in the audit log in the same transaction. Nobody gives rights they lack,
 * nobody takes charge of somebody who has more than they, and nobody shuts themselves out.
 */
import type { z } from "zod";

import type { operatorSchema } from "../../contract/operators.ts";
import { changesBetween } from "../../core/operators/changes.ts";
import { type Role, rightsOfRoles } from "../../core/operators/rights.ts";
import type { Instant } from "../../core/time.ts";
import type { Db, Queryable, Tx } from "../../platform/db.ts";
import { appError } from "../../platform/errors.ts";
import { type AuditEntry, recordAudit } from "./audit-store.ts";
import type { Actor } from "./find-holder.ts";
import {
  deleteOperator,
  findOperator,
  insertOperator,
  type OperatorFields,
  type OperatorRow,
  presentOperator,
  updateOperator,
} from "./operators-store.ts";
import { requireAll } from "./rights.ts";
import { deleteSessions } from "./sessions-store.ts";
import { normaliseLogin } from "./sign-in.ts";

type Given = z.output<typeof operatorSchema>;
export type Act = {
  readonly actor: Pick<Actor, "rights" | "operatorId">;
  readonly now: Instant;
  readonly audit: AuditEntry;
};

const fieldsOf = (given: Given): OperatorFields => ({ ...given, login: normaliseLogin(given.login) });

function taken() {
  const message = "Another operator has this login";
  return appError("invalid-input", { detail: `/login: ${message}` }, [{ pointer: "/login", code: "taken", message }]);
}

export async function createOperator(tx: Tx, given: Given, { actor, now, audit }: Act): Promise<OperatorRow> {
  requireAll(actor, rightsOfRoles(given.roles));
  const id = await insertOperator(tx, fieldsOf(given), now);
  if (id === null) throw taken();
  const row = await loadOperator(tx, id);
  const changes = changesBetween(undefined, presentOperator(row));
  await recordAudit(tx, { ...audit, resourceId: String(id), status: 201, changes });
  return row;
}

export async function replaceOperator(
  db: Db,
  id: number,
  given: Given,
  seen: number | "none" | null,
  { actor, now, audit }: Act,
): Promise<OperatorRow> {
  return db.transaction(async (tx) => {
    const before = await loadOperator(tx, id);
    requireCharge(actor, before);
    requireAll(actor, rightsOfRoles(given.roles));
    if (seen !== null && seen !== before.version) throw conflict(before);
    const fields = fieldsOf(given);
    if (actor.operatorId === id) refuseOwnEnd(before, fields);
    const outcome = await updateOperator(tx, id, fields, before.version, now);
    if (outcome === "taken") throw taken();
    if (outcome === "changed") throw conflict(before);
    if (fields.disabled) await deleteSessions(tx, id, null);
    const after = await loadOperator(tx, id);
    const changes = changesBetween(presentOperator(before), presentOperator(after));
    await recordAudit(tx, { ...audit, status: 200, changes });
    return after;
  });
}

export async function removeOperator(db: Db, id: number, { actor, audit }: Act): Promise<void> {
  await db.transaction(async (tx) => {
    const before = await loadOperator(tx, id);
    requireCharge(actor, before);
    if (actor.operatorId === id) throw appError("own-account", { action: "removed" });
    await deleteOperator(tx, id);
    await recordAudit(tx, { ...audit, status: 204, changes: changesBetween(presentOperator(before), undefined) });
  });
}

/** Throws `not-permitted` when the operator has rights that the actor lacks. */
export function requireCharge(actor: Act["actor"], { roles, inherited }: OperatorRow): void {
  requireAll(actor, rightsOfRoles([...roles, ...inherited]));
}

export async function loadOperator(db: Queryable, id: number): Promise<OperatorRow> {
  const row = await findOperator(db, id);
  if (row === null) throw appError("not-found", { what: "operator", id });
  return row;
}

const conflict = ({ login }: OperatorRow) => appError("version-conflict", { what: `operator ${login}` });

function refuseOwnEnd(before: OperatorRow, after: OperatorFields): void {
  if (after.disabled) throw appError("own-account", { action: "disabled" });
  const manages = (roles: readonly Role[]) => rightsOfRoles([...roles, ...before.inherited]) === null;
  if (manages(before.roles) && !manages(after.roles))
    throw appError("own-account", { action: "made less than administrator" });
}
