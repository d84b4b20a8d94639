/** What may stand in `shaping/*.toml`, as it is written there. `convert.ts` turns it into what the engine knows. */
import { z } from "zod";

import { ANSWER_STAGES } from "../../core/bounce/rule.ts";

const name = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9 ._-]{0,62}$/, "letters, digits, blanks, dots, dashes and underscores, 63 at most");
/** It is part of addresses of the API and of events for years. */
const providerName = z
  .string()
  .regex(/^[a-z0-9]+(-[a-z0-9]+)*$/, "lower case words joined by hyphens")
  .refine((text) => text !== "other", '"other" is what no provider is for');
const texts = z.array(z.string().min(1)).min(1);
/** A page of the provider or a specification; whoever doubts a rule looks there. */
const source = z.string().min(2);
const masks = z
  .array(
    z
      .string()
      .max(253)
      .regex(
        /^[A-Za-z0-9_*?:-]+(\.[A-Za-z0-9_*?:-]+)*$/,
        "a mask is a host name with * and ?, without a dot at its ends: nothing else can match",
      ),
  )
  .min(1);
const whole = (max: number) => z.int().min(1).max(max);
const limit = (max: number) =>
  z.union(
    [whole(max), z.strictObject({ min: whole(max), max: whole(max) }).refine(({ min, max: top }) => min <= top)],
    `a whole number from 1 to ${max}, or { min = …, max = … } with min not above max`,
  );

const providerSchema = z.strictObject({
  name: providerName,
  label: z.string().min(1),
  mx: masks,
  warm_up: z.array(whole(1_000_000_000)).min(1).optional(),
  source,
  examples: texts,
});

const ruleSchema = z
  .strictObject({
    name,
    mx: masks.optional(),
    provider: z.string().min(1).optional(),
    connections: limit(10_000),
    messages_per_connection: whole(1_000_000).default(100),
    messages_per_hour: limit(100_000_000).optional(),
    connections_per_minute: whole(1_000_000).optional(),
    counted_per: z.enum(["site", "rule"]).default("site"),
    shared: z.boolean().default(false),
    timeouts: z
      .strictObject({ connect: whole(600).optional(), data: whole(3600).optional(), other: whole(600).optional() })
      .prefault({}),
    tls: z.enum(["none", "opportunistic", "encrypted", "required"]).default("opportunistic"),
    source,
    examples: texts.optional(),
  })
  .refine(
    (rule) => (rule.mx === undefined) !== (rule.provider === undefined),
    "either mx or provider says what it is for",
  )
  .refine((rule) => rule.mx === undefined || rule.examples !== undefined, "a rule with mx needs examples");

const limitAction = z.strictObject({
  kind: z.literal("limit"),
  messages_per_hour: whole(100_000_000).optional(),
  connections: whole(10_000).optional(),
});
const plainActions = ["slow", "suspend", "alert"] as const;

const reactionSchema = z.strictObject({
  name,
  provider: z.string().min(1).optional(),
  stage: z.array(z.enum(ANSWER_STAGES)).min(1).optional(),
  code: texts.optional(),
  enhanced: texts.optional(),
  text: texts.optional(),
  threshold: z.string().optional(),
  scope: z
    .enum(["recipient", "lane", "provider", "source", "netblock", "dkim-domain", "url-domain", "delivery", "domain"])
    .default("lane"),
  action: z.union(
    [
      z.enum([...plainActions, "fewer-connections", "other-source", "same-source", "retry", "fail"]),
      z.strictObject({ kind: z.literal("fewer-connections"), by: whole(1000) }),
      z.strictObject({ kind: z.literal("messages-per-connection"), to: whole(1_000_000) }),
      limitAction,
    ],
    "no action of a reaction; docs/shaping.md lists them",
  ),
  duration: z.string().optional(),
  alert: z.boolean().default(false),
  source,
  examples: z
    .array(z.strictObject({ reply: z.string().min(1), stage: z.enum(ANSWER_STAGES), mx: z.string().min(1).optional() }))
    .min(1),
});

const sweepSchema = z.strictObject({
  name,
  provider: z.string().min(1).optional(),
  ratio: z.enum(["failed", "deferred", "unknown", "complaints"]),
  above: z.number().min(0).max(1),
  within: z.string(),
  minimum: whole(1_000_000_000),
  per: z.enum(["lane", "provider", "domain"]),
  action: z.union([z.enum(plainActions), limitAction], 'slow, suspend, alert or { kind = "limit", … }'),
  duration: z.string().optional(),
  source,
});

export const TABLES = {
  provider: providerSchema,
  rule: ruleSchema,
  reaction: reactionSchema,
  sweep: sweepSchema,
} as const;

export type Table = keyof typeof TABLES;
export type Written<T extends Table> = z.output<(typeof TABLES)[T]>;
