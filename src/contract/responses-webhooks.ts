/** Zod schemas of what the API answers about webhooks. */
import { z } from "zod";

import { ALL_EVENTS, EVENT_TYPES } from "../core/webhook/event-types.ts";
import { count, timestamp } from "./responses-basics.ts";
import type { Webhook, WebhookMessage, WebhookMessageDetail, WebhookSecret } from "./webhooks.ts";

export const webhookAnswerSchema = z.object({
  id: z.string(),
  url: z.string(),
  description: z.string(),
  events: z.union([z.array(z.enum(EVENT_TYPES)), z.tuple([z.literal(ALL_EVENTS)])]),
  enabled: z.boolean(),
  batch: z.int(),
  concurrency: z.int(),
  version: z.int(),
  createdAt: timestamp,
  updatedAt: timestamp,
  previousSecretUntil: timestamp.nullable().describe("So long the secret before the present one signs too"),
  health: z.object({
    status: z.enum(["working", "failing", "paused", "disabled", "untried"]),
    failingSince: timestamp.nullable(),
    failures: count.describe("Requests in a row that failed"),
    lastError: z.string().nullable(),
    succeededAt: timestamp.nullable(),
    pausedUntil: timestamp.nullable(),
    disabledReason: z.string().nullable().describe("Why Envoi switched it off by itself"),
    pending: count.describe("Requests that wait for an attempt; 1001: more than a thousand"),
  }),
}) satisfies z.ZodType<Webhook>;

export const webhookSecretSchema = z.object({
  secret: z.string(),
  previous: z.string().nullable().describe("Signs too until `previousUntil`"),
  previousUntil: timestamp.nullable(),
}) satisfies z.ZodType<WebhookSecret>;

export const webhookMessageSchema = z.object({
  id: z.string(),
  key: z.string().describe("The header webhook-id, the same at each attempt"),
  webhookId: z.string(),
  at: timestamp,
  types: z.array(z.enum(EVENT_TYPES)),
  events: count,
  state: z.enum(["pending", "delivered", "failed"]),
  attempts: count,
  nextAttemptAt: timestamp.nullable(),
  finishedAt: timestamp.nullable(),
  status: z.int().nullable().describe("Of the last attempt; null: there was no answer"),
  error: z.string().nullable(),
}) satisfies z.ZodType<WebhookMessage>;

export const webhookMessageDetailSchema = webhookMessageSchema.extend({
  body: z.string().describe("What is signed and sent"),
  log: z.array(
    z.object({
      attempt: z.int(),
      at: timestamp,
      status: z.int().nullable(),
      error: z.string().nullable(),
      durationMs: count,
      response: z.string().describe("How the answer began"),
    }),
  ),
}) satisfies z.ZodType<WebhookMessageDetail>;

export const replayAnswerSchema = z.object({ requests: count.describe("How many are sent again") });

export const eventTypesSchema = z.object({
  data: z.array(z.object({ type: z.enum(EVENT_TYPES), meaning: z.string() })),
});
