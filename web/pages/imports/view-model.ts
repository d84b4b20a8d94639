/** What the list of imports decides. */
import type { ImportStatus } from "../../../src/contract/index.ts";
import type { Tone } from "../../tones.ts";

/** What a try and one that was taken back look like is another word than their status. */
export type ImportLook = ImportStatus["status"] | "tried" | "undoing" | "undone";

export function lookOf({ status, dryRun, undo }: Pick<ImportStatus, "status" | "dryRun" | "undo">): ImportLook {
  if (status !== "completed") return status;
  if (dryRun) return "tried";
  return undo.state === "none" ? status : undo.state === "completed" ? "undone" : "undoing";
}

export const IMPORT_TONE: Record<ImportLook, Tone> = {
  tried: "waiting",
  undoing: "waiting",
  undone: "excluded",
  pending: "waiting",
  running: "waiting",
  completed: "sent",
  failed: "failed",
};

export const refreshEvery = (rows: readonly ImportStatus[]): number | false =>
  rows.some((row) => ["pending", "running", "undoing"].includes(lookOf(row))) ? 1000 : false;

/** Counts of an import that still runs, or that failed and left nothing, are not final: they are not shown as figures. */
export const isCounted = (row: ImportStatus): boolean => row.status === "completed";
