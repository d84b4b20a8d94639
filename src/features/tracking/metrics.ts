/** Gauges of tracking for Prometheus. */
import type { Db } from "../../platform/db.ts";
import type { Metrics } from "../../platform/metrics.ts";
import { countUndecided } from "./first-view-store.ts";
import { sumCounters } from "./figures-store.ts";
import type { Tracker } from "./tracker.ts";

export function registerTrackingMetrics(metrics: Metrics, db: Db, tracker: Pick<Tracker, "figures">): void {
  metrics.gauge("envoi_reactions", "Reactions to messages by kind and by who reacted", ["kind", "by"], async () =>
    (await sumCounters(db)).flatMap(({ kind, total, total_human, archive }) => [
      { labels: { kind, by: "person" }, value: total_human },
      { labels: { kind, by: "machine" }, value: total - total_human },
      { labels: { kind, by: "archive" }, value: archive },
    ]),
  );
  metrics.gauge("envoi_tracking_events_waiting", "Reactions on their way into the database", [], async () => [
    { labels: {}, value: tracker.figures().waiting },
  ]);
  metrics.gauge(
    "envoi_tracking_events_undecided",
    "Reactions that wait for an outcome to tell the recipient's from the archive's",
    [],
    async () => [{ labels: {}, value: await countUndecided(db) }],
  );
  metrics.gauge("envoi_tracking_events_lost", "Reactions that could not be kept since the start", [], async () => [
    { labels: {}, value: tracker.figures().lost },
  ]);
}
