/** Recurring deliveries as they cross the HTTP border. */
import { z } from "zod";

import { RECURRENCE_UNITS, WEEKDAYS } from "../core/delivery/recurrence.ts";
import { findUnknownWord, LABEL_WORDS, labelOfRun } from "../core/delivery/run-label.ts";
import type { DeliveryState } from "../core/delivery/status.ts";
import { readDateTime } from "../core/time.ts";
import { audienceSchema } from "./audience.ts";
import { idSchema, type Timestamp } from "./basics.ts";
import { labelSchema } from "./general.ts";

export { LABEL_WORDS, labelOfRun, RECURRENCE_UNITS, WEEKDAYS };

const dateSchema = z
  .string()
  .regex(/^\d{4}-\d{2}-\d{2}$/, "a date is written 2026-11-27")
  .refine((text) => readDateTime(`${text}T00:00`) !== null, "no calendar has this date");

const everySchema = z.int().min(1).max(366).default(1).describe("Every so many");

export const seriesSchema = z
  .strictObject({
    label: labelSchema,
    from: z
      .union([z.strictObject({ delivery: idSchema }), z.strictObject({ template: idSchema, audience: audienceSchema })])
      .describe("What each run copies, as it is then"),
    rule: z.discriminatedUnion("unit", [
      z.strictObject({ unit: z.literal("day"), every: everySchema }),
      z.strictObject({
        unit: z.literal("week"),
        every: everySchema,
        weekdays: z.array(z.enum(WEEKDAYS)).max(WEEKDAYS.length).default([]).describe("None: that of the first date"),
      }),
      z.strictObject({
        unit: z.literal("month"),
        every: everySchema,
        day: z
          .int()
          .min(1)
          .max(31)
          .nullable()
          .default(null)
          .describe("In shorter months the last one; null: that of the first date"),
      }),
    ]) satisfies z.ZodType<{ unit: (typeof RECURRENCE_UNITS)[number] }>,
    time: z
      .string()
      .regex(/^([01]\d|2[0-3]):[0-5]\d$/, "a time is written 09:00")
      .describe("By the clocks of the zone"),
    zone: z.string().min(1).max(64).default("UTC").describe("IANA name, Europe/Paris"),
    firstDate: dateSchema.describe("In the zone; units are counted from it"),
    lastDate: dateSchema.nullable().default(null),
    deliveryLabel: labelSchema
      .refine((pattern) => findUnknownWord(pattern) === null, `words in braces are ${LABEL_WORDS.join(", ")}`)
      .describe(`Label of each run: ${LABEL_WORDS.join(", ")} stand for its date in the zone`),
    on: z.boolean().default(true),
  })
  .refine(({ firstDate, lastDate }) => lastDate === null || lastDate >= firstDate, {
    path: ["lastDate"],
    message: "it is before the first date",
  });
export type SeriesInput = z.output<typeof seriesSchema>;

export type Series = SeriesInput & {
  id: string;
  /** Of what is copied; null: it is gone. */
  sourceLabel: string | null;
  /** In whose name runs begin. */
  savedBy: string;
  /** The next five. */
  nextRuns: { at: Timestamp; local: string }[];
  /** Null: no date has come yet. */
  lastRun: SeriesRun | null;
  version: number;
  createdAt: Timestamp;
  updatedAt: Timestamp;
};

export const RUN_OUTCOMES = ["made", "missed", "failed"] as const;

export type SeriesRun = {
  at: Timestamp;
  outcome: (typeof RUN_OUTCOMES)[number];
  /** Why there is no delivery. */
  reason: string;
  /** Null: there is none, or not any more. */
  delivery: { id: string; label: string; state: DeliveryState } | null;
};
