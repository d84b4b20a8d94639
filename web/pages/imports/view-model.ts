/** What the list of imports decides. */
import type { ImportStatus } from "../../../src/contract/index.ts";
import type { Tone } from "../../tones.ts";

export const IMPORT_TONE: Record<ImportStatus["status"], Tone> = {
  pending: "waiting",
  running: "waiting",
  completed: "sent",
  failed: "failed",
};

export const refreshEvery = (rows: readonly ImportStatus[]): number | false =>
  rows.some((row) => row.status === "pending" || row.status === "running") ? 1000 : false;

/** Counts of an import that still runs, or that failed and left nothing, are not final: they are not shown as figures. */
export const isCounted = (row: ImportStatus): boolean => row.status === "completed";
