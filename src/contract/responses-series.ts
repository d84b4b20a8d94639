/** Answers about recurring deliveries. */
import { z } from "zod";

import { idSchema } from "./basics.ts";
import { deliveryStateSchema, timestamp } from "./responses-basics.ts";
import { RUN_OUTCOMES, type Series, seriesSchema, type SeriesRun } from "./series.ts";

export const seriesRunSchema = z.object({
  at: timestamp,
  outcome: z.enum(RUN_OUTCOMES).describe("made: there is a delivery. missed: nothing ran at that time"),
  reason: z.string().describe("Why there is no delivery"),
  delivery: z
    .object({ id: idSchema, label: z.string(), state: deliveryStateSchema })
    .nullable()
    .describe("null: there is none, or not any more"),
}) satisfies z.ZodType<SeriesRun>;

export const seriesAnswerSchema = z.object({
  ...seriesSchema.shape,
  id: idSchema,
  sourceLabel: z.string().nullable().describe("Label of what each run copies; null: it is gone"),
  savedBy: z.string().describe("Runs begin in their name, as long as they may start deliveries"),
  nextRuns: z
    .array(z.object({ at: timestamp, local: z.string().describe("`at` by the clocks of the zone") }))
    .describe("The next five; none while the series is off"),
  lastRun: seriesRunSchema.nullable().describe("null: no date has come yet"),
  version: z.int(),
  createdAt: timestamp,
  updatedAt: timestamp,
}) satisfies z.ZodType<Series>;
