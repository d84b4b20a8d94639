/** Zod schemas of what the API answers about reply texts and bounce rules. */
import { z } from "zod";

import { ANSWER_STAGES, VERDICT_ACTIONS, VERDICT_SCOPES } from "../core/bounce/rule.ts";
import { bounceRuleSchema, REPLY_TEXT_STATES, REQUALIFICATION_STATES } from "./reply-texts.ts";
import type * as contract from "./reply-texts.ts";
import { count, failureReasonSchema, failureTypeSchema, timestamp } from "./responses-basics.ts";

export const bounceRuleAnswerSchema = z.object({
  ...bounceRuleSchema.shape,
  id: z.string(),
  position: z.int().min(1).describe("They are looked at in this order; rules of files come after the last"),
  version: z.int(),
  createdAt: timestamp,
  updatedAt: timestamp,
  warnings: z
    .array(z.object({ pointer: z.string(), message: z.string() }))
    .describe("What keeps it from deciding: kept all the same, because the order may change"),
}) satisfies z.ZodType<contract.BounceRuleAnswer>;

/** Files know no limits of length. */
const entries = z.array(z.string()).nullable();

export const shippedBounceRulesSchema = z.object({
  data: z.array(
    z.object({
      ...bounceRuleSchema.pick({ name: true, stage: true, verdict: true }).shape,
      code: entries,
      enhanced: entries,
      text: entries,
      notText: entries,
      mx: entries,
      source: z.string(),
      examples: z.array(z.object({ reply: z.string(), stage: z.enum(ANSWER_STAGES), mx: z.string().nullable() })),
      file: z.string().describe("File and line it comes from"),
    }) satisfies z.ZodType<contract.ShippedBounceRule>,
  ),
  words: z
    .array(z.object({ name: z.string(), words: z.array(z.string()) }))
    .describe("Lists that patterns name as `$name`"),
});

const verdictSchema = z.object({
  type: failureTypeSchema,
  reason: failureReasonSchema,
  action: z.enum(VERDICT_ACTIONS),
  scope: z.enum(VERDICT_SCOPES),
  rule: z.string(),
});

export const triedRulesSchema = z.object({
  days: z.int(),
  count: count.describe("Replies that were tried, as often as they were given"),
  changed: count,
  newlyHard: count.describe("Would quarantine their address and did not"),
  noLongerHard: count,
  truncated: z.boolean().describe("Only the most frequent texts were tried"),
  changes: z.array(
    z.object({
      before: verdictSchema,
      after: verdictSchema,
      texts: count,
      count,
      examples: z.array(z.string()),
    }),
  ),
}) satisfies z.ZodType<contract.TriedRules>;

export const replyTextSchema = z.object({
  id: z.string(),
  text: z.string().describe("Variable parts are #xxx#, addresses *"),
  firstText: z.string(),
  code: z.int().nullable(),
  enhancedCode: z.string().nullable(),
  count,
  providers: z.array(z.string()),
  stages: z.array(z.enum(ANSWER_STAGES)),
  firstSeenAt: timestamp,
  lastSeenAt: timestamp,
  state: z.enum(REPLY_TEXT_STATES),
  type: failureTypeSchema.describe("As the rules judged it last, or as a person said"),
  reason: failureReasonSchema,
  rule: z.string().describe("That decided last"),
  qualifiedAt: timestamp.nullable(),
  qualifiedBy: z.string().nullable(),
  version: z.int(),
}) satisfies z.ZodType<contract.ReplyTextAnswer>;

export const replyTextCountsSchema = z.object({
  toQualify: count,
  keep: count,
  ignore: count,
}) satisfies z.ZodType<contract.ReplyTextCounts>;

const replyTextDaySchema = z.object({ day: z.iso.date(), count }) satisfies z.ZodType<contract.ReplyTextDay>;

export const replyTextDetailSchema = replyTextSchema.extend({
  days: z.array(replyTextDaySchema).describe("How often it was given, by day (UTC); days without any are left out"),
  examples: z
    .array(
      z.object({
        key: z.string(),
        recipient: z.string(),
        at: timestamp,
        stage: z.string().nullable(),
        reply: z.string(),
      }),
    )
    .describe("Messages that got it lately, ten at most"),
});

export const requalificationSchema = z.object({
  id: z.string(),
  state: z.enum(REQUALIFICATION_STATES),
  dryRun: z.boolean().describe("Only counts"),
  textId: z.string().nullable(),
  text: z.string().nullable(),
  type: failureTypeSchema.nullable().describe("What a person said of the text; null: rules judge"),
  reason: failureReasonSchema.nullable(),
  rule: z.string().nullable().describe("Null, as `textId`: all replies"),
  since: timestamp,
  actor: z.string(),
  createdAt: timestamp,
  finishedAt: timestamp.nullable(),
  undoneAt: timestamp.nullable(),
  undoneBy: z.string().nullable(),
  undoUntil: timestamp.nullable().describe("Null: it cannot be undone"),
  progress: z.object({ parts: count, done: count }).describe("Parts of deliveries that were looked through"),
  counts: z.object({
    messages: count.describe("Their type or reason became another"),
    attempts: count,
    deliveries: count,
    quarantined: count.describe("Addresses"),
    released: count.describe("Addresses"),
    kept: count.describe("Changed by somebody since, so that the undo left it"),
  }),
  error: z.string().nullable().describe("Why the last try of the worker failed; it tries again within a minute"),
}) satisfies z.ZodType<contract.Requalification>;
