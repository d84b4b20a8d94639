/** Waits on conditions that nothing announces: asked again at short intervals until they hold. The test's time limit ends it. */
import { setTimeout as delay } from "node:timers/promises";

import type { Db } from "../../src/platform/db.ts";

const ASK_EVERY_MS = 25;

/** The first answer that is neither null nor false. */
export async function until<T>(ask: () => Promise<T | null | false> | T | null | false): Promise<T> {
  for (;;) {
    const answer = await ask();
    if (answer !== null && answer !== false) return answer;
    await delay(ASK_EVERY_MS);
  }
}

/** The first row of a query, once it has one. */
export function untilRow<T = Record<string, unknown>>(db: Db, sql: string): Promise<T> {
  return until(async () => (await db.query<T>(sql))[0] ?? null);
}
