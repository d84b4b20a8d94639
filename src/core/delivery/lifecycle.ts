/**
 * The states of a delivery and the acts that lead from one to another: one table. What is not in it is refused, with the
 * state that forbids it.
 *
 *   editing ─analyse─▶ analysing ─▶ ready ─confirm─▶ in-progress ─▶ finished          retry-failed, continue: back to in-progress
 *                                     │ ─confirm-later─▶ start-pending ─start─▶ in-progress
 *                                     │ ─schedule─▶ scheduled ─start─▶ in-progress
 *                                     ◀─cancel-confirm, unschedule, miss─ start-pending, scheduled
 *                                    in-progress ─pause─▶ pausing ─▶ paused ─resume─▶ in-progress
 *   scheduled, start-pending, in-progress, pausing, paused ─stop─▶ stopping ─▶ stopped
 *
 * `pausing` and `stopping` last while messages are on the wire or parts are leased; `settled` ends them.
 */
import type { DeliveryState } from "./status.ts";

/** What people ask for. */
type PersonsAct =
  | "edit"
  | "delete"
  | "analyse"
  | "cancel-analysis"
  /** Approve or reject. */
  | "decide"
  | "confirm"
  /** Confirmed, and can be called back for a while. */
  | "confirm-later"
  | "cancel-confirm"
  /** Also changes the schedule that it has. */
  | "schedule"
  | "unschedule"
  | "pace"
  | "pause"
  | "resume"
  | "stop"
  | "retry-failed"
  /** Go on to new recipients. */
  | "continue";

/** What the system does by itself. `miss`: the time to start has gone by, or what it needs is gone; a person decides. */
type SystemAct = "analysis-passed" | "analysis-failed" | "start" | "miss" | "hold";

export type Act = PersonsAct | SystemAct;

/** States that only deleting leads to are none of `DeliveryState`. */
export type Outcome = DeliveryState | "deleted";

const TABLE: Readonly<Record<Act, Partial<Record<DeliveryState, Outcome>>>> = {
  edit: { editing: "editing", ready: "editing" },
  delete: { editing: "deleted", ready: "deleted" },
  analyse: { editing: "analysing", analysing: "analysing", ready: "analysing" },
  "cancel-analysis": { analysing: "editing" },
  "analysis-passed": { analysing: "ready" },
  "analysis-failed": { analysing: "editing" },
  decide: { ready: "ready" },
  confirm: { ready: "in-progress" },
  "confirm-later": { ready: "start-pending" },
  "cancel-confirm": { "start-pending": "ready" },
  schedule: { ready: "scheduled", scheduled: "scheduled" },
  unschedule: { scheduled: "ready" },
  start: { scheduled: "in-progress", "start-pending": "in-progress" },
  miss: { scheduled: "ready", "start-pending": "ready" },
  // As long as there is something left to send.
  pace: {
    editing: "editing",
    analysing: "analysing",
    ready: "ready",
    scheduled: "scheduled",
    "start-pending": "start-pending",
    "in-progress": "in-progress",
    pausing: "pausing",
    paused: "paused",
  },
  pause: { "in-progress": "pausing" },
  hold: { "in-progress": "pausing" },
  resume: { pausing: "in-progress", paused: "in-progress" },
  stop: {
    scheduled: "stopping",
    "start-pending": "stopping",
    "in-progress": "stopping",
    pausing: "stopping",
    paused: "stopping",
  },
  "retry-failed": { stopped: "in-progress", finished: "in-progress" },
  continue: { "in-progress": "in-progress", pausing: "pausing", paused: "paused", finished: "in-progress" },
};

/** How a refusal names the act: "it cannot be … now". */
export const ACT_WORDS: Readonly<Record<Act, string>> = {
  edit: "edited",
  delete: "deleted",
  analyse: "analysed",
  "cancel-analysis": "taken out of its analysis",
  "analysis-passed": "made ready",
  "analysis-failed": "given back",
  decide: "approved or rejected",
  confirm: "confirmed",
  "confirm-later": "confirmed",
  "cancel-confirm": "called back",
  schedule: "scheduled",
  unschedule: "taken off its schedule",
  start: "started",
  miss: "held back",
  pace: "paced",
  pause: "paused",
  hold: "held",
  resume: "resumed",
  stop: "stopped",
  "retry-failed": "retried",
  continue: "continued",
};

/** Null: refused. */
export function outcomeOf(act: Act, state: DeliveryState): Outcome | null {
  return TABLE[act][state] ?? null;
}

/** Without leases: what the delivery becomes by itself; null: nothing. `open`: messages are left that are not final. */
export function settled(state: DeliveryState, open: boolean): DeliveryState | null {
  if (!open && (state === "in-progress" || state === "pausing")) return "finished";
  if (state === "pausing") return "paused";
  if (state === "stopping" && !open) return "stopped";
  return null;
}
