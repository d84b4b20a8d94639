/** Mail that came in is kept as it came for as long as the settings say, and what it was for as long as delivery logs. */
import { DAY, type Instant, parseDuration } from "../../core/time.ts";
import type { Db } from "../../platform/db.ts";
import { loadSettings } from "../settings/index.ts";
import { forgetMails } from "./mail-store.ts";

const KEEP_ROWS = 180 * DAY;

export async function forgetInbound(db: Db, now: Instant): Promise<void> {
  const { inboundRetention } = await loadSettings(db);
  await forgetMails(db, parseDuration(inboundRetention) ?? 30 * DAY, KEEP_ROWS, now);
}
