/** Zod schemas of what the API answers about imports, exclusions and quarantine. */
import { z } from "zod";

import { attributeTypeSchema } from "./audience-attributes.ts";
import type { FileLook } from "./audience-imports.ts";
import type * as contract from "./index.ts";
import { count, exclusionReasonSchema, problemSchema, timestamp } from "./responses-basics.ts";

export const exclusionSchema = z.object({
  address: z.string(),
  reason: exclusionReasonSchema,
  detail: z.string(),
}) satisfies z.ZodType<contract.Exclusion>;

export const importStatusSchema = z.object({
  id: z.string(),
  status: z.enum(["pending", "running", "completed", "failed"]),
  fileName: z.string(),
  listId: z.string().nullable(),
  counts: z.object({ total: count, created: count, updated: count, skipped: count, failed: count }),
  error: problemSchema.nullable(),
  errorsUrl: z.string().describe("The rows that were rejected or skipped; with .csv behind it as a file"),
  mode: z.enum(["create", "update", "upsert", "file"]),
  dryRun: z.boolean().describe("Only counted: nobody was changed"),
  undo: z.object({
    until: timestamp.nullable().describe("Until when it can be taken back; null: it cannot"),
    state: z.enum(["none", "running", "completed"]),
    at: timestamp.nullable(),
    by: z.string().nullable(),
    restored: count.describe("Got former values back"),
    removed: count,
    kept: count.describe("Changed or used by somebody since"),
  }),
}) satisfies z.ZodType<contract.ImportStatus>;

export const fileLookSchema = z.object({
  format: z.enum(["csv", "jsonl"]),
  rows: count.describe("Rows that were looked at"),
  address: z.string().nullable().describe("Taken for the addresses when nothing is said; null: no column is called so"),
  columns: z.array(z.object({ name: z.string(), samples: z.array(z.string()), looksLike: attributeTypeSchema })),
}) satisfies z.ZodType<FileLook>;

export const importErrorSchema = z.object({
  line: z.int(),
  column: z.string(),
  value: z.string(),
  reason: z.enum([...exclusionReasonSchema.options, "malformed-row", "invalid-value", "already-there", "not-there"]),
  detail: z.string(),
}) satisfies z.ZodType<contract.ImportError>;

export const quarantineEntrySchema = z.object({
  address: z.string(),
  status: z.enum(["valid", "with-errors", "quarantined", "denylisted"]),
  reason: z.string().nullable(),
  errorText: z.string().nullable(),
  errors: count.describe("Errors that counted"),
  held: z.boolean().describe("A person is to confirm it (GET /quarantine/held); until then mail goes on"),
  provider: z.string().nullable(),
  updatedAt: timestamp.nullable(),
  history: z.array(
    z.object({
      at: timestamp,
      status: z.string(),
      reason: z.string(),
      errorText: z.string(),
      messageKey: z.string().nullable(),
      cause: z.string().describe("docs/quarantine.md lists them"),
      actor: z.string().describe("Who did it; empty: Envoi itself"),
      note: z.string(),
    }),
  ),
}) satisfies z.ZodType<contract.QuarantineEntry>;
