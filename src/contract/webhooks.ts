/** Webhooks and what is sent to them, as they cross the HTTP border. Secrets are read by a route of their own. */
import { z } from "zod";

export { EVENT_TYPES } from "../core/webhook/event-types.ts";
import { ALL_EVENTS, EVENT_TYPES, type EventType } from "../core/webhook/event-types.ts";
import { durationSchema, type Timestamp } from "./basics.ts";

const eventsSchema = z.union([
  z.array(z.enum(EVENT_TYPES)).min(1).max(EVENT_TYPES.length),
  z.tuple([z.literal(ALL_EVENTS)]),
]);

export const webhookSchema = z.strictObject({
  /** Where events are sent by POST: https, or http to a host that the settings allow. */
  url: z.url({ protocol: /^https?$/ }).max(2000),
  description: z.string().trim().max(200).default(""),
  /** Names, or `["*"]` for all that there are and will be. */
  events: eventsSchema,
  enabled: z.boolean().default(true),
  /** Most events of one request; with more than one the body is an array. */
  batch: z.int().min(1).max(1000).default(1),
  /** Most requests at the same time. */
  concurrency: z.int().min(1).max(50).default(4),
});
export type WebhookInput = z.infer<typeof webhookSchema>;

export const newWebhookSchema = webhookSchema.extend({
  /** `whsec_` and 24 to 64 bytes in base64; absent: one is made. */
  secret: z.string().max(200).optional(),
});
export type NewWebhook = z.infer<typeof newWebhookSchema>;

export const rotateSecretSchema = z.strictObject({
  /** The new one; absent: one is made. */
  secret: z.string().max(200).optional(),
  /** So long the one before signs too. */
  keepPrevious: durationSchema.default("24h"),
});

export const replaySchema = z.strictObject({
  /** From when on, by the time of the request. */
  since: z.iso.datetime({ offset: true }),
  until: z.iso.datetime({ offset: true }).optional(),
  /** `failed`: what was given up; `all`: also what arrived. */
  which: z.enum(["failed", "all"]).default("failed"),
});

export type Webhook = Omit<WebhookInput, "events"> & {
  id: string;
  events: EventType[] | ["*"];
  version: number;
  createdAt: Timestamp;
  updatedAt: Timestamp;
  /** Until when the secret before the present one signs too. */
  previousSecretUntil: Timestamp | null;
  health: {
    status: "working" | "failing" | "paused" | "disabled" | "untried";
    failingSince: Timestamp | null;
    /** Requests in a row that failed. */
    failures: number;
    lastError: string | null;
    succeededAt: Timestamp | null;
    pausedUntil: Timestamp | null;
    /** Why Envoi switched it off. */
    disabledReason: string | null;
    /** Requests that wait for an attempt. */
    pending: number;
  };
};

export type WebhookSecret = { secret: string; previous: string | null; previousUntil: Timestamp | null };

/** One request, however often it was tried. */
export type WebhookMessage = {
  id: string;
  /** The header `webhook-id`, the same at each attempt. */
  key: string;
  webhookId: string;
  at: Timestamp;
  types: EventType[];
  events: number;
  state: "pending" | "delivered" | "failed";
  attempts: number;
  nextAttemptAt: Timestamp | null;
  finishedAt: Timestamp | null;
  /** Of the last attempt; null: no answer. */
  status: number | null;
  error: string | null;
};

export type WebhookAttempt = {
  attempt: number;
  at: Timestamp;
  status: number | null;
  error: string | null;
  durationMs: number;
  /** How the answer began. */
  response: string;
};

/** `body`: what is signed and sent. */
export type WebhookMessageDetail = WebhookMessage & { body: string; log: WebhookAttempt[] };
