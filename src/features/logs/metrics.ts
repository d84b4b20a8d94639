/** Gauges of deliveries and messages for Prometheus, read from counters at each scrape. */
import type { Instant } from "../../core/time.ts";
import type { Db } from "../../platform/db.ts";
import type { Metrics } from "../../platform/metrics.ts";
import { countDeliveriesByState, countMessagesByStatus, countOnWire } from "./store.ts";

export function registerLogMetrics(metrics: Metrics, db: Db, now: () => Instant): void {
  metrics.gauge("envoi_deliveries", "Deliveries by state", ["state"], async () =>
    (await countDeliveriesByState(db)).map(({ state, count }) => ({ labels: { state }, value: count })),
  );
  metrics.gauge("envoi_messages", "Messages of all deliveries by status", ["status"], async () =>
    Object.entries(await countMessagesByStatus(db)).map(([status, value]) => ({ labels: { status }, value })),
  );
  metrics.gauge("envoi_messages_on_wire", "Messages that senders are handing over now", ["sender"], async () =>
    (await countOnWire(db, now())).map(({ sender, count }) => ({ labels: { sender }, value: count })),
  );
}
