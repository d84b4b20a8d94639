/**
 * What can be set for one delivery. Names, types and defaults are those of the table of properties (core/delivery/properties.ts);
 * here are the schemas of values that are lists or objects.
 */
import { z } from "zod";

import { SETTINGS } from "../core/delivery/properties.ts";
import { namedSchema, wavesSchema } from "./approvals.ts";
import { exclusionRuleSchema } from "./audience.ts";
import { durationSchema, idSchema } from "./basics.ts";
import { controlSchema, limitSchema, qualitySchema, seedsSchema, weightsSchema } from "./population.ts";
import { fieldsOf } from "./property-schema.ts";

const SHAPES = {
  headers: z.array(z.strictObject({ name: z.string().max(200), value: z.string().max(10_000) })),
  /** `domain=host:port`, `*` for any. */
  routes: z.record(z.string(), z.string()),
  dkim: z.strictObject({ domain: z.string(), selector: z.string() }),
  retries: z.discriminatedUnion("mode", [
    z.strictObject({ mode: z.literal("adaptive") }),
    z.strictObject({
      mode: z.literal("fixed"),
      /** On the first day, after the first attempt. */
      count: z.int().min(1).max(100).default(5),
      period: durationSchema.default("1h"),
    }),
  ]),
  links: z
    .array(
      z.strictObject({
        /** As the content writes it. */
        url: z.string().min(1).max(10_000),
        label: z.string().max(200).optional(),
        category: z.string().max(100).optional(),
        mode: z.enum(["tracked", "not-tracked", "opt-out", "mirror"]).optional(),
      }),
    )
    .max(1000),
  /** Names personalisable. `contentId` makes it an image for `cid:` in the HTML. */
  attachments: z
    .array(
      z.strictObject({
        file: idSchema,
        name: z.string().min(1).max(500).optional(),
        contentId: z
          .string()
          .regex(/^[A-Za-z0-9._-]{1,60}$/, "a content id is made of letters, digits, dot, dash and underscore")
          .optional(),
      }),
    )
    .max(20),
  archives: z.array(idSchema).min(1).max(10),
  variables: z.record(
    z.string().regex(/^[a-z_][a-z0-9_]{0,63}$/, "a variable is named like attributes"),
    z.string().max(10_000),
  ),
  exclude: z.array(exclusionRuleSchema).max(20),
  waves: wavesSchema,
  reviewers: namedSchema,
  starters: namedSchema,
  quality: qualitySchema,
  limit: limitSchema,
  control: controlSchema,
  seeds: seedsSchema,
  weights: weightsSchema,
};

export const settingsSchema = z.strictObject(fieldsOf(SETTINGS, SHAPES));
export type Settings = z.infer<typeof settingsSchema>;
