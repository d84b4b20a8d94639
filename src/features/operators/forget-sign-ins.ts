/** What nobody can sign in with any more: sessions and invitations that are over, and failures that count no longer. */
import type { Instant } from "../../core/time.ts";
import { type Db, timestamp } from "../../platform/db.ts";
import { purgeFailures } from "./failures-store.ts";
import { SESSION_IDLE } from "./find-holder.ts";

export async function forgetSignIns(db: Db, now: Instant): Promise<void> {
  await db.query("delete from operator_sessions where expires_at < $1 or seen_at < $2", [
    timestamp(now),
    timestamp(now - SESSION_IDLE),
  ]);
  await db.query("delete from operator_invitations where expires_at < $1", [timestamp(now)]);
  await purgeFailures(db, now);
}
