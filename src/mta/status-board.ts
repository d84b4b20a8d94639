/** What operators see of a sender: messages on the wire and leased parts by delivery, and what keeps the others waiting. */
import { type Duration, type Instant, SECOND } from "../core/time.ts";
import type { Db } from "../platform/db.ts";
import type { HeldPart } from "./held-part.ts";
import * as store from "./store.ts";
import type { Task } from "./task.ts";

const PUBLISH_EVERY: Duration = 3 * SECOND;

export type Seen = {
  readonly parts: Iterable<HeldPart>;
  readonly onWire: Iterable<Task>;
  /** Why messages of a delivery wait, by its id. */
  readonly obstacles: Iterable<readonly [deliveryId: number, reason: string]>;
};

/** Publishes what it is shown, when it changed; what does not change must not look old. */
export function createStatusBoard(db: Db, sender: string, now: () => Instant): (seen: Seen) => Promise<void> {
  let published = "";
  let publishedAt = 0;
  return async (seen) => {
    const rows = rowsOf(seen);
    const text = JSON.stringify(rows);
    if (text === published && (rows.length === 0 || now() - publishedAt < PUBLISH_EVERY)) return;
    await store.saveSenderStatus(db, sender, rows, now());
    published = text;
    publishedAt = now();
  };
}

function rowsOf({ parts, onWire, obstacles }: Seen): store.SenderStatus[] {
  const rows = new Map<number, { -readonly [K in keyof store.SenderStatus]: store.SenderStatus[K] }>();
  const rowOf = (deliveryId: number) => {
    const row = rows.get(deliveryId) ?? { deliveryId, onWire: 0, leasedParts: 0, waitingFor: null };
    rows.set(deliveryId, row);
    return row;
  };
  for (const part of parts) rowOf(part.lease.deliveryId).leasedParts++;
  for (const task of onWire) rowOf(task.part.lease.deliveryId).onWire++;
  for (const [deliveryId, reason] of obstacles) rowOf(deliveryId).waitingFor = reason;
  return [...rows.values()];
}
