/** The nightly bound of reply texts. What a person qualified is kept for good. */
import { DAYS_KEPT } from "../../contract/reply-texts.ts";
import { DAY, type Instant } from "../../core/time.ts";
import type { Db } from "../../platform/db.ts";
import { forgetDays, forgetTexts } from "./note-store.ts";

/** Texts that nobody qualified and nobody gave for so long. */
const KEEP_UNSEEN = 180 * DAY;
const MOST_UNQUALIFIED = 20_000;

/** How many texts went. */
export async function forgetReplyTexts(db: Db, now: Instant): Promise<number> {
  await forgetDays(db, now - DAYS_KEPT * DAY);
  return forgetTexts(db, now - KEEP_UNSEEN, MOST_UNQUALIFIED);
}
