/** What is typed of a webhook, and the search of its page. */
import type { Problem } from "../../../src/contract/index.ts";
import { EVENT_TYPES, type Webhook, type WebhookInput } from "../../../src/contract/webhooks.ts";
import { type FieldErrors, fieldErrors } from "../../parts/field-errors.ts";
import type { Count } from "../../parts/form-fields.ts";
import { oneOf, text } from "../../search.ts";

export type WebhookDraft = {
  url: string;
  description: string;
  all: boolean;
  events: string[];
  enabled: boolean;
  batch: Count;
  concurrency: Count;
};

export const emptyWebhook: WebhookDraft = {
  url: "",
  description: "",
  all: false,
  events: [],
  enabled: true,
  batch: 1,
  concurrency: 4,
};

export function draftOf({ url, description, events, enabled, batch, concurrency }: Webhook): WebhookDraft {
  const all = events[0] === "*";
  return { url, description, all, events: all ? [] : events, enabled, batch, concurrency };
}

export function requestOf({ all, events, batch, concurrency, ...draft }: WebhookDraft): WebhookInput {
  return {
    ...draft,
    url: draft.url.trim(),
    events: all ? ["*"] : EVENT_TYPES.filter((type) => events.includes(type)),
    batch: batch === "" ? 1 : batch,
    concurrency: concurrency === "" ? 4 : concurrency,
  };
}

/** `/events/0` belongs to the field `events`. */
export const errorsOf = (problem: Problem | null): FieldErrors<keyof WebhookDraft> =>
  fieldErrors(problem, ([name = ""]) => (name in emptyWebhook ? (name as keyof WebhookDraft) : null));

export const REQUEST_STATES = ["pending", "delivered", "failed"] as const;
export type RequestSearch = { state?: (typeof REQUEST_STATES)[number] | undefined; request?: string | undefined };

export const requestSearch = (search: Record<string, unknown>): RequestSearch => ({
  state: oneOf(REQUEST_STATES, search["state"]),
  request: text(search["request"]),
});
