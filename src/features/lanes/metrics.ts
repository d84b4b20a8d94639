/** Gauges of lanes for Prometheus, read at each scrape. Labels are names of providers, and of those never more than a few dozen. */
import type { Instant } from "../../core/time.ts";
import type { Db } from "../../platform/db.ts";
import type { Metrics } from "../../platform/metrics.ts";
import { countRestrictions } from "./events-store.ts";
import { countLanes } from "./store.ts";

/** Of more providers, only the largest keep their names. */
const MAX_PROVIDERS = 50;
const REST = "all others";

export function registerLaneMetrics(metrics: Metrics, db: Db, now: () => Instant): void {
  metrics.gauge("envoi_lanes", "Lanes of running senders, by what holds them back", ["constraint"], async () =>
    sumBy(await countLanes(db, now()), "constraint", "lanes").map(([constraint, value]) => ({
      labels: { constraint },
      value,
    })),
  );
  metrics.gauge("envoi_lane_messages", "Messages waiting in lanes of running senders", ["provider"], async () =>
    bound(sumBy(await countLanes(db, now()), "provider", "waiting")).map(([provider, value]) => ({
      labels: { provider },
      value,
    })),
  );
  metrics.gauge("envoi_shaping_restrictions", "Restrictions in force", ["provider"], async () =>
    bound(sumBy(await countRestrictions(db, now()), "provider", "count")).map(([provider, value]) => ({
      labels: { provider },
      value,
    })),
  );
}

function sumBy<K extends string, V extends string>(
  rows: readonly (Record<K, string> & Record<V, number>)[],
  key: K,
  value: V,
): [string, number][] {
  const sums = new Map<string, number>();
  for (const row of rows) sums.set(row[key], (sums.get(row[key]) ?? 0) + row[value]);
  return [...sums];
}

function bound(sums: readonly [string, number][]): [string, number][] {
  const sorted = sums.toSorted(([, a], [, b]) => b - a);
  const rest = sorted.slice(MAX_PROVIDERS).reduce((sum, [, value]) => sum + value, 0);
  return rest === 0 ? sorted.slice(0, MAX_PROVIDERS) : [...sorted.slice(0, MAX_PROVIDERS), [REST, rest]];
}
