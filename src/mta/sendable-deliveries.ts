/** The deliveries that a sender has loaded; the newest are kept. */
import type { Db } from "../platform/db.ts";
import { loadSendableDelivery, type Sendable, type SendableDeps } from "./sendable-delivery.ts";
import type { ActiveDelivery } from "./store.ts";

const KEPT = 50;

/** Null: the delivery is gone. */
export type LoadSendable = (delivery: Pick<ActiveDelivery, "id" | "analysed_version">) => Promise<Sendable | null>;

export function createSendableDeliveries(db: Db, deps: SendableDeps): LoadSendable {
  const deliveries = new Map<string, Promise<Sendable | null>>();
  return (delivery) => {
    const key = `${delivery.id}/${delivery.analysed_version}`;
    const known = deliveries.get(key);
    if (known) return known;
    const loading = loadSendableDelivery(db, delivery.id, deps);
    deliveries.set(key, loading);
    // Somebody may put in order what makes it unusable.
    const forget = () => deliveries.delete(key);
    loading.then((loaded) => loaded?.kind === "sendable" || forget(), forget);
    for (const old of [...deliveries.keys()].slice(0, -KEPT)) deliveries.delete(old);
    return loading;
  };
}
