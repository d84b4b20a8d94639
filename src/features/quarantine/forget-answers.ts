/** What answers left behind and says nothing any more; the nightly retention asks for it. */
import type { Instant } from "../../core/time.ts";
import type { Db } from "../../platform/db.ts";
import { loadSettings } from "../settings/index.ts";
import { forgetCounts } from "./guard-store.ts";
import { endLapsed } from "./lapse-store.ts";
import { policyOf } from "./policy.ts";

export async function forgetAnswers(db: Db, now: Instant): Promise<void> {
  await forgetCounts(db, now);
  await endLapsed(db, policyOf((await loadSettings(db)).quarantine), now);
}
