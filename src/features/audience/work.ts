/** What the worker does for the audience: indexes of attributes, and imports that are taken back. */
import type { Instant } from "../../core/time.ts";
import type { Db, Queryable } from "../../platform/db.ts";
import { AUDIENCE_CHANNEL } from "../../platform/events.ts";
import { tendIndexes } from "./attribute-indexes.ts";
import { workUndos } from "./undo-import.ts";

/** One caller at a time; a second one leaves the work to the first, which begins anew until nothing is left. */
export async function workAudience(db: Db, now: () => Instant, signal?: AbortSignal): Promise<void> {
  const lost = new AbortController();
  const lock = await db.tryLock("audience-work", () => lost.abort());
  if (lock === null) return;
  const stop = signal === undefined ? lost.signal : AbortSignal.any([signal, lost.signal]);
  try {
    while (!stop.aborted && (await workUndos(db, now, stop)) + (await tendIndexes(db, stop)) > 0);
  } finally {
    await lock.close();
  }
}

export async function wakeWorker(db: Queryable): Promise<void> {
  await db.query("select pg_notify($1, '')", [AUDIENCE_CHANNEL]);
}
