/** An event as webhooks get it: the envelope of Standard Webhooks, with a version of its shape and an id of its own. */
import { randomUUID } from "node:crypto";

import type { EventType } from "../../core/webhook/event-types.ts";
import { formatInstant, type Instant } from "../../core/time.ts";

export type WebhookEvent = {
  readonly type: EventType;
  /** When it happened, not when it is sent. */
  readonly timestamp: string;
  /** The same for all webhooks that are told of it; of a batch, each event has one. */
  readonly id: string;
  /** Of the shape of `data`: it grows, but nothing of it goes or means something else under the same number. */
  readonly version: 1;
  readonly data: Readonly<Record<string, unknown>>;
};

export function makeEvent(type: EventType, at: Instant, data: WebhookEvent["data"]): WebhookEvent {
  return { type, timestamp: formatInstant(at), id: `evt_${randomUUID().replaceAll("-", "")}`, version: 1, data };
}
