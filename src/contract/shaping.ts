/** The shapes of sources, pools, MX rules, lanes, warm-up and plans that cross the HTTP border. Response schemas: responses-shaping.ts. */
import { z } from "zod";

import type { Constraint, Effect, Scope } from "../core/shaping/restriction.ts";
import { idSchema, type Timestamp } from "./basics.ts";

export type { Constraint, Effect, Scope };

const nameSchema = z
  .string()
  .trim()
  .regex(
    /^[A-Za-z0-9][A-Za-z0-9 ._-]{0,62}$/,
    "a name has letters, digits, blanks, dots, dashes and underscores, 63 at most",
  );

export const sourceSchema = z.strictObject({
  name: nameSchema,
  addressV4: z.ipv4().nullable().default(null),
  addressV6: z.ipv6().nullable().default(null),
  /** Host name for EHLO; its address and the address's name should agree. */
  helo: z.string().min(1).max(253),
  /** Index of a sender process, from 0; null: by the source's number. */
  sender: z.int().min(0).max(255).nullable().default(null),
  enabled: z.boolean().default(true),
  warmUp: z.enum(["automatic", "off"]).default("automatic"),
});
export type SourceInput = z.infer<typeof sourceSchema>;
export type SourceAnswer = SourceInput & { id: string; version: number; createdAt: Timestamp; updatedAt: Timestamp };

export const poolSchema = z.strictObject({
  name: nameSchema,
  members: z
    .array(z.strictObject({ source: idSchema, weight: z.int().min(1).max(10_000) }))
    .min(1)
    .max(100),
});
export type PoolInput = z.infer<typeof poolSchema>;
export type PoolAnswer = PoolInput & { id: string; version: number; createdAt: Timestamp; updatedAt: Timestamp };

const positive = (max: number) => z.int().min(1).max(max);
const rangeOf = (max: number) =>
  z
    .strictObject({ min: positive(max), max: positive(max) })
    .refine(({ min, max: top }) => min <= top, "min is above max");

export const mxRuleFieldsSchema = z.strictObject({
  /** Masks on MX host names; `*` any characters, `?` one. */
  mx: z.array(z.string().trim().min(1).max(253)).min(1).max(100),
  /** Numbers of sources. */
  sources: z
    .strictObject({ from: positive(1_000_000_000), to: positive(1_000_000_000) })
    .nullable()
    .default(null),
  countedPer: z.enum(["site", "rule"]).default("site"),
  shared: z.boolean().default(false),
  connections: rangeOf(10_000),
  messagesPerConnection: positive(1_000_000).default(100),
  messagesPerHour: rangeOf(100_000_000).nullable().default(null),
  connectionsPerMinute: positive(1_000_000).nullable().default(null),
  /** Seconds. */
  timeouts: z
    .strictObject({
      connect: positive(600).nullable().default(null),
      data: positive(3600).nullable().default(null),
      other: positive(600).nullable().default(null),
    })
    .prefault({}),
  tls: z.enum(["none", "opportunistic", "encrypted", "required"]).default("opportunistic"),
});
export const mxRuleSchema = mxRuleFieldsSchema.extend({ name: nameSchema, enabled: z.boolean().default(true) });
export type MxRuleInput = z.infer<typeof mxRuleSchema>;
export type MxRuleAnswer = MxRuleInput & {
  id: string;
  /** From 1; rules of files come after the last. */
  position: number;
  version: number;
  createdAt: Timestamp;
  updatedAt: Timestamp;
};

/** A lane as its sender told it last. */
export type LaneFigures = {
  /** Messages in the lane. */
  waiting: number;
  connections: number;
  /** What it may now. Null: no limit. */
  allowedConnections: number;
  messagesPerHour: number | null;
  acceptedLastMinute: number;
  deferredLastMinute: number;
  refusedLastMinute: number;
  constraint: Constraint;
  /** One sentence: what binds, by which rule, since when. */
  why: string;
  suspendedUntil: Timestamp | null;
  lastReply: string | null;
  lastReplyAt: Timestamp | null;
};

export type LaneAnswer = {
  id: string;
  source: string;
  site: string;
  provider: string;
  rule: string;
  sender: string;
  figures: LaneFigures;
  pin: { connections: number | null; messagesPerHour: number | null; actor: string; at: Timestamp } | null;
  updatedAt: Timestamp;
};

export const pinSchema = z.strictObject({
  connections: positive(10_000).nullable().default(null),
  messagesPerHour: positive(100_000_000).nullable().default(null),
});

export type ShapingEventAnswer = {
  id: string;
  at: Timestamp;
  kind: "restricted" | "adjusted" | "alert";
  scope: Scope;
  provider: string;
  cause: { kind: "reaction" | "sweep" | "breaker" | "site-failure" | "operator"; rule: string };
  evidence: string;
  effect: Effect | null;
  until: Timestamp | null;
  endedAt: Timestamp | null;
  endedBy: string | null;
  deliveryId: string | null;
  messageKey: string | null;
  sender: string;
};

/** A cell of the warm-up grid. */
export type WarmUpCell = {
  sourceId: string;
  source: string;
  provider: string;
  state: "warming" | "held" | "done";
  /** Sending day of today (or of the next day with mail). */
  day: number;
  allowance: number;
  hourlyAllowance: number;
  used: number;
  acceptedToday: number;
  deferredToday: number;
  refusedToday: number;
  complaintsToday: number;
};

/** Numbers of one provider in a plan or in what became of it. */
export type PlanRow = {
  provider: string;
  messages: number;
  /** Null: nothing leaves within the validity period. */
  startAt: Timestamp | null;
  endAt: Timestamp | null;
  messagesPerHour: number;
  /** What binds longest. */
  constraint: Constraint;
  why: string;
  /** Messages that will not leave before the end of the validity period. */
  late: number;
};

export type Plan = {
  deliveryId: string;
  at: Timestamp;
  /** When sending would begin: the start asked for, or now. */
  startAt: Timestamp;
  endAt: Timestamp | null;
  messages: number;
  late: number;
  rows: PlanRow[];
  /** Once the delivery is over. */
  actual: {
    startAt: Timestamp;
    endAt: Timestamp;
    rows: { provider: string; messages: number; startAt: Timestamp; endAt: Timestamp; messagesPerHour: number }[];
  } | null;
};

/** Why a delivery or a message is not further. */
export type ConstraintAnswer = {
  constraint: Constraint;
  why: string;
  until: Timestamp | null;
  /** By messages that wait for it, most first. */
  lanes: {
    laneId: string | null;
    provider: string;
    site: string;
    source: string;
    waiting: number;
    constraint: Constraint;
    why: string;
    until: Timestamp | null;
  }[];
};

/** Changes what is under way; fields left out stay. Null speed: as fast as limits let. */
export const paceSchema = z.strictObject({
  speed: positive(100_000_000).nullable().optional(),
  priority: z.enum(["very-low", "low", "normal", "high", "very-high"]).optional(),
});
export type PaceInput = z.infer<typeof paceSchema>;

/** How long a lane is suspended: `90m`, `2h`, `3d`, 30 days at most. */
export const suspendSchema = z.strictObject({
  for: z
    .string()
    .regex(/^(?:[1-9]\d{0,2}[smh]|(?:[1-9]|[12]\d|30)d)$/, "a time is written 90s, 20m, 36h or 5d, 30d at most"),
});
