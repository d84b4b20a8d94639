/** Webhooks, what was sent to them, and alerts, in the cache. */
import type { Alert } from "../src/contract/alerts.ts";
import type { Page } from "../src/contract/index.ts";
import type { Webhook, WebhookMessage, WebhookMessageDetail } from "../src/contract/webhooks.ts";
import { query } from "./api.ts";
import { one, pages } from "./queries.ts";

export const webhooksQuery = one<Page<Webhook>>(["webhooks"], `/webhooks${query({ limit: 1000 })}`);
export const webhookPath = (id: string) => `/webhooks/${encodeURIComponent(id)}`;
export const webhookQuery = (id: string) => one<Webhook>(["webhook", id], webhookPath(id));
export const webhookMessagesQuery = (id: string, state: string | undefined) =>
  pages<WebhookMessage>(["webhook", id, "messages"], `${webhookPath(id)}/messages`, { state });
export const webhookMessagePath = (id: string, message: string) =>
  `${webhookPath(id)}/messages/${encodeURIComponent(message)}`;
export const webhookMessageQuery = (id: string, message: string) =>
  one<WebhookMessageDetail>(["webhook", id, "message", message], webhookMessagePath(id, message));

export const alertsQuery = (state: string | undefined) => pages<Alert>(["alerts"], "/alerts", { state });
