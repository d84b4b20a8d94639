/** Zod schemas of what the API answers about attributes. */
import { z } from "zod";

import {
  attributeTypeSchema,
  type AttributeCheck,
  type AttributeCoverage,
  type DeclaredAttribute,
} from "./audience-attributes.ts";
import { count } from "./responses-basics.ts";

export const declaredAttributeSchema = z.object({
  name: z.string(),
  type: attributeTypeSchema,
  label: z.string(),
  values: z.array(z.string()).optional(),
  indexed: z.boolean(),
  index: z.enum(["none", "building", "ready"]),
  version: z.int().describe("ETag, for If-Match"),
}) satisfies z.ZodType<DeclaredAttribute>;

export const attributeCheckAnswerSchema = z.object({
  total: count.describe("Recipients who have the attribute"),
  fits: count,
  converted: count.describe("Of those that fit: written anew in the way of the type"),
  misfits: count,
  samples: z
    .array(z.object({ recipientId: z.string(), address: z.string(), value: z.string(), problem: z.string() }))
    .describe("The first 100 that do not fit"),
}) satisfies z.ZodType<AttributeCheck>;

export const attributeCoverageSchema = z.object({
  sampled: count,
  complete: z.boolean().describe("False: a sample of the pages of the table"),
  data: z.array(
    z.object({
      name: z.string(),
      declared: z.boolean(),
      type: attributeTypeSchema.nullable(),
      looksLike: attributeTypeSchema.describe("The narrowest type that takes the values of the sample"),
      coverage: z.number().min(0).max(1),
      examples: z.array(z.string()),
    }),
  ),
}) satisfies z.ZodType<AttributeCoverage>;
