/** A delivery's figures for whoever follows it from the command line. */
import type { DeliverySummary, Indicators } from "../../contract/index.ts";
import { formatInstant } from "../../core/time.ts";
import type { DeliveryState } from "../../core/delivery/status.ts";
import type { Db } from "../../platform/db.ts";
import { instantOrNull, presentIndicators, type DeliveryRow, type PartSums } from "./present.ts";
import { listDeliveryRows, loadExclusionCounts, SUMS, SUMS_OF_PARTS } from "./store.ts";

export type DeliveryFigures = {
  readonly state: DeliveryState;
  readonly holdReason: string | null;
  readonly excludedByReason: Record<string, number>;
  readonly indicators: Indicators;
};

/** Null when there is no such delivery. */
export async function loadDeliveryFigures(db: Db, id: number): Promise<DeliveryFigures | null> {
  const [row] = await db.query<
    Pick<DeliveryRow, "state" | "hold_reason" | "targeted" | "excluded"> & PartSums & { to_deliver: number }
  >(
    `select d.state, d.hold_reason, d.targeted, d.excluded, ${SUMS}, d.to_deliver
       from deliveries d ${SUMS_OF_PARTS} where d.id = $1`,
    [id],
  );
  if (!row) return null;
  return {
    state: row.state,
    holdReason: row.hold_reason,
    excludedByReason: await loadExclusionCounts(db, id),
    indicators: presentIndicators(row),
  };
}

/** Newest first, those before `before`. */
export async function listDeliveries(db: Db, before: number | null, limit: number): Promise<DeliverySummary[]> {
  const rows = await listDeliveryRows(db, before, limit);
  return rows.map((row) => ({
    id: String(row.id),
    label: row.label,
    state: row.state,
    holdReason: row.hold_reason,
    createdAt: formatInstant(row.created_at),
    startedAt: instantOrNull(row.started_at),
    finishedAt: instantOrNull(row.finished_at),
    ...presentIndicators(row),
  }));
}
