/** The nightly bound of requalifications: what was before is kept for as long as it can be wanted back, the record for as long as logs. */
import { DAY, type Duration, type Instant } from "../../core/time.ts";
import type { Db } from "../../platform/db.ts";
import { deleteRuns, forgetBefore, listOver } from "./run-store.ts";

export const UNDO_FOR: Duration = 30 * DAY;
const KEEP = 180 * DAY;

export async function forgetRequalifications(db: Db, now: Instant): Promise<void> {
  await forgetBefore(db, await listOver(db, now - UNDO_FOR));
  await deleteRuns(db, now - KEEP);
}
