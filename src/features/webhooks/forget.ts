/** Nothing that was sent is kept for ever, nor what waits for somebody who does not come back. */
import { DAY, type Instant } from "../../core/time.ts";
import type { Db } from "../../platform/db.ts";
import { emptyOutbox } from "./facts-store.ts";
import { forgetMessages } from "./message-store.ts";

const KEEP = 30 * DAY;

/** How many requests. */
export async function forgetWebhooks(db: Db, now: Instant): Promise<number> {
  await emptyOutbox(db, now - KEEP);
  return forgetMessages(db, now - KEEP);
}
