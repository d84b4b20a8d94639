/** Zod schemas of what the API answers about retention and about the installation. */
import { z } from "zod";

import type { Installation } from "./installation.ts";
import { RETENTION_STEPS, retentionSettingsSchema, type Retention, type RetentionRun } from "./retention.ts";
import { count, timestamp } from "./responses-basics.ts";

const stepSchema = z.object({
  step: z.enum(RETENTION_STEPS),
  status: z.enum(["waiting", "running", "done", "failed"]),
  rows: count.describe("That went, or would go; of whole partitions as the database estimates them"),
  partitions: count.describe("Blocks of parts whose tables were dropped"),
  bytes: count,
  durationMs: count,
  error: z.string().nullable(),
  kept: z.array(z.object({ block: z.int(), reason: z.string() })).describe("Blocks that are old enough and stay"),
});

export const retentionRunSchema = z.object({
  id: z.string(),
  startedAt: timestamp,
  finishedAt: timestamp.nullable(),
  actor: z.string().describe("`worker`: by itself, at night"),
  dryRun: z.boolean().describe("Nothing went; the figures say what would"),
  failed: count.describe("Steps that failed; the others were done all the same"),
  steps: z.array(stepSchema).describe("Empty as long as it waits for a worker"),
}) satisfies z.ZodType<RetentionRun>;

export const retentionSchema = z.object({
  periods: retentionSettingsSchema.describe("Of the settings (`retention`), with defaults"),
  nextRunAt: timestamp,
  runs: z.array(retentionRunSchema).describe("The last ones, newest first"),
}) satisfies z.ZodType<Retention>;

export const installationSchema = z.object({
  held: z
    .object({
      at: timestamp,
      by: z.string(),
      reason: z.string(),
      copiedAt: timestamp.nullable().describe("When the copy was made that this database is"),
      paused: z.array(z.string()).describe("Deliveries that were under way then"),
    })
    .nullable()
    .describe("Null: it sends"),
}) satisfies z.ZodType<Installation>;
