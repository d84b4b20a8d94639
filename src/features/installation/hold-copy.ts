/**
 * A database that is a copy of another one is put in order, once, before anybody works on it. What the original did after the copy was
 * made, nobody here can know:
 *
 * - messages in parts that a sender held then may have gone out: they are in doubt, and never sent again by themselves;
 * - the rest of a delivery that was under way has gone out too if the original went on: it is paused, and a person decides, for
 *   all at once when they release the installation (`resume`: the original sent nothing more) or one by one;
 * - a start whose date has passed by then is missed;
 * - nothing at all leaves as long as the installation is held: no sender, no worker, no inbound role runs.
 */
import { parseAddress } from "../../core/address/parse-address.ts";
import { formatInstant, type Instant, MINUTE } from "../../core/time.ts";
import type { Tx } from "../../platform/db.ts";
import { recordEvent } from "../../platform/events.ts";
import {
  countDoubted,
  doubtPart,
  freeOthers,
  type Hold,
  listHeldParts,
  pauseAll,
  savePlace,
  saveCopied,
  saveHold,
  whereAreWe,
} from "./store.ts";

export type Held = { readonly inDoubt: number; readonly paused: readonly number[] };

/** `copiedAt`: when the copy was made; null: nobody knows. */
export async function holdCopy(tx: Tx, hold: Hold, copiedAt: Instant | null, now: Instant): Promise<Held> {
  const since = copiedAt === null ? "a copy that was restored" : `a copy of ${formatInstant(copiedAt)}`;
  const reply = `this database is ${since}: a sender held the message then, and may have sent it afterwards`;
  let inDoubt = 0;
  for (const { id, delivery_id: deliveryId } of await listHeldParts(tx)) {
    // Senders take what is due in a moment too.
    const doubted = await doubtPart(tx, id, reply, (copiedAt ?? now) + MINUTE, now);
    inDoubt += doubted.length;
    const domains = doubted.filter(({ retrying }) => retrying).map(({ address }) => domainOf(address));
    if (domains.length > 0) await countDoubted(tx, deliveryId, domains);
  }
  await freeOthers(tx, now);
  const reason = `this database is ${since}; what was open then may have been sent since`;
  const paused = await pauseAll(tx, reason, now);
  for (const deliveryId of paused) {
    await recordEvent(tx, { deliveryId, kind: "delivery.held", actor: hold.by, at: now, detail: { reason } });
  }
  const place = await whereAreWe(tx);
  if (place !== null) await savePlace(tx, place);
  await saveCopied(tx, copiedAt, paused);
  await saveHold(tx, hold, now);
  return { inDoubt, paused };
}

function domainOf(address: string): string {
  const parsed = parseAddress(address);
  return parsed.kind === "valid" ? parsed.domain : "";
}
