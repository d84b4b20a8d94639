/**
 * Knows a copy that was made without us (pg_dump and pg_restore, `create database … template`): each server has an identifier of its own,
 * and each database in it a number. A standby that took over has both from its primary and is no copy.
 */
import type { Instant } from "../../core/time.ts";
import type { Db } from "../../platform/db.ts";
import { type Held, holdCopy } from "./hold-copy.ts";
import {
  loadInstallation,
  lockInstallation,
  savePlace,
  whereAreWe,
  type InstallationRow,
  type Place,
} from "./store.ts";

const REASON = "this database was copied from another server or database";

/** Null: it is where it always was. */
export async function recogniseCopy(db: Db, now: Instant): Promise<Held | null> {
  const here = await whereAreWe(db);
  if (here === null || isAt(await loadInstallation(db), here)) return null;
  return db.transaction(async (tx) => {
    const row = await lockInstallation(tx);
    // Several processes may begin at once.
    if (isAt(row, here)) return null;
    if (row.server !== null) return holdCopy(tx, { by: "envoi", reason: REASON }, null, now);
    await savePlace(tx, here);
    return null;
  });
}

function isAt({ server, database_oid: oid }: InstallationRow, here: Place): boolean {
  return server === here.server && oid === here.oid;
}
