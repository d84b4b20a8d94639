/** Rules of typologies about people: who is excluded, how many messages somebody gets, how many can be taken (docs/exclusions.md). */
import { z } from "zod";

import { exclusionRuleSchema } from "./audience.ts";
import { orderSchema } from "./population.ts";

const natures = z
  .array(z.enum(["marketing", "service"]))
  .min(1)
  .max(2);

/** Whoever is named gets no message. `natures`: of the deliveries that the rule is for; absent: all. */
export const filteringRuleSchema = z.strictObject({ exclude: exclusionRuleSchema, natures: natures.optional() });
export type FilteringRule = z.infer<typeof filteringRuleSchema>;

const count = z.int().min(0).max(1000);
/** A saved segment or a tree. */
const segment = z.union([z.string().min(1).max(20), z.looseObject({})]);

/** The same for all, what an attribute of the person says, or the first case that fits them. 0: nothing at all. */
export const thresholdSchema = z.union([
  count,
  z.strictObject({ attribute: z.string().min(1).max(200), otherwise: count }),
  z.strictObject({
    cases: z
      .array(z.strictObject({ segment, threshold: count }))
      .min(1)
      .max(20),
    otherwise: count,
  }),
]);
export type Threshold = z.infer<typeof thresholdSchema>;

/** Nobody gets more than `threshold` messages in `days` days, stretched to whole weeks, months … by `grouping`. */
export const pressureRuleSchema = z.strictObject({
  threshold: thresholdSchema,
  days: z.int().min(1).max(366),
  grouping: z.enum(["none", "day", "week", "month", "quarter", "year"]).default("none"),
  /** Also counts deliveries that are analysed and have not begun, up to so many days ahead: heavier ones, and of equal weight earlier ones. */
  planned: z.boolean().default(true),
  /** Which deliveries the rule is for, and which it counts. */
  natures: natures.optional(),
  /** Whom the rule is for. */
  recipients: exclusionRuleSchema.optional(),
});
export type PressureRule = z.infer<typeof pressureRuleSchema>;

/** How many messages can be taken when; both days belong to it, in UTC. */
const availabilitySchema = z.strictObject({
  from: z.iso.date(),
  to: z.iso.date(),
  messages: z.int().min(0).max(1_000_000_000),
});

export const capacityRuleSchema = z.strictObject({
  lines: z.array(availabilitySchema).min(1).max(400),
  /** Absent or false: the checklist tells, nobody is excluded. */
  excludeExcess: z.boolean().default(false),
  /** Who stays when not all can; absent: at random. */
  by: orderSchema.optional(),
  natures: natures.optional(),
});
export type CapacityRule = z.infer<typeof capacityRuleSchema>;

/** What deliveries take of a capacity rule. */
export type CapacityUse = {
  rule: string;
  name: string;
  lines: { from: string; to: string; messages: number; consumed: number; remaining: number }[];
};
