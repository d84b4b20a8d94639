/** Mail that came in is kept as it came for as long as the settings say, and what it was for as long as they say too. */
import { DAY, type Instant, parseDuration } from "../../core/time.ts";
import type { Db } from "../../platform/db.ts";
import { loadSettings } from "../settings/index.ts";
import { forgetMails } from "./mail-store.ts";

export async function forgetInbound(db: Db, now: Instant): Promise<void> {
  const { inboundRetention, retention } = await loadSettings(db);
  const keep = parseDuration(inboundRetention) ?? 30 * DAY;
  await forgetMails(db, keep, parseDuration(retention.inboundMails) ?? 180 * DAY, now);
}
