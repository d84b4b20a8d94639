/** The shapes of reply texts and of operators' bounce rules that cross the HTTP border. Response schemas: responses-reply-texts.ts. */
import { z } from "zod";

import {
  ANSWER_STAGES,
  type AnswerStage,
  FAILURE_REASONS,
  FAILURE_TYPES,
  VERDICT_ACTIONS,
  VERDICT_SCOPES,
} from "../core/bounce/rule.ts";
import type { FailureReason, FailureType, Verdict } from "../core/bounce/verdict.ts";
import { idSchema, type Timestamp } from "./basics.ts";

export const REPLY_TEXT_STATES = ["to-qualify", "keep", "ignore"] as const;
export type ReplyTextState = (typeof REPLY_TEXT_STATES)[number];

const stageSchema = z.enum(ANSWER_STAGES);
const patterns = z.array(z.string().trim().min(1).max(500)).min(1).max(200).nullable().default(null);

/** A rule as in `rules/bounces/*.toml`; null: no such condition. */
export const bounceRuleFieldsSchema = z.strictObject({
  stage: z.array(stageSchema).min(1).max(7).nullable().default(null),
  code: patterns,
  enhanced: patterns,
  text: patterns,
  /** The rule does not apply when one of these is found. */
  notText: patterns,
  /** Suffixes of the host name of the MX. */
  mx: patterns,
  verdict: z.strictObject({
    type: z.enum(FAILURE_TYPES),
    reason: z.enum(FAILURE_REASONS),
    /** Null: what the basic code says, fail for 5xx, else retry. */
    action: z.enum(VERDICT_ACTIONS).nullable().default(null),
    scope: z.enum(VERDICT_SCOPES),
  }),
  /** Why it is there: a page, a ticket. */
  source: z.string().trim().max(1000).default(""),
  examples: z
    .array(
      z.strictObject({
        reply: z.string().trim().min(1).max(2000),
        stage: stageSchema,
        mx: z.string().trim().min(1).max(253).nullable().default(null),
      }),
    )
    .min(1)
    .max(50),
});

export const bounceRuleSchema = bounceRuleFieldsSchema.extend({
  name: z
    .string()
    .max(63)
    .regex(/^[a-z0-9]+(-[a-z0-9]+)*$/, "a name is lower case words joined by hyphens"),
  enabled: z.boolean().default(true),
});
export type BounceRuleInput = z.infer<typeof bounceRuleSchema>;
export type BounceRuleAnswer = BounceRuleInput & {
  id: string;
  /** From 1; rules of files come after the last. */
  position: number;
  version: number;
  createdAt: Timestamp;
  updatedAt: Timestamp;
  /** What keeps it from deciding. */
  warnings: { pointer: string; message: string }[];
};

/** A rule of `rules/bounces/*.toml`: to be read, not changed. */
export type ShippedBounceRule = Omit<BounceRuleInput, "enabled"> & {
  /** File and line. */
  file: string;
};

/** Days of replies that are kept. */
export const DAYS_KEPT = 90;
const days = z.int().min(1).max(DAYS_KEPT).default(7);

export const tryRulesSchema = z.strictObject({
  days,
  change: z.discriminatedUnion("kind", [
    z.strictObject({ kind: z.literal("add"), rule: bounceRuleSchema }),
    z.strictObject({ kind: z.literal("replace"), id: idSchema, rule: bounceRuleSchema }),
    z.strictObject({ kind: z.literal("remove"), id: idSchema }),
    z.strictObject({ kind: z.literal("order"), ids: z.array(idSchema).max(1000) }),
  ]),
});
export type TryRules = z.infer<typeof tryRulesSchema>;

export type TriedRules = {
  days: number;
  /** Replies that were tried, as often as they were given. */
  count: number;
  changed: number;
  newlyHard: number;
  noLongerHard: number;
  /** Only the most frequent texts were tried. */
  truncated: boolean;
  changes: { before: Verdict; after: Verdict; texts: number; count: number; examples: string[] }[];
};

export type ReplyTextAnswer = {
  id: string;
  text: string;
  firstText: string;
  code: number | null;
  enhancedCode: string | null;
  count: number;
  providers: string[];
  stages: AnswerStage[];
  firstSeenAt: Timestamp;
  lastSeenAt: Timestamp;
  state: ReplyTextState;
  type: FailureType;
  reason: FailureReason;
  /** That decided last. */
  rule: string;
  /** Null: nobody said anything yet, the rules decide. */
  qualifiedAt: Timestamp | null;
  qualifiedBy: string | null;
  version: number;
};

export type ReplyTextCounts = { toQualify: number; keep: number; ignore: number };

/** A day (UTC, `2026-11-21`) on which it was given, and how often. */
export type ReplyTextDay = { day: string; count: number };

/** An attempt that got the text. */
export type ReplyTextExample = { key: string; recipient: string; at: Timestamp; stage: string | null; reply: string };

export const qualifyTextSchema = z
  .strictObject({
    state: z.enum(REPLY_TEXT_STATES).optional(),
    type: z.enum(FAILURE_TYPES).optional(),
    reason: z.enum(FAILURE_REASONS).optional(),
  })
  .refine(({ type, reason }) => (type === undefined) === (reason === undefined), {
    message: "type and reason belong together",
    path: ["reason"],
  });
export type QualifyText = z.infer<typeof qualifyTextSchema>;

/** What is left out follows from the text and from what was said of it. */
export const ruleOfTextSchema = z.strictObject({
  name: bounceRuleSchema.shape.name.optional(),
  text: z.array(z.string().trim().min(1).max(500)).min(1).max(200).optional(),
  action: z.enum(VERDICT_ACTIONS).nullable().default(null),
  scope: z.enum(VERDICT_SCOPES).optional(),
});
export type RuleOfText = z.infer<typeof ruleOfTextSchema>;

const since = z.iso.datetime().optional();

/** `since`: left out, the last 30 days. `dryRun` only counts. */
export const requalifyTextSchema = z.strictObject({ since, dryRun: z.boolean().default(false) });
export const requalifySchema = requalifyTextSchema.extend({
  /** What this rule judges now, or judged then. Left out: all replies. */
  rule: z.string().min(1).max(100).optional(),
});

export const REQUALIFICATION_STATES = ["running", "completed", "undoing", "undone"] as const;

/** Past messages judged again. `textId` and `rule` null: all of them. */
export type Requalification = {
  id: string;
  state: (typeof REQUALIFICATION_STATES)[number];
  dryRun: boolean;
  textId: string | null;
  text: string | null;
  /** What a person said of the text; null: rules judge. */
  type: FailureType | null;
  reason: FailureReason | null;
  rule: string | null;
  since: Timestamp;
  actor: string;
  createdAt: Timestamp;
  finishedAt: Timestamp | null;
  undoneAt: Timestamp | null;
  undoneBy: string | null;
  /** Null: it cannot be undone. */
  undoUntil: Timestamp | null;
  /** Parts of deliveries that were looked through. */
  progress: { parts: number; done: number };
  counts: {
    messages: number;
    attempts: number;
    deliveries: number;
    quarantined: number;
    released: number;
    /** Changed by somebody since, so that the undo left it. */
    kept: number;
  };
  /** Why the last try of the worker failed; it tries again within a minute. */
  error: string | null;
};
