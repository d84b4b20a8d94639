/** Zod schemas of what the API answers about single messages. */
import { z } from "zod";

import { SINGLE_STATUSES } from "../core/delivery/single.ts";
import type * as contract from "./index.ts";
import { count, failureReasonSchema, failureTypeSchema, problemSchema, timestamp } from "./responses-basics.ts";

export const singleStatusSchema = z.enum(SINGLE_STATUSES);

export const singleMessageSchema = z.object({
  id: z.string().describe("Its key in the log: PART-SEQ"),
  externalId: z.string().nullable(),
  to: z.string(),
  status: singleStatusSchema.describe(
    "scheduled: waits for sendAt; queued: to leave now; paused: held by an operator or a relay; retrying: a server made it wait; expired: its time was over first; ignored: never to leave; in-doubt: the connection broke at the end, the server may have it",
  ),
  ignored: z.enum(["denylisted", "quarantined"]).nullable().describe("Why it was ignored"),
  type: failureTypeSchema.nullable(),
  reason: failureReasonSchema.nullable(),
  reply: z.string().nullable().describe("The last word of the receiving server"),
  attempts: count,
  template: z.string().nullable(),
  subject: z.string(),
  acceptedAt: timestamp,
  sendAt: timestamp.nullable(),
  expiresAt: timestamp,
  nextAttemptAt: timestamp.nullable(),
  finalAt: timestamp.nullable(),
  tags: z.array(z.string()),
  metadata: z.record(z.string(), z.string()),
}) satisfies z.ZodType<contract.SingleMessage>;

export const batchAnswerSchema = z.union([
  z.object({ accepted: z.literal(true), message: singleMessageSchema }),
  z.object({ accepted: z.literal(false), problem: problemSchema }),
]) satisfies z.ZodType<contract.BatchAnswer>;

export const publishedTemplateSchema = z.object({
  template: z.string(),
  version: z.int(),
  publishedAt: timestamp,
  publishedBy: z.string(),
  ignoreDenylist: z.boolean().describe("Its messages go to people on the denylist too"),
}) satisfies z.ZodType<contract.PublishedTemplate>;
