/** How long everything is kept, as instants before which it goes. */
import { retentionSettingsSchema, type RetentionSettings } from "../../contract/retention.ts";
import { DAY, type Duration, type Instant, parseDuration } from "../../core/time.ts";
import type { Queryable } from "../../platform/db.ts";
import { loadSettings } from "../settings/index.ts";

/** What settings do not say: nobody wants it other. */
export const FIXED = {
  /** Uploads that no delivery names may be about to be named. */
  unusedFiles: 7 * DAY,
  /** Tokens stay listed as expired for a while. */
  expiredTokens: 30 * DAY,
  idempotencyKeys: DAY,
  reports: 90 * DAY,
} as const;

export type Kept = keyof RetentionSettings | keyof typeof FIXED;

/** Settings that are newer than what was saved have their defaults. */
export async function loadPeriods(db: Queryable): Promise<RetentionSettings> {
  return retentionSettingsSchema.parse((await loadSettings(db)).retention);
}

/** Of each kind of data the instant before which it goes. `pressure`: so far back rules look at what people got. */
export function cutOffs(periods: RetentionSettings, pressure: Duration, now: Instant): (kind: Kept) => Instant {
  const lengths = new Map<string, Duration>(Object.entries(FIXED));
  for (const [kind, period] of Object.entries(periods)) lengths.set(kind, parseDuration(period) ?? Infinity);
  const logs = Math.max(lengths.get("deliveryLogs") ?? Infinity, pressure + DAY);
  lengths.set("deliveryLogs", logs);
  lengths.set("trackingLogs", Math.max(lengths.get("trackingLogs") ?? Infinity, logs));
  return (kind) => now - (lengths.get(kind) ?? Infinity);
}

/** The next 04:00 UTC, when the worker begins. */
export function nextNight(now: Instant): Instant {
  const today = Math.floor(now / DAY) * DAY + DAY / 6;
  return today > now ? today : today + DAY;
}
