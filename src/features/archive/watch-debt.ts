/** Looks at the debt once a minute: opens alerts when it grows or an archive keeps failing, and closes them when that is over. */
import { MINUTE, type Duration, type Instant } from "../../core/time.ts";
import type { Db, Queryable } from "../../platform/db.ts";
import { loadSettings } from "../settings/index.ts";
import { type AlertKind, closeAlert, isOpen, type NewAlert, openAlert } from "./alerts.ts";
import { type ArchiveSums, findOldestDebt, sumArchives } from "./ledger-store.ts";

/** Parts of the debt limit. Each is closed at a tenth less, so that a debt that goes up and down raises one alert. */
const THRESHOLDS = [
  ["debt-50", 0.5],
  ["debt-80", 0.8],
  ["debt-full", 1],
] as const;
const RELIEF = 0.9;
/** A failure that is over within this time is the retries' business. */
const FAILING_AFTER: Duration = 5 * MINUTE;

export async function watchDebt(db: Db, now: Instant): Promise<void> {
  const { debtLimit: limit } = (await loadSettings(db)).archive;
  const archives = await sumArchives(db);
  await db.transaction(async (tx) => {
    const owed = archives.reduce((sum, archive) => sum + archive.owed, 0);
    for (const [kind, part] of THRESHOLDS) {
      const alert = { kind, archive: null, count: owed, detail: { limit } };
      if (owed >= limit * part) await openOnce(tx, alert, now);
      else if (owed < limit * part * RELIEF) await closeAlert(tx, alert, now);
    }
    for (const archive of archives) await watchArchive(tx, archive, now);
  });
}

/** It fails when the last thing it said was a refusal and what is owed to it waits for long; it is well when it takes copies again. */
async function watchArchive(tx: Queryable, archive: ArchiveSums, now: Instant): Promise<void> {
  const { id, owed, failing, last_reply: reply } = archive;
  const alert = { kind: "failing" as AlertKind, archive: id, count: owed, detail: reply === null ? {} : { reply } };
  if (!failing || owed <= 0) return closeAlert(tx, alert, now);
  const oldest = await findOldestDebt(tx, id);
  if (oldest !== null && now - oldest > FAILING_AFTER) await openOnce(tx, alert, now);
}

/** One that is open already says how much it was when it opened. */
async function openOnce(tx: Queryable, alert: Omit<NewAlert, "keys" | "deliveryId">, now: Instant): Promise<void> {
  if (!(await isOpen(tx, alert))) await openAlert(tx, { ...alert, deliveryId: null, keys: [] }, now);
}
