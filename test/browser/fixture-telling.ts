/** What the stand-in answers about webhooks and alerts. */
import type { Alert } from "../../src/contract/alerts.ts";
import type { Webhook, WebhookMessageDetail } from "../../src/contract/webhooks.ts";
import { type Answer, ok } from "./fixture-answer.ts";

const AT = "2026-11-21T09:00:00.000Z";

const WEBHOOK: Webhook = {
  id: "1",
  url: "https://crm.example.com/envoi",
  description: "CRM",
  events: ["message.bounced", "contact.unsubscribed"],
  enabled: true,
  batch: 1,
  concurrency: 4,
  version: 2,
  createdAt: AT,
  updatedAt: AT,
  previousSecretUntil: null,
  health: {
    status: "failing",
    failingSince: AT,
    failures: 3,
    lastError: "answered 500",
    succeededAt: AT,
    pausedUntil: null,
    disabledReason: null,
    pending: 12,
  },
};

const REQUEST: WebhookMessageDetail = {
  id: "7",
  key: "msg_8c1f",
  webhookId: "1",
  at: AT,
  types: ["message.bounced"],
  events: 1,
  state: "pending",
  attempts: 1,
  nextAttemptAt: AT,
  finishedAt: null,
  status: 500,
  error: null,
  body: '{"type":"message.bounced","data":{"address":"ada@bigmail.example"}}',
  log: [{ attempt: 1, at: AT, status: 500, error: null, durationMs: 31, response: "no room" }],
};

const ALERT: Alert = {
  id: "3",
  kind: "delivery-held",
  level: "error",
  subject: "11",
  message: 'Delivery 11 "Autumn" paused by itself: no key signs',
  deliveryId: "11",
  raisedAt: AT,
  seenAt: AT,
  resolvedAt: null,
  acknowledgedAt: null,
  acknowledgedBy: null,
  toldAt: null,
};

const page = (...data: object[]): Answer => ok({ data, nextCursor: null });

/** Undefined: it is about something else. */
export function tellingAnswer(path: string): Answer | undefined {
  if (path === "/alerts") return page(ALERT, { ...ALERT, id: "2", kind: "disk-low", deliveryId: null, resolvedAt: AT });
  if (path === "/webhooks") return page(WEBHOOK);
  if (path === "/webhooks/1") return ok(WEBHOOK);
  if (path === "/webhooks/1/messages") return page(REQUEST, { ...REQUEST, id: "6", state: "delivered", status: 204 });
  if (path === "/webhooks/1/messages/7") return ok(REQUEST);
  return undefined;
}
