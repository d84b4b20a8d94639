/** Who of a target gets a message, as one delivery says it: size, quality, control group, seed addresses. */
import { z } from "zod";

import { exclusionRuleSchema } from "./audience.ts";
import { idSchema } from "./basics.ts";

const attributeName = z.string().min(1).max(200);

/** By an attribute; people without a value come last. */
export const orderSchema = z.strictObject({
  attribute: attributeName,
  direction: z.enum(["ascending", "descending"]).default("descending"),
});
export type Order = z.infer<typeof orderSchema>;

/** People whose number in this attribute is less, or who have none, get nothing. */
export const qualitySchema = z.strictObject({ attribute: attributeName, atLeast: z.number() });
export type Quality = z.infer<typeof qualitySchema>;

/** `by` absent: at random. */
export const limitSchema = z.strictObject({
  recipients: z.int().min(1).max(1_000_000_000),
  by: orderSchema.optional(),
});
export type Limit = z.infer<typeof limitSchema>;

/** Who is left out on purpose, to measure the others against: so many, so large a share, or named people. */
export const controlSchema = z.union([
  z.strictObject({ recipients: z.int().min(1).max(1_000_000_000), by: orderSchema.optional() }),
  z.strictObject({ percent: z.number().gt(0).max(100), by: orderSchema.optional() }),
  z.strictObject({ choice: exclusionRuleSchema }),
]);
export type Control = z.infer<typeof controlSchema>;

const weight = z.int().min(0).max(1000);

/** The delivery's weight for a person: a number of theirs, or the first case that fits them; else `settings.weight`. */
export const weightsSchema = z.union([
  z.strictObject({ attribute: attributeName }),
  z.strictObject({
    cases: z
      .array(z.strictObject({ segment: z.union([z.string().min(1).max(20), z.looseObject({})]), weight }))
      .min(1)
      .max(20),
  }),
]);
export type Weights = z.infer<typeof weightsSchema>;

export const seedsSchema = z
  .strictObject({
    seeds: z.array(idSchema).max(500).default([]),
    lists: z.array(idSchema).max(50).default([]),
    /** Among the others: at random places, before all, after all. */
    position: z.enum(["spread", "first", "last"]).default("spread"),
  })
  .refine(({ seeds, lists }) => seeds.length + lists.length > 0, { message: "seeds or lists of seeds are needed" });
export type DeliverySeeds = z.infer<typeof seedsSchema>;
