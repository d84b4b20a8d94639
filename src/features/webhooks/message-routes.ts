/** The log of what was sent to a webhook, and what can be asked of it: again, and a test. */
import { z } from "zod";
import type { FastifyInstance } from "fastify";
import type { ZodTypeProvider } from "fastify-type-provider-zod";

import {
  replayAnswerSchema,
  webhookMessageDetailSchema,
  webhookMessageSchema,
} from "../../contract/responses-webhooks.ts";
import { idParams, pageOf, pageQuery, problems } from "../../contract/responses.ts";
import { replaySchema } from "../../contract/webhooks.ts";
import { EVENT_TYPES } from "../../core/webhook/event-types.ts";
import { formatInstant, readInstant } from "../../core/time.ts";
import type { Queryable } from "../../platform/db.ts";
import { appError } from "../../platform/errors.ts";
import { readId, readNumberCursor, toPage } from "../../platform/paging.ts";
import { makeEvent } from "./event.ts";
import { requestsFor } from "./expand-outbox.ts";
import {
  findMessage,
  insertRequests,
  listAttempts,
  listMessages,
  sendAgain,
  sendWindowAgain,
} from "./message-store.ts";
import { presentMessage } from "./present.ts";
import type { SaveDeps } from "./save-webhook.ts";
import { announceChange, findWebhook, type WebhookRow } from "./store.ts";

const TAGS = ["webhooks"];
const messageParams = idParams.extend({ message: z.string() });
const messageQuery = z.object({
  ...pageQuery,
  state: z.enum(["pending", "delivered", "failed"]).optional(),
  type: z.enum(EVENT_TYPES).optional(),
});

export function registerMessageRoutes(app: FastifyInstance, deps: SaveDeps): void {
  registerLog(app, deps);
  registerAgain(app, deps);
  registerTest(app, deps);
}

async function find(db: Queryable, id: string): Promise<WebhookRow> {
  const row = await findWebhook(db, readId(id, "webhook"));
  if (row === null) throw appError("not-found", { what: "webhook", id });
  return row;
}

function registerLog(plain: FastifyInstance, { db }: SaveDeps): void {
  const app = plain.withTypeProvider<ZodTypeProvider>();

  app.route({
    method: "GET",
    url: "/webhooks/:id/messages",
    schema: {
      tags: TAGS,
      summary: "Requests to a webhook, newest first",
      description: "Kept for 30 days.",
      params: idParams,
      querystring: messageQuery,
      response: { 200: pageOf(webhookMessageSchema), ...problems(404, 422) },
    },
    handler: async ({ params, query }) => {
      const { id } = await find(db, params.id);
      const rows = await listMessages(db, id, query, readNumberCursor(query.cursor), query.limit + 1);
      return toPage(rows.map(presentMessage), query.limit, (last) => last.id);
    },
  });

  app.route({
    method: "GET",
    url: "/webhooks/:id/messages/:message",
    schema: {
      tags: TAGS,
      summary: "One request with what was sent, and every attempt",
      params: messageParams,
      response: { 200: webhookMessageDetailSchema, ...problems(404) },
    },
    handler: async ({ params }) => {
      const row = await findMessage(db, readId(params.id, "webhook"), readId(params.message, "request"));
      if (row === null) throw appError("not-found", { what: "request", id: params.message });
      const log = await listAttempts(db, row.id);
      const shown = log.map((attempt) => ({ ...attempt, at: formatInstant(attempt.at) }));
      return { ...presentMessage(row), body: row.body, log: shown };
    },
  });
}

function registerAgain(plain: FastifyInstance, { db, now }: SaveDeps): void {
  const app = plain.withTypeProvider<ZodTypeProvider>();

  app.route({
    method: "POST",
    url: "/webhooks/:id/messages/:message/actions/replay",
    schema: {
      tags: TAGS,
      summary: "Send one request again",
      description: "With the same `webhook-id` and body, at once; signed anew.",
      params: messageParams,
      response: { 202: webhookMessageSchema, ...problems(404) },
    },
    handler: async ({ params }, reply) => {
      const [id, message] = [readId(params.id, "webhook"), readId(params.message, "request")];
      const row = await db.transaction(async (tx) => {
        await announceChange(tx);
        return sendAgain(tx, id, message, now());
      });
      if (row === null) throw appError("not-found", { what: "request", id: params.message });
      return reply.code(202).send(presentMessage(row));
    },
  });

  app.route({
    method: "POST",
    url: "/webhooks/:id/actions/replay",
    schema: {
      tags: TAGS,
      summary: "Send again what was made in a window of time",
      description:
        "What was given up, or everything; with the same `webhook-id`, so that what arrived is known as such.",
      params: idParams,
      body: replaySchema,
      response: { 202: replayAnswerSchema, ...problems(404, 422) },
    },
    handler: async ({ params, body }, reply) => {
      const { id } = await find(db, params.id);
      const since = readInstant(body.since) ?? 0;
      const until = body.until === undefined ? now() : (readInstant(body.until) ?? now());
      const states = body.which === "all" ? (["failed", "delivered"] as const) : (["failed"] as const);
      const requests = await db.transaction(async (tx) => {
        await announceChange(tx);
        return sendWindowAgain(tx, id, { since, until, states }, now());
      });
      return reply.code(202).send({ requests });
    },
  });
}

function registerTest(plain: FastifyInstance, { db, now }: SaveDeps): void {
  const app = plain.withTypeProvider<ZodTypeProvider>();

  app.route({
    method: "POST",
    url: "/webhooks/:id/actions/test",
    schema: {
      tags: TAGS,
      summary: "Send a webhook.test event",
      description: "Whatever it subscribes to. The answer names the request; how it went is in the log.",
      params: idParams,
      response: { 202: webhookMessageSchema, ...problems(404, 409) },
    },
    handler: async ({ params, operator }, reply) => {
      const webhook = await find(db, params.id);
      if (!webhook.enabled) throw appError("webhook-disabled", { id: webhook.id });
      const event = makeEvent("webhook.test", now(), { webhookId: String(webhook.id), actor: operator.label });
      const requests = requestsFor([{ ...webhook, events: ["webhook.test"] }], [event]);
      const row = await db.transaction(async (tx) => {
        const [message = 0] = await insertRequests(tx, requests, now());
        await announceChange(tx);
        return findMessage(tx, webhook.id, message);
      });
      if (row === null) throw appError("not-found", { what: "request", id: params.id });
      return reply.code(202).send(presentMessage(row));
    },
  });
}
