/** What is too old to be of use, once a day. */
import type { Instant } from "../../core/time.ts";
import type { Db } from "../../platform/db.ts";
import { forgetOldEvents } from "./events-store.ts";
import { forgetOldSites } from "./sites-store.ts";
import { forgetOldLanes } from "./store.ts";

export async function forgetOldShaping(db: Db, now: Instant): Promise<void> {
  await forgetOldEvents(db, now);
  await forgetOldLanes(db, now);
  await forgetOldSites(db, now);
}
