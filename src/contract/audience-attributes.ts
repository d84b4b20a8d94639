/** Declared attributes of recipients as they cross the HTTP border. */
import { z } from "zod";

import { ATTRIBUTE_TYPES } from "../core/audience/attribute.ts";

const name = z
  .string()
  .trim()
  .min(1)
  .max(100)
  // oxlint-disable-next-line no-control-regex -- control characters are what it refuses
  .regex(/^[^\0-\x1f\x7f]*$/, "a name has no control characters");

const notation = {
  decimal: z
    .enum(["point", "comma"])
    .optional()
    .describe("What the decimal sign of values that are text is; without it 1,234 is refused"),
  dates: z.enum(["dmy", "mdy"]).optional().describe("The order of 03/04/2024; without it that is refused"),
};

export const attributeTypeSchema = z.enum(ATTRIBUTE_TYPES);

const declaration = {
  type: attributeTypeSchema,
  label: z.string().max(200).default("").describe("What people read; empty: the name"),
  values: z.array(z.string().trim().min(1).max(200)).min(1).max(1000).optional().describe("Of an enum"),
  indexed: z.boolean().default(false).describe("Segments over it are faster; text is limited to 500 characters then"),
};

const saving = {
  ...notation,
  misfits: z
    .enum(["refuse", "erase"])
    .default("refuse")
    .describe("Values that recipients have and that do not fit: refuse the change, or erase them"),
};

export const attributeCreateSchema = z.strictObject({ name, ...declaration, ...saving });
export const attributeChangeSchema = z.strictObject({ ...declaration, ...saving });
export const attributeCheckSchema = z.strictObject({ name, ...declaration, ...notation });
export type AttributeDeclaration = z.output<z.ZodObject<typeof declaration>>;

export type DeclaredAttribute = AttributeDeclaration & {
  name: string;
  /** `none`: not wished for, or not begun. */
  index: "none" | "building" | "ready";
  version: number;
};

/** What a type would make of the values that recipients have. */
export type AttributeCheck = {
  total: number;
  fits: number;
  /** Of those that fit: written anew in the way of the type. */
  converted: number;
  misfits: number;
  /** The first 100. */
  samples: { recipientId: string; address: string; value: string; problem: string }[];
};

export type AttributeCoverage = {
  /** People looked at; all of them unless `complete` is false. */
  sampled: number;
  complete: boolean;
  data: {
    name: string;
    declared: boolean;
    type: z.infer<typeof attributeTypeSchema> | null;
    /** What the values look like. */
    looksLike: z.infer<typeof attributeTypeSchema>;
    /** Share of people who have a value that is not blank, 0 to 1. */
    coverage: number;
    examples: string[];
  }[];
};
