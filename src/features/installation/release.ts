/** A person says go, or stop. */
import type { Instant } from "../../core/time.ts";
import type { Db } from "../../platform/db.ts";
import { resumeDelivery } from "../deliveries/index.ts";
import { listStillPaused, lockInstallation, missStarts, saveHold, saveRelease } from "./store.ts";

export type Released = { readonly wasHeld: boolean; readonly resumed: readonly number[] };

/** `resume`: what was under way in the original goes on here, because there it does not. */
export function releaseInstallation(db: Db, by: string, resume: boolean, now: Instant): Promise<Released> {
  return db.transaction(async (tx) => {
    const row = await lockInstallation(tx);
    if (row.held_at === null) return { wasHeld: false, resumed: [] };
    await missStarts(tx, now);
    const resumed = resume ? await listStillPaused(tx, row.paused) : [];
    const within: Db = { ...db, query: (...given) => tx.query(...given), transaction: (work) => work(tx) };
    for (const id of resumed) await resumeDelivery(within, id, by, now);
    await saveRelease(tx, by, now);
    return { wasHeld: true, resumed };
  });
}

/** Nothing leaves from now on; what is on the wire finishes. False: it was held already. */
export function holdInstallation(db: Db, by: string, reason: string, now: Instant): Promise<boolean> {
  return db.transaction(async (tx) => {
    if ((await lockInstallation(tx)).held_at !== null) return false;
    await saveHold(tx, { by, reason }, now);
    return true;
  });
}
