/** Whom a delivery is for, imports, exclusions and quarantine as they cross the HTTP border. */
import { z } from "zod";

import type { ExclusionReason } from "../core/delivery/status.ts";
import { idSchema, type Problem, type Timestamp } from "./basics.ts";

export const audienceSchema = z.union([
  z.strictObject({ all: z.literal(true) }),
  z.strictObject({ list: idSchema }),
  /** The rows of one imported file, rejected rows included as exclusions. */
  z.strictObject({ import: idSchema }),
]);
export type Audience = z.infer<typeof audienceSchema>;

export type Exclusion = { address: string; reason: ExclusionReason; detail: string };

export type ImportStatus = {
  id: string;
  status: "pending" | "running" | "completed" | "failed";
  fileName: string;
  listId: string | null;
  counts: { total: number; created: number; updated: number; skipped: number; failed: number };
  error: Problem | null;
  errorsUrl: string;
};

export type ImportError = {
  line: number;
  column: string;
  value: string;
  reason: ExclusionReason | "malformed-row";
  detail: string;
};

export type QuarantineEntry = {
  address: string;
  status: "valid" | "with-errors" | "quarantined" | "denylisted";
  reason: string | null;
  errorText: string | null;
  errors: number;
  history: { at: Timestamp; status: string; reason: string; errorText: string; messageKey: string | null }[];
};
