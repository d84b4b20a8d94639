/** Zod schemas of what the API answers about sources, pools, MX rules, lanes, warm-up and plans; the rest is in `responses.ts`. */
import { z } from "zod";

import { count, timestamp } from "./responses-basics.ts";
import type * as contract from "./shaping.ts";
import { mxRuleFieldsSchema, mxRuleSchema, poolSchema, sourceSchema } from "./shaping.ts";

const heading = {
  id: z.string(),
  version: z.int().describe("ETag, for If-Match"),
  createdAt: timestamp,
  updatedAt: timestamp,
};

export const sourceAnswerSchema = z.object({
  ...sourceSchema.shape,
  ...heading,
}) satisfies z.ZodType<contract.SourceAnswer>;

export const poolAnswerSchema = z.object({ ...poolSchema.shape, ...heading }) satisfies z.ZodType<contract.PoolAnswer>;

export const warmUpCellSchema = z.object({
  sourceId: z.string(),
  source: z.string().describe("Its name"),
  provider: z.string(),
  state: z
    .enum(["warming", "held", "done"])
    .describe("held: the step is had again, because of how it went or by an operator's word; done: no limit"),
  day: z.int().min(1).describe("Sending day of today, or of the next day with mail"),
  allowance: count.describe("Messages on that day; once done, what the last day allowed"),
  hourlyAllowance: count,
  used: count.describe("Taken by senders today; once done, what was accepted"),
  acceptedToday: count,
  deferredToday: count,
  refusedToday: count,
  complaintsToday: count,
}) satisfies z.ZodType<contract.WarmUpCell>;

export const constraintSchema = z.enum([
  "none",
  "rate",
  "connections",
  "connection-rate",
  "suspended",
  "back-off",
  "warm-up",
  "remote",
  "cpu",
  "database",
  "journal",
  "delivery-speed",
  "paused",
  "archive",
  "no-source",
  "retry-wait",
  "dns",
]) satisfies z.ZodType<contract.Constraint>;

export const laneSchema = z.object({
  id: z.string(),
  source: z.string().describe("Name of a source; `default` where the system chooses the address"),
  site: z.string().describe("MX hosts, sorted"),
  provider: z.string(),
  rule: z.string().describe("MX rule"),
  sender: z.string().describe("Those that have it; several only of the source `default`"),
  figures: z.object({
    waiting: count.describe("Messages in the lane"),
    connections: count,
    allowedConnections: count.describe("What it may now"),
    messagesPerHour: z.number().nullable().describe("What it may now; null: no limit"),
    acceptedLastMinute: count,
    deferredLastMinute: count,
    refusedLastMinute: count,
    constraint: constraintSchema,
    why: z.string().describe("What binds, by which rule, since when"),
    suspendedUntil: timestamp.nullable(),
    lastReply: z.string().nullable(),
    lastReplyAt: timestamp.nullable(),
  }),
  pin: z
    .object({
      connections: count.nullable(),
      messagesPerHour: count.nullable(),
      actor: z.string(),
      at: timestamp,
    })
    .nullable()
    .describe("What an operator fixed"),
  updatedAt: timestamp,
}) satisfies z.ZodType<contract.LaneAnswer>;

const shapingScopeSchema = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("lane"), source: z.string(), site: z.string() }),
  z.object({ kind: z.literal("provider"), source: z.string().nullable(), provider: z.string() }),
  z.object({ kind: z.literal("source"), source: z.string() }),
  z.object({ kind: z.literal("netblock"), block: z.string(), provider: z.string() }),
  z.object({ kind: z.enum(["dkim-domain", "url-domain"]), domain: z.string(), provider: z.string() }),
  z.object({ kind: z.literal("delivery"), deliveryId: z.int(), provider: z.string() }),
  z.object({ kind: z.literal("domain"), domain: z.string() }),
]) satisfies z.ZodType<contract.Scope>;

const shapingEffectSchema = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("suspend") }),
  z.object({ kind: z.literal("avoid") }),
  z.object({
    kind: z.literal("limit"),
    messagesPerHour: z.number().nullable(),
    connections: z.number().nullable(),
    messagesPerConnection: z.number().nullable(),
  }),
]) satisfies z.ZodType<contract.Effect>;

export const shapingEventSchema = z.object({
  id: z.string(),
  at: timestamp,
  kind: z.enum(["restricted", "adjusted", "alert"]),
  scope: shapingScopeSchema.describe("What it is about: the object that the provider named"),
  provider: z.string(),
  cause: z.object({
    kind: z.enum(["reaction", "sweep", "breaker", "site-failure", "operator"]),
    rule: z.string().describe("Name of the reaction, sweep or breaker; of the token of an operator"),
  }),
  evidence: z.string().describe("The reply, or the figures"),
  effect: shapingEffectSchema.nullable(),
  until: timestamp.nullable().describe("null: until somebody ends it"),
  endedAt: timestamp.nullable(),
  endedBy: z.string().nullable().describe("`time` when its time was over"),
  deliveryId: z.string().nullable(),
  messageKey: z.string().nullable(),
  sender: z.string(),
}) satisfies z.ZodType<contract.ShapingEventAnswer>;

export const planSchema = z.object({
  deliveryId: z.string(),
  at: timestamp,
  startAt: timestamp.describe("When sending would begin"),
  endAt: timestamp.nullable(),
  messages: count,
  late: count.describe("Messages that will not leave before the end of the validity period"),
  rows: z.array(
    z.object({
      provider: z.string(),
      messages: count,
      startAt: timestamp.nullable().describe("null: nothing leaves within the validity period"),
      endAt: timestamp.nullable(),
      messagesPerHour: count,
      constraint: constraintSchema.describe("What binds longest"),
      why: z.string(),
      late: count,
    }),
  ),
  actual: z
    .object({
      startAt: timestamp,
      endAt: timestamp,
      rows: z.array(
        z.object({
          provider: z.string(),
          messages: count.describe("Accepted"),
          startAt: timestamp,
          endAt: timestamp,
          messagesPerHour: count,
        }),
      ),
    })
    .nullable()
    .describe("What it became, once the delivery is over"),
}) satisfies z.ZodType<contract.Plan>;

export const constraintAnswerSchema = z.object({
  constraint: constraintSchema,
  why: z.string(),
  until: timestamp.nullable().describe("When it ends by itself, as far as is known"),
  lanes: z
    .array(
      z.object({
        laneId: z.string().nullable().describe("null: no sender has this lane at the moment"),
        provider: z.string(),
        site: z.string(),
        source: z.string(),
        waiting: count.describe("Messages of the delivery that go there"),
        constraint: constraintSchema,
        why: z.string(),
        until: timestamp.nullable(),
      }),
    )
    .describe("By messages that wait for it, most first"),
}) satisfies z.ZodType<contract.ConstraintAnswer>;

export const mxRuleAnswerSchema = z.object({
  ...mxRuleSchema.shape,
  ...heading,
  position: z.int().min(1).describe("They are looked at in this order; rules of files come after the last"),
  warnings: z
    .array(z.object({ code: z.enum(["unreachable"]), message: z.string() }))
    .describe("What is odd about it: kept all the same, because the order may change"),
}) satisfies z.ZodType<contract.MxRuleAnswer>;

const ruleOrigin = {
  name: z.string(),
  origin: z.enum(["operator", "own-file", "shipped"]).describe("own-file: DATA_DIR/shaping"),
  id: z.string().nullable().describe("null: a rule of a file"),
};

export const resolvedRuleSchema = z.object({
  mx: z.array(z.string()),
  source: z.int().nullable().describe("null: the address that the system chooses"),
  provider: z.string(),
  rule: z.object({ ...mxRuleFieldsSchema.shape, ...ruleOrigin }).describe("The first that matches"),
  hidden: z.array(z.object(ruleOrigin)).describe("Later ones that would match too, in their order"),
});

export const providerAnswerSchema = z.object({
  name: z.string(),
  label: z.string(),
  mx: z.array(z.string()).describe("All MX hosts of a site must match one of them"),
  warmUp: z.array(z.int()).nullable().describe("Messages of each sending day of a new source; null: the default curve"),
  reactions: z.array(z.string()).describe("Names of its own; those for every provider come after them"),
});
