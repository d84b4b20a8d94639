/** Makes requests of what the outbox names: in one transaction, so that each fact is told exactly once, whoever dies when. */
import { ALL_EVENTS, type EventType } from "../../core/webhook/event-types.ts";
import type { Instant } from "../../core/time.ts";
import type { Db } from "../../platform/db.ts";
import type { WebhookEvent } from "./event.ts";
import { continueOutbox, removeOutbox, takeOutbox } from "./facts-store.ts";
import { makeEvents } from "./make-events.ts";
import { insertRequests, type NewRequest } from "./message-store.ts";
import { listWebhooks, type WebhookRow } from "./store.ts";

/** Rows of one transaction; each names up to a thousand messages. */
const ROWS = 10;
/** A request is not made larger than this, whatever fits into it by number. */
const BODY_MAX = 1_000_000;

/** Everything that is there; how many rows. */
export async function expandOutbox(db: Db, now: () => Instant, signal?: AbortSignal): Promise<number> {
  for (let count = 0; ; ) {
    if (signal?.aborted) return count;
    const done = await db.transaction(async (tx) => {
      const rows = await takeOutbox(tx, ROWS);
      if (rows.length === 0) return 0;
      const listening = (await listWebhooks(tx)).filter(({ enabled }) => enabled);
      const wants = (type: EventType) => listening.some((webhook) => hears(webhook, type));
      const events: WebhookEvent[] = [];
      const finished: number[] = [];
      for (const row of rows) {
        const made = await makeEvents(tx, row, wants);
        events.push(...made.events);
        if (made.rest === null) finished.push(row.id);
        else await continueOutbox(tx, row.id, made.rest);
      }
      await insertRequests(tx, requestsFor(listening, events), now());
      await removeOutbox(tx, finished);
      return rows.length;
    });
    if (done === 0) return count;
    count += done;
  }
}

export function hears({ events }: Pick<WebhookRow, "events">, type: EventType): boolean {
  return events.includes(type) || events.includes(ALL_EVENTS);
}

type Listener = Pick<WebhookRow, "id" | "events" | "batch">;

/** Each webhook gets what it wants, as many events in a request as it takes. */
export function requestsFor(webhooks: readonly Listener[], events: readonly WebhookEvent[]): NewRequest[] {
  const texts = events.map((event) => ({ type: event.type, text: JSON.stringify(event) }));
  return webhooks.flatMap((webhook) => {
    const wanted = texts.filter(({ type }) => hears(webhook, type));
    return chunk(wanted, webhook.batch).map((some) => {
      const joined = some.map(({ text }) => text).join(",");
      const types = [...new Set(some.map(({ type }) => type))];
      return { webhookId: webhook.id, types, events: some.length, body: webhook.batch === 1 ? joined : `[${joined}]` };
    });
  });
}

function chunk<T extends { readonly text: string }>(items: readonly T[], most: number): T[][] {
  const chunks: T[][] = [];
  let size = Infinity;
  for (const item of items) {
    const last = chunks.at(-1);
    if (last === undefined || last.length === most || size + item.text.length > BODY_MAX) {
      chunks.push([item]);
      size = item.text.length;
    } else {
      last.push(item);
      size += item.text.length;
    }
  }
  return chunks;
}
