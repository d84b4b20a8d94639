/** Zod schemas of what the API answers about mail that came in. */
import { z } from "zod";

import type { InboundMailDetail, InboundMailEntry } from "./inbound.ts";
import { count, failureReasonSchema, failureTypeSchema, timestamp } from "./responses-basics.ts";

export const mailKindSchema = z.enum([
  "bounce",
  "delayed",
  "success",
  "complaint",
  "auto-reply",
  "unsubscribe",
  "other",
]);

export const inboundMailSchema = z.object({
  id: z.string(),
  receivedAt: timestamp,
  source: z.enum(["smtp", "api", "mailbox"]),
  recipient: z.string().nullable().describe("Envelope recipient; null: not known"),
  returnPath: z.string().nullable().describe("Empty: the null return path of notices"),
  size: count,
  hasRaw: z.boolean().describe("Still kept as it came (`inboundRetention` of the settings)"),
  state: z.enum(["waiting", "done", "failed"]),
  error: z.string().nullable().describe("Why the last attempt to process it failed"),
  kind: mailKindSchema.nullable(),
  format: z.string().nullable().describe("How it was read: rfc3464, arf, qmail …"),
  outcome: z
    .string()
    .nullable()
    .describe(
      "failed, reason, complained, unsubscribed, final-word, copy-bounced: a change; unchanged: known already; late: more than 7 days after the last attempt; noted, not-signed: only written down; not-ours, not-found, unreadable, message-unknown and others: nothing",
    ),
  messageKey: z.string().nullable(),
  deliveryId: z.string().nullable(),
  address: z.string().nullable(),
  type: failureTypeSchema.nullable(),
  reason: failureReasonSchema.nullable(),
  rule: z.string().nullable(),
  forwardTo: z.array(z.string()).describe("To whom a copy is owed, or was given up"),
  forwardError: z.string().nullable(),
}) satisfies z.ZodType<InboundMailEntry>;

export const inboundMailDetailSchema = inboundMailSchema.extend({
  reports: z
    .array(
      z.object({
        address: z.string().nullable().describe("As the mail writes it; null when it names nobody"),
        type: failureTypeSchema.nullable(),
        reason: failureReasonSchema.nullable(),
        code: z.number().int().nullable(),
        enhancedCode: z.string().nullable(),
        diagnostic: z.string(),
        rule: z.string().nullable(),
      }),
    )
    .nullable()
    .describe(
      "What it says of each recipient, read and judged by the rules of now; null: the mail is not kept any more",
    ),
}) satisfies z.ZodType<InboundMailDetail>;
