/** Typologies and their rules as they cross the HTTP border. */
import { z } from "zod";

import { type Level, LEVELS, type Phase, PHASES } from "../core/typology/rule.ts";
import { idSchema, type Timestamp } from "./basics.ts";
import { capacityRuleSchema, filteringRuleSchema, pressureRuleSchema } from "./typology-population.ts";

export { LEVELS, PHASES };

const order = z.int().min(0).max(1000).default(50).describe("The lower goes first");
const active = z.boolean().default(true);
const ruleName = z.string().trim().min(1).max(200);

/** What rules of operators have in common. */
export const ownRule = {
  id: idSchema.optional().describe("Of a rule that is there already; absent: a new one"),
  name: ruleName,
  active,
  order,
};

/** How a typology has a rule that comes with Envoi; one that is not given is as it comes. */
const builtInRuleSchema = z.strictObject({
  kind: z.literal("built-in"),
  name: z.string().min(1).max(60),
  level: z.enum(LEVELS),
  active,
  order,
});

export const controlRuleSchema = z.strictObject({
  kind: z.literal("control"),
  ...ownRule,
  phase: z.enum(PHASES).default("before-personalisation"),
  level: z.enum(LEVELS).default("warning"),
  /** True where all is well; docs/typologies.md describes the language. */
  expression: z.string().min(1).max(4000),
  /** What the checklist says where it is not; "": the name. */
  message: z.string().trim().max(500).default(""),
});
export type ControlRuleInput = z.infer<typeof controlRuleSchema>;

/** About people (docs/exclusions.md). */
export const populationRules = [
  z.strictObject({ kind: z.literal("filtering"), ...ownRule, ...filteringRuleSchema.shape }),
  z.strictObject({ kind: z.literal("pressure"), ...ownRule, ...pressureRuleSchema.shape }),
  z.strictObject({ kind: z.literal("capacity"), ...ownRule, ...capacityRuleSchema.shape }),
] as const;

const ruleSchema = z.discriminatedUnion("kind", [builtInRuleSchema, controlRuleSchema, ...populationRules]);
export type TypologyRuleInput = z.infer<typeof ruleSchema>;

export const typologySchema = z.strictObject({
  name: z.string().trim().min(1).max(200),
  description: z.string().trim().max(2000).default(""),
  pool: z
    .string()
    .trim()
    .min(1)
    .max(63)
    .nullable()
    .default(null)
    .describe("Of deliveries that name neither a pool nor a source"),
  rules: z.array(ruleSchema).max(300).default([]),
});
export type TypologyInput = z.infer<typeof typologySchema>;

export const duplicateTypologySchema = z.strictObject({ name: typologySchema.shape.name.optional() }).nullish();

export const tryRuleSchema = z.strictObject({
  delivery: idSchema,
  phase: controlRuleSchema.shape.phase,
  expression: controlRuleSchema.shape.expression,
});

export type BuiltInTypologyRule = {
  kind: "built-in";
  name: string;
  /** What it looks for. */
  title: string;
  phase: Phase;
  level: Level;
  active: boolean;
  order: number;
  /** It can be neither lowered nor switched off. */
  fixed: boolean;
  /** As it comes. */
  standard: { level: Level; active: boolean; order: number };
  /** Codes of the items of the checklist that it stands for; `*` for any ending. */
  items: string[];
};

export type OwnTypologyRule = Exclude<TypologyRuleInput, { kind: "built-in" }> & { id: string };
export type TypologyRule = BuiltInTypologyRule | OwnTypologyRule;

export type Typology = {
  id: string;
  name: string;
  description: string;
  /** Of deliveries that name neither a pool nor a source; null: the pool `default`. */
  pool: string | null;
  /** Comes with Envoi: cannot be changed or deleted, only duplicated. */
  builtIn: boolean;
  /** Of deliveries that name none. */
  isDefault: boolean;
  version: number;
  createdAt: Timestamp;
  updatedAt: Timestamp;
  /** All that come with Envoi, in their order, then those of operators in theirs. */
  rules: TypologyRule[];
};

/** A row of the list of typologies. */
export type TypologySummary = Omit<Typology, "rules"> & {
  /** Rules of operators. */
  ownRules: number;
  /** Rules that come with Envoi and are not as they come. */
  changedRules: number;
};

export type TriedRule = {
  /** Null: it cannot be evaluated. */
  holds: boolean | null;
  /** Why it cannot. */
  failure: string | null;
  /** What it looked at. */
  facts: { name: string; value: string }[];
};

/** All that expressions can name. */
export type RuleLanguage = {
  facts: { name: string; type: string; from: Phase; about: string }[];
  functions: { name: string; takes: string[]; gives: string; from: Phase; about: string }[];
};
