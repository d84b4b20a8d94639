/**
 * The SQL of an analysis as a whole: its beginning, its checklist, its end. Target, exclusions, parts and messages are set operations in the stores
 * beside this one; only counts come back to us. Everything happens in one transaction, except that part ids are allocated before (partitions.ts).
 */
import { formatInstant, type Instant } from "../../core/time.ts";
import type { ChecklistItem } from "../../contract/index.ts";
import type { Manifest } from "../../core/message/manifest.ts";
import { timestamp, type Queryable, type Tx } from "../../platform/db.ts";
import type { TargetCounts } from "./exclusions-store.ts";

export async function saveChecklist(tx: Tx, deliveryId: number, items: readonly ChecklistItem[]): Promise<void> {
  await tx.query("delete from checklist_items where delivery_id = $1", [deliveryId]);
  await tx.query(
    `insert into checklist_items (delivery_id, position, id, level, title, detail, rule, at)
     select $1, ordinality, item->>'id', item->>'level', item->>'title', item->>'detail', item->>'rule',
            (item->>'at')::timestamptz
       from jsonb_array_elements($2::jsonb) with ordinality as t(item, ordinality)`,
    [deliveryId, JSON.stringify(items)],
  );
}

/** Ends the analysis. False when the delivery was edited meanwhile: then the result is of no use. */
export async function finishAnalysis(
  tx: Tx,
  deliveryId: number,
  version: number,
  counts: TargetCounts,
  facts: object,
  /** Null: there are errors. */
  manifest: Manifest | null,
  now: Instant,
): Promise<boolean> {
  const rows = await tx.query(
    `update deliveries
        set state = $3, analysed_version = $2, analysed_at = $4, updated_at = $4, analysis = $5,
            manifest = $9, signing_keys = null,
            targeted = $6, excluded = $7, to_deliver = $8
      where id = $1 and version = $2 and state = 'analysing' returning id`,
    [
      deliveryId,
      version,
      manifest === null ? "editing" : "ready",
      timestamp(now),
      JSON.stringify({ ...facts, at: formatInstant(now) }),
      counts.targeted,
      counts.targeted - counts.toDeliver,
      counts.toDeliver,
      manifest === null ? null : JSON.stringify(manifest),
    ],
  );
  return rows.length === 1;
}

/** Takes the delivery for analysis; its version, or the state that forbids it. */
export async function beginAnalysis(
  db: Queryable,
  deliveryId: number,
  /** In whose name the delivery may begin by itself. */
  startBy: string | null,
  now: Instant,
): Promise<{ kind: "begun"; version: number } | { kind: "refused"; state: string } | { kind: "missing" }> {
  const [row] = await db.query<{ version: number }>(
    `update deliveries set state = 'analysing', updated_at = $2, auto_start_by = $3
      where id = $1 and state in ('editing', 'ready', 'analysing') returning version`,
    [deliveryId, timestamp(now), startBy],
  );
  if (row) return { kind: "begun", version: row.version };
  const [other] = await db.query<{ state: string }>("select state from deliveries where id = $1", [deliveryId]);
  return other ? { kind: "refused", state: other.state } : { kind: "missing" };
}
