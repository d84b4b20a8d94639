/** Zod schemas of what the API answers about typologies; the rest is in `responses.ts`. */
import { z } from "zod";

import { LEVELS, PHASES } from "../core/typology/rule.ts";
import { count, timestamp } from "./responses-basics.ts";
import { controlRuleSchema, populationRules } from "./typologies.ts";
import type * as contract from "./typologies.ts";
import type { CapacityUse } from "./typology-population.ts";

const heading = {
  id: z.string(),
  name: z.string(),
  description: z.string(),
  pool: z.string().nullable().describe("Of deliveries that name neither a pool nor a source"),
  builtIn: z.boolean().describe("Comes with Envoi: cannot be changed or deleted, only duplicated"),
  isDefault: z.boolean().describe("Of deliveries that name none"),
  version: z.int().describe("ETag, for If-Match"),
  createdAt: timestamp,
  updatedAt: timestamp,
};

const setting = { level: z.enum(LEVELS), active: z.boolean(), order: z.int() };

const builtInRule = z.object({
  kind: z.literal("built-in"),
  name: z.string(),
  title: z.string().describe("What it looks for"),
  phase: z.enum(PHASES),
  ...setting,
  fixed: z.boolean().describe("It can be neither lowered nor switched off"),
  standard: z.object(setting).describe("As it comes"),
  items: z.array(z.string()).describe("Codes of the items of the checklist that it stands for"),
}) satisfies z.ZodType<contract.BuiltInTypologyRule>;

const id = z.string();
const [filtering, pressure, capacity] = populationRules;
const ownRule = z.discriminatedUnion("kind", [
  z.object({ ...controlRuleSchema.shape, id }),
  z.object({ ...filtering.shape, id }),
  z.object({ ...pressure.shape, id }),
  z.object({ ...capacity.shape, id }),
]);

export const typologyAnswerSchema = z.object({
  ...heading,
  rules: z.array(z.union([builtInRule, ownRule])),
}) satisfies z.ZodType<contract.Typology>;

export const typologySummarySchema = z.object({
  ...heading,
  ownRules: count.describe("Rules of operators"),
  changedRules: count.describe("Rules that come with Envoi and are not as they come"),
}) satisfies z.ZodType<contract.TypologySummary>;

export const capacityUseSchema = z.object({
  rule: z.string(),
  name: z.string(),
  lines: z.array(
    z.object({
      from: z.string(),
      to: z.string().describe("Inclusive, in UTC"),
      messages: count,
      consumed: count,
      remaining: count,
    }),
  ),
}) satisfies z.ZodType<CapacityUse>;

export const triedRuleSchema = z.object({
  holds: z.boolean().nullable().describe("Null: it cannot be evaluated"),
  failure: z.string().nullable(),
  facts: z.array(z.object({ name: z.string(), value: z.string() })).describe("What it looked at"),
}) satisfies z.ZodType<contract.TriedRule>;

const words = {
  name: z.string(),
  from: z.enum(PHASES).describe("The first phase in which it is known"),
  about: z.string(),
};

export const ruleLanguageSchema = z.object({
  facts: z.array(z.object({ ...words, type: z.string() })),
  functions: z.array(z.object({ ...words, takes: z.array(z.string()), gives: z.string() })),
}) satisfies z.ZodType<contract.RuleLanguage>;
