/** Webhooks and requests as the API shows them. */
import type { Webhook, WebhookMessage } from "../../contract/webhooks.ts";
import { ALL_EVENTS, EVENT_TYPES, type EventType } from "../../core/webhook/event-types.ts";
import { formatInstant, type Instant } from "../../core/time.ts";
import type { MessageRow } from "./message-store.ts";
import type { WebhookRow } from "./store.ts";

const at = (instant: Instant | null) => (instant === null ? null : formatInstant(instant));

/** Names of a later version are left out. */
const known = (types: readonly string[]): EventType[] => EVENT_TYPES.filter((type) => types.includes(type));

export function presentWebhook(row: WebhookRow, pending: number, now: Instant): Webhook {
  const { url, description, enabled, batch, concurrency, version, failures, lastError, disabledReason } = row;
  const isPaused = row.pausedUntil !== null && row.pausedUntil > now;
  const previous = row.previousUntil !== null && row.previousUntil > now ? row.previousUntil : null;
  return {
    id: String(row.id),
    url,
    description,
    events: row.events.includes(ALL_EVENTS) ? [ALL_EVENTS] : known(row.events),
    enabled,
    batch,
    concurrency,
    version,
    createdAt: formatInstant(row.createdAt),
    updatedAt: formatInstant(row.updatedAt),
    previousSecretUntil: at(previous),
    health: {
      status: statusOf(row, isPaused),
      failingSince: at(row.failingSince),
      failures,
      lastError,
      succeededAt: at(row.succeededAt),
      pausedUntil: isPaused ? at(row.pausedUntil) : null,
      disabledReason,
      pending,
    },
  };
}

function statusOf({ enabled, failingSince, succeededAt }: WebhookRow, isPaused: boolean): Webhook["health"]["status"] {
  if (!enabled) return "disabled";
  if (isPaused) return "paused";
  if (failingSince !== null) return "failing";
  return succeededAt === null ? "untried" : "working";
}

export function presentMessage(row: MessageRow): WebhookMessage {
  const { key, events, state, attempts, status, error } = row;
  return {
    id: String(row.id),
    key,
    webhookId: String(row.webhook_id),
    at: formatInstant(row.at),
    types: known(row.types),
    events,
    state,
    attempts,
    nextAttemptAt: at(row.next_attempt_at),
    finishedAt: at(row.finished_at),
    status,
    error,
  };
}
