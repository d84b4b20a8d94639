/** A delivery's figures for whoever follows it from the command line. */
import type { DeliverySummary, GeneralFilter, Indicators } from "../../contract/index.ts";
import { formatInstant, type Instant } from "../../core/time.ts";
import type { DeliveryState } from "../../core/delivery/status.ts";
import { timestamp, type Db } from "../../platform/db.ts";
import { filterBy } from "../folders/index.ts";
import { instantOrNull, presentIndicators, type DeliveryRow, type PartSums } from "./present.ts";
import { listDeliveryRows, loadExclusionCounts, SUMS, SUMS_OF_PARTS } from "./store.ts";

export type DeliveryFigures = {
  readonly state: DeliveryState;
  readonly holdReason: string | null;
  readonly excludedByReason: Record<string, number>;
  readonly indicators: Indicators;
  /** What an archive said last; with addresses, so not for everybody. */
  readonly copyReply: string | null;
  /** Why senders hold messages back, as long as they are heard of. */
  readonly waitingFor: string | null;
};

/** A sender that has said nothing for this long waits for nothing. */
const SENDER_SILENT_MS = 30_000;

type FiguresRow = Pick<DeliveryRow, "state" | "hold_reason" | "targeted" | "excluded" | "to_deliver"> &
  PartSums & { copy_reply: string | null; waiting_for: string | null };

/** Null when there is no such delivery. */
export async function loadDeliveryFigures(db: Db, id: number, now: Instant): Promise<DeliveryFigures | null> {
  const [row] = await db.query<FiguresRow>(
    `select d.state, d.hold_reason, d.targeted, d.excluded, ${SUMS}, d.to_deliver,
            (select c.last_reply from archive_counters c
              where c.delivery_id = d.id and c.archive = any(select jsonb_array_elements_text(d.archive->'archives')::smallint)
              order by c.failing desc, c.last_reply_at desc nulls last limit 1) as copy_reply,
            (select min(s.waiting_for) from sender_status s where s.delivery_id = d.id and s.updated_at > $2) as waiting_for
       from deliveries d ${SUMS_OF_PARTS} where d.id = $1`,
    [id, timestamp(now - SENDER_SILENT_MS)],
  );
  if (!row) return null;
  return {
    state: row.state,
    holdReason: row.hold_reason,
    excludedByReason: await loadExclusionCounts(db, id),
    indicators: presentIndicators(row),
    copyReply: row.copy_reply,
    waitingFor: row.state === "in-progress" ? row.waiting_for : null,
  };
}

/** Newest first, those before `before`. */
export async function listDeliveries(
  db: Db,
  before: number | null,
  limit: number,
  filter: GeneralFilter = {},
): Promise<DeliverySummary[]> {
  const rows = await listDeliveryRows(db, before, limit, filterBy(filter, "settings->>'nature'", 3));
  return rows.map((row) => ({
    id: String(row.id),
    label: row.label,
    folder: row.folder_id === null ? null : String(row.folder_id),
    code: row.code,
    category: row.category,
    state: row.state,
    holdReason: row.hold_reason,
    createdAt: formatInstant(row.created_at),
    startedAt: instantOrNull(row.started_at),
    finishedAt: instantOrNull(row.finished_at),
    ...presentIndicators(row),
  }));
}
