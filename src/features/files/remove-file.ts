/** Deletes a file, unless messages are made with it or will be: a delivery or a template names it. */
import type { Instant } from "../../core/time.ts";
import type { Db } from "../../platform/db.ts";
import { appError } from "../../platform/errors.ts";
import { deleteFile, findUsers, listUnused, lockFile, type FileUser } from "./store.ts";

/** Users that the refusal names. */
const MAX_NAMED = 3;

export async function removeFile(db: Db, id: number): Promise<void> {
  await db.transaction(async (tx) => {
    if (!(await lockFile(tx, id))) throw appError("not-found", { what: "file", id });
    const users = await findUsers(tx, id, MAX_NAMED + 1);
    if (users.length > 0) throw appError("file-in-use", { id, users: describeUsers(users) });
    await deleteFile(tx, id);
  });
}

const SWEEP = 1000;

/** Removes what was uploaded before `before` and nothing names; says how many. */
export async function removeUnusedFiles(db: Db, before: Instant): Promise<number> {
  const unused = await listUnused(db, before, SWEEP);
  for (const { id } of unused) {
    await db.transaction(async (tx) => {
      // Somebody may have named it a moment ago.
      if ((await lockFile(tx, id)) && (await findUsers(tx, id, 1)).length === 0) await deleteFile(tx, id);
    });
  }
  return unused.length;
}

function describeUsers(users: readonly FileUser[]): string {
  const named = users.slice(0, MAX_NAMED).map(({ what, id, label }) => `${what} ${id} (${label})`);
  return [...named, ...(users.length > MAX_NAMED ? ["others"] : [])].join(", ");
}
