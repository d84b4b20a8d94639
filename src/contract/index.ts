/**
 * The shapes that cross the HTTP border: what the API answers and what the UI reads. Zod schemas for what comes in,
 * plain types for what goes out. Field names are the contract's (`design: HTTP`); nothing here does anything.
 */
import { z } from "zod";

import type { DeliveryState, ExclusionReason, MessageStatus } from "../core/delivery/status.ts";
import type { FailureReason, FailureType } from "../core/bounce/verdict.ts";

export type { DeliveryState, ExclusionReason, FailureReason, FailureType, MessageStatus };

/** RFC 3339, UTC. */
export type Timestamp = string;

export const senderSchema = z.strictObject({
  name: z.string().max(2000).default(""),
  address: z.string().min(3).max(2000),
  replyTo: z.string().max(2000).optional(),
  /** Return path (RFC 5321 §4.4); the sender address when absent. */
  errorAddress: z.string().max(2000).optional(),
});
export type Sender = z.infer<typeof senderSchema>;

export const contentSchema = z.strictObject({
  subject: z.string().max(10_000),
  html: z.string().max(5_000_000).optional(),
  text: z.string().max(5_000_000).optional(),
  syntax: z.enum(["liquid"]).default("liquid"),
});
export type Content = z.infer<typeof contentSchema>;

const idSchema = z.string().regex(/^[1-9]\d{0,14}$/, "an id is a decimal number");
const durationSchema = z.string().regex(/^[1-9]\d{0,8}[smhd]$/, "a duration is written 90s, 20m, 36h or 5d");

export const audienceSchema = z.union([
  z.strictObject({ all: z.literal(true) }),
  z.strictObject({ list: idSchema }),
  /** The rows of one imported file, rejected rows included as exclusions. */
  z.strictObject({ import: idSchema }),
]);
export type Audience = z.infer<typeof audienceSchema>;

export const settingsSchema = z.strictObject({
  /** How long attempts may go on after the start. */
  validity: durationSchema.default("5d"),
  /** Extra headers, personalisable. */
  headers: z.array(z.strictObject({ name: z.string().max(200), value: z.string().max(10_000) })).default([]),
  /** `domain=host:port`, `*` for any: where to connect instead of looking up MX. */
  routes: z.record(z.string(), z.string()).default({}),
  /** Local address to connect from. */
  source: z.string().optional(),
  dkim: z.strictObject({ domain: z.string(), selector: z.string() }).optional(),
  /** What to do with a message that ended between final dot and reply. */
  inDoubtPolicy: z.enum(["retry", "hold"]).default("retry"),
  /** Messages in a delivery part. */
  partSize: z.number().int().min(10).max(5000).default(1000),
});
export type Settings = z.infer<typeof settingsSchema>;

export const createDeliverySchema = z.strictObject({
  label: z.string().min(1).max(500),
  content: contentSchema,
  sender: senderSchema,
  audience: audienceSchema,
  settings: settingsSchema.prefault({}),
});
export type CreateDelivery = z.infer<typeof createDeliverySchema>;

export const updateDeliverySchema = z.strictObject({
  label: z.string().min(1).max(500).optional(),
  content: contentSchema.optional(),
  sender: senderSchema.optional(),
  audience: audienceSchema.optional(),
  settings: settingsSchema.optional(),
});
export type UpdateDelivery = z.infer<typeof updateDeliverySchema>;

export type Delivery = {
  id: string;
  label: string;
  state: DeliveryState;
  /** Why the delivery does not go on by itself, for instance the reply of a relay that refuses us. */
  holdReason: string | null;
  content: Content;
  sender: Sender;
  audience: Audience;
  settings: Settings;
  /** ETag of the editable part. */
  version: number;
  /** True while the last analysis still describes this version. */
  analysed: boolean;
  createdAt: Timestamp;
  updatedAt: Timestamp;
  analysedAt: Timestamp | null;
  startedAt: Timestamp | null;
  finishedAt: Timestamp | null;
  validUntil: Timestamp | null;
  /** On the answer to pause and stop: messages on the wire that will still finish. */
  onWire?: number;
};

/** A row of the list of deliveries. */
export type DeliverySummary = Pick<
  Delivery,
  "id" | "label" | "state" | "holdReason" | "createdAt" | "startedAt" | "finishedAt"
> &
  Indicators;

/**
 * targeted = excluded + toDeliver; toDeliver = sent + failed + cancelled + pending + inDoubt.
 * `takenIntoAccount` is the part of `pending` that the MTA holds for a retry.
 */
export type Indicators = {
  targeted: number;
  excluded: number;
  toDeliver: number;
  takenIntoAccount: number;
  sent: number;
  failed: number;
  pending: number;
  cancelled: number;
  inDoubt: number;
  /** sent / toDeliver, 0 to 1; 0 before the first message. */
  successRate: number;
};

export type LiveIndicators = Indicators & {
  state: DeliveryState;
  holdReason: string | null;
  /** Messages on the wire now. */
  onWire: number;
  /** Final outcomes per second over the last 10 seconds; null when not known yet. */
  rate: number | null;
  /** Seconds until pending is empty at that rate; null when not known. */
  etaSeconds: number | null;
  at: Timestamp;
};

export type ChecklistItem = { id: string; level: "info" | "warning" | "error"; title: string; detail: string };

export type Checklist = {
  ready: boolean;
  analysed: boolean;
  targeted: number;
  excluded: Partial<Record<ExclusionReason, number>>;
  toDeliver: number;
  items: ChecklistItem[];
};

export type Destination = {
  domain: string;
  toDeliver: number;
  sent: number;
  failed: number;
  retrying: number;
  pending: number;
  lastReply: string | null;
  lastReplyAt: Timestamp | null;
};

/** One message as the delivery log shows it; also the line of `envoi log`. */
export type LogLine = {
  key: string;
  recipient: string;
  status: MessageStatus;
  type: FailureType | null;
  reason: FailureReason | null;
  attempts: number;
  reply: string | null;
  mx: string | null;
  firstAttemptAt: Timestamp | null;
  finalAt: Timestamp | null;
  archived: boolean;
  /** An attempt ended between the final dot and its reply: the receiver may have this message twice. */
  inDoubt: boolean;
};

export type Attempt = {
  attempt: number;
  at: Timestamp;
  kind: "accepted" | "refused" | "lost" | "in-doubt" | "expired" | "not-rendered";
  stage: string | null;
  code: number | null;
  enhanced: string | null;
  reply: string;
  mx: string | null;
  sourceIp: string | null;
  tls: string | null;
  durationMs: number | null;
  type: FailureType | null;
  reason: FailureReason | null;
  rule: string | null;
};

export type MessageDetail = LogLine & {
  deliveryId: string;
  nextAttemptAt: Timestamp | null;
  vars: Record<string, unknown>;
  timeline: Attempt[];
};

export type Exclusion = { address: string; reason: ExclusionReason; detail: string };

export type ImportStatus = {
  id: string;
  status: "pending" | "running" | "completed" | "failed";
  fileName: string;
  listId: string | null;
  counts: { total: number; created: number; updated: number; skipped: number; failed: number };
  error: Problem | null;
  errorsUrl: string;
};

export type ImportError = {
  line: number;
  column: string;
  value: string;
  reason: ExclusionReason | "malformed-row";
  detail: string;
};

export type DeliveryEvent = {
  id: string;
  at: Timestamp;
  /** created, edited, analysis.started, analysis.finished, confirmed, paused, resumed, stopped, held, finished … */
  kind: string;
  actor: string;
  detail: Record<string, unknown>;
};

export type SandboxMessage = {
  id: string;
  at: Timestamp;
  mailFrom: string;
  rcptTo: string;
  subject: string;
  size: number;
};

export type QuarantineEntry = {
  address: string;
  status: "valid" | "with-errors" | "quarantined" | "denylisted";
  reason: string | null;
  errorText: string | null;
  errors: number;
  history: { at: Timestamp; status: string; reason: string; errorText: string; messageKey: string | null }[];
};

export type Page<T> = { data: T[]; nextCursor: string | null };

/** RFC 9457. */
export type Problem = {
  type: string;
  title: string;
  status: number;
  detail: string;
  code: string;
  currentState?: string;
  errors?: { pointer: string; code: string; message: string }[];
};
