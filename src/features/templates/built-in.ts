/**
 * The template that comes with Envoi: an e-mail delivery with all its defaults, so without archive copies. It is a row like
 * the others, so that deliveries name it alike, and it cannot be changed: what everybody starts from stays the same.
 */
import type { Instant } from "../../core/time.ts";
import type { Db } from "../../platform/db.ts";
import { insertBuiltIn } from "./store.ts";

const LABEL = "Email delivery";

/** Makes it when it is not there. */
export async function ensureBuiltInTemplate(db: Db, now: Instant): Promise<void> {
  await db.transaction((tx) => insertBuiltIn(tx, LABEL, now));
}
