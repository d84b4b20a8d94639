/**
 * Changes how fast a delivery goes and how it stands among others, also while it is under way: senders read it anew within
 * a moment. Its analysis stays what it is: nothing that was analysed depends on the pace.
 */
import type { Delivery, Settings } from "../../contract/index.ts";
import type { PaceInput } from "../../contract/shaping.ts";
import type { Instant } from "../../core/time.ts";
import { type Db } from "../../platform/db.ts";
import { appError } from "../../platform/errors.ts";
import { presentDelivery } from "./present.ts";
import { lockDelivery, savePace } from "./store.ts";
import { announce, refuseUnless } from "./transition.ts";

/** What is left out stays. A pace that it has already is no change, and no event. */
export async function setPace(db: Db, id: number, pace: PaceInput, actor: string, now: Instant): Promise<Delivery> {
  return db.transaction(async (tx) => {
    const row = await lockDelivery(tx, id);
    if (!row) throw appError("not-found", { what: "delivery", id });
    refuseUnless(id, row.state, "pace");
    const changes = changesOf(row.settings, pace);
    if (Object.keys(changes).length === 0) return presentDelivery(row);
    const saved = await savePace(tx, id, changes, now);
    await announce(tx, id, "delivery.paced", actor, now, changes);
    return presentDelivery(saved);
  });
}

type Changes = { speed?: number | null; priority?: Settings["priority"] };

function changesOf(settings: Settings, { speed, priority }: PaceInput): Changes {
  return {
    ...(speed !== undefined && speed !== (settings.speed ?? null) ? { speed } : {}),
    ...(priority !== undefined && priority !== settings.priority ? { priority } : {}),
  };
}
