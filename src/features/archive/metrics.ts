/** Gauges of copies for Prometheus, read from the ledger at each scrape: who watches elsewhere learns of debts without a look at the page. */
import { type Instant, SECOND } from "../../core/time.ts";
import type { Db } from "../../platform/db.ts";
import type { Metrics } from "../../platform/metrics.ts";
import { listOpenAlerts } from "./alerts.ts";
import { findOldestDebt, sumArchives } from "./ledger-store.ts";

/** Archives by id: their names may be addresses. */
export function registerArchiveMetrics(metrics: Metrics, db: Db, now: () => Instant): void {
  metrics.gauge("envoi_copies", "Copies due, by archive and state", ["archive", "state"], async () =>
    (await sumArchives(db)).flatMap(({ id, archived, owed, given_up }) =>
      Object.entries({ archived, owed, "given-up": given_up }).map(([state, value]) => ({
        labels: { archive: String(id), state },
        value,
      })),
    ),
  );
  metrics.gauge("envoi_copies_oldest_debt_seconds", "How long the longest owed copy has been due", [], async () => {
    const since = await findOldestDebt(db);
    return [{ labels: {}, value: since === null ? 0 : Math.max(0, now() - since) / SECOND }];
  });
  metrics.gauge("envoi_archive_alerts", "Open alerts about copies, by kind", ["kind"], async () =>
    [...Map.groupBy(await listOpenAlerts(db), ({ kind }) => kind)].map(([kind, { length: value }]) => ({
      labels: { kind },
      value,
    })),
  );
}
