/** Requalifications as the API shows them. */
import type { Requalification } from "../../contract/reply-texts.ts";
import { formatInstant, type Instant } from "../../core/time.ts";
import { undoUntil } from "./ask.ts";
import type { RunRow } from "./run-store.ts";

export function presentRun(row: RunRow): Requalification {
  const time = (at: Instant | null) => (at === null ? null : formatInstant(at));
  const { messages, attempts, deliveries, quarantined, released, kept } = row;
  return {
    id: String(row.id),
    state: row.state,
    dryRun: row.dry_run,
    textId: row.text_id === null ? null : String(row.text_id),
    text: row.text,
    type: row.type,
    reason: row.reason,
    rule: row.rule,
    since: formatInstant(row.since),
    actor: row.actor,
    createdAt: formatInstant(row.created_at),
    finishedAt: time(row.finished_at),
    undoneAt: time(row.undone_at),
    undoneBy: row.undone_by,
    undoUntil: time(undoUntil(row)),
    // Messages may have failed meanwhile in parts that had none that failed.
    progress: { parts: Math.max(row.parts_total, row.parts_done), done: row.parts_done },
    counts: { messages, attempts, deliveries, quarantined, released, kept },
    error: row.error,
  };
}
