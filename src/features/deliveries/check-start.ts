/** What can be said against waves and approvals as soon as they are saved. */
import type { Settings } from "../../contract/index.ts";
import { APPROVAL_KINDS } from "../../core/delivery/approvals.ts";
import { readWaves, wavesFault } from "../../core/delivery/waves.ts";
import type { Queryable } from "../../platform/db.ts";
import type { FieldError } from "../../platform/errors.ts";
import { findUnknown } from "../operators/index.ts";

export function checkWaves({ waves }: Pick<Settings, "waves">): FieldError[] {
  const fault = waves === undefined ? null : wavesFault(readWaves(waves));
  if (fault === null) return [];
  const { index, field, code, message } = fault;
  return [{ pointer: `/settings/waves/waves/${index}/${field}`, code, message }];
}

/** Deliveries that were saved before there were approvals have none. */
export async function checkPeople(db: Queryable, approval: Settings["approval"] | undefined): Promise<FieldError[]> {
  const errors: FieldError[] = [];
  for (const field of [...APPROVAL_KINDS, "starters"] as const) {
    const named = approval?.[field];
    if (named === undefined) continue;
    const unknown = await findUnknown(db, named);
    for (const kind of ["operators", "groups"] as const) {
      for (const id of unknown[kind]) {
        const pointer = `/settings/approval/${field}/${kind}/${named[kind].indexOf(id)}`;
        errors.push({
          pointer,
          code: "not-found",
          message: `There is no ${kind === "groups" ? "group" : "operator"} ${id}`,
        });
      }
    }
  }
  return errors;
}
