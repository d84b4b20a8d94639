/** How often senders were told to read shaping anew while something was done. */
import { expect } from "vitest";

import type { Db } from "../src/platform/db.ts";
import { SHAPING_CHANNEL } from "../src/platform/events.ts";

export async function countAnnouncements(db: Db, work: () => Promise<unknown>): Promise<number> {
  let heard = 0;
  const listener = await db.listen(SHAPING_CHANNEL, (payload) => {
    heard += payload === END ? 1000 : 1;
  });
  const before = heard;
  await work();
  // Notifications come in order: when this one is here, all before it are.
  await db.query("select pg_notify($1, $2)", [SHAPING_CHANNEL, END]);
  await expect.poll(() => heard).toBeGreaterThanOrEqual(1000);
  await listener.close();
  return heard - before - 1000;
}

const END = "end";
