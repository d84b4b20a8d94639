/** Groups made, changed and removed, with their lines in the audit log. Whoever changes one must have all the rights it gives. */
import type { z } from "zod";

import type { operatorGroupSchema } from "../../contract/operators.ts";
import { changesBetween } from "../../core/operators/changes.ts";
import { rightsOfRoles } from "../../core/operators/rights.ts";
import type { Db, Tx } from "../../platform/db.ts";
import { appError } from "../../platform/errors.ts";
import { assertSeen } from "../../platform/if-match.ts";
import { recordAudit } from "./audit-store.ts";
import {
  deleteGroup,
  findGroup,
  type GroupRow,
  insertGroup,
  isNameTaken,
  lockGroup,
  presentGroup,
  setMembers,
  updateGroup,
} from "./groups-store.ts";
import { requireAll } from "./rights.ts";
import { type Act, loadOperator } from "./save-operator.ts";

type Given = z.output<typeof operatorGroupSchema>;

export async function createGroup(db: Db, given: Given, { actor, now, audit }: Act): Promise<GroupRow> {
  return db.transaction(async (tx) => {
    requireAll(actor, rightsOfRoles(given.roles));
    const id = await insertGroup(tx, given, now);
    if (id === null) throw taken();
    await fill(tx, id, given);
    const row = await loadGroup(tx, id);
    const changes = changesBetween(undefined, presentGroup(row));
    await recordAudit(tx, { ...audit, resourceId: String(id), status: 201, changes });
    return row;
  });
}

export async function replaceGroup(
  db: Db,
  id: number,
  given: Given,
  seen: number | "none" | null,
  { actor, audit }: Act,
): Promise<GroupRow> {
  return db.transaction(async (tx) => {
    const before = await lockGroup(tx, id);
    if (before === null) throw missing(id);
    requireAll(actor, rightsOfRoles([...before.roles, ...given.roles]));
    assertSeen(before.version, seen, `group ${before.name}`);
    if (await isNameTaken(tx, given.name, id)) throw taken();
    await updateGroup(tx, id, given);
    await fill(tx, id, given);
    await refuseOwnLoss(tx, actor);
    const after = await loadGroup(tx, id);
    const changes = changesBetween(presentGroup(before), presentGroup(after));
    await recordAudit(tx, { ...audit, status: 200, changes });
    return after;
  });
}

export async function removeGroup(db: Db, id: number, { actor, audit }: Act): Promise<void> {
  await db.transaction(async (tx) => {
    const before = await lockGroup(tx, id);
    if (before === null) throw missing(id);
    requireAll(actor, rightsOfRoles(before.roles));
    await deleteGroup(tx, id);
    await refuseOwnLoss(tx, actor);
    await recordAudit(tx, { ...audit, status: 204, changes: changesBetween(presentGroup(before), undefined) });
  });
}

export async function loadGroup(db: Db | Tx, id: number): Promise<GroupRow> {
  const row = await findGroup(db, id);
  if (row === null) throw missing(id);
  return row;
}

async function fill(tx: Tx, id: number, { members }: Given): Promise<void> {
  const unknown = await setMembers(tx, id, members.map(Number));
  if (unknown.length === 0) return;
  const errors = members.flatMap((member, i) =>
    unknown.includes(Number(member))
      ? [{ pointer: `/members/${i}`, code: "unknown", message: `There is no operator ${member}` }]
      : [],
  );
  throw appError("invalid-input", { detail: errors[0]?.message ?? "" }, errors);
}

/** Whoever was administrator by this group alone would have shut themselves out. */
async function refuseOwnLoss(tx: Tx, actor: Act["actor"]): Promise<void> {
  if (actor.operatorId === null || actor.rights !== null) return;
  const own = await loadOperator(tx, actor.operatorId);
  if (rightsOfRoles([...own.roles, ...own.inherited]) !== null) {
    throw appError("own-account", { action: "made less than administrator" });
  }
}

const missing = (id: number) => appError("not-found", { what: "group of operators", id });

function taken() {
  const message = "Another group has this name";
  return appError("invalid-input", { detail: `/name: ${message}` }, [{ pointer: "/name", code: "taken", message }]);
}
