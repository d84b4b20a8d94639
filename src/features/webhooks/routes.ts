/** The API of webhooks. What was sent to them is in message-routes.ts. */
import { z } from "zod";
import type { FastifyInstance, FastifyReply } from "fastify";
import type { ZodTypeProvider } from "fastify-type-provider-zod";

import { eventTypesSchema, webhookAnswerSchema, webhookSecretSchema } from "../../contract/responses-webhooks.ts";
import { idParams, pageOf, pageQuery, problems } from "../../contract/responses.ts";
import { newWebhookSchema, rotateSecretSchema, type Webhook, webhookSchema } from "../../contract/webhooks.ts";
import { EVENT_MEANINGS, EVENT_TYPES } from "../../core/webhook/event-types.ts";
import { DAY, formatInstant, parseDuration } from "../../core/time.ts";
import { appError } from "../../platform/errors.ts";
import { readIfMatch } from "../../platform/if-match.ts";
import { readId, readNumberCursor, toPage } from "../../platform/paging.ts";
import { registerMessageRoutes } from "./message-routes.ts";
import { countPending } from "./message-store.ts";
import { presentWebhook } from "./present.ts";
import { createWebhook, removeWebhook, replaceWebhook, rotateSecret, type SaveDeps } from "./save-webhook.ts";
import { openSecret } from "./secret.ts";
import { findWebhook, listWebhooks, type WebhookRow } from "./store.ts";

const TAGS = ["webhooks"];
const conditions = z.looseObject({ "if-match": z.string().optional() });
/** More are not counted. */
const PENDING_MAX = 1000;

export function registerWebhookRoutes(app: FastifyInstance, deps: SaveDeps): void {
  registerReading(app, deps);
  registerEditing(app, deps);
  registerSecrets(app, deps);
  registerMessageRoutes(app, deps);
}

async function present({ db, now }: SaveDeps, rows: readonly WebhookRow[]): Promise<Webhook[]> {
  const pending = await countPending(
    db,
    rows.map(({ id }) => id),
    PENDING_MAX,
  );
  return rows.map((row) => presentWebhook(row, pending.get(row.id) ?? 0, now()));
}

async function answer(deps: SaveDeps, reply: FastifyReply, row: WebhookRow): Promise<Webhook> {
  reply.header("etag", `"${row.version}"`);
  const [shown] = await present(deps, [row]);
  return shown as Webhook;
}

function registerReading(plain: FastifyInstance, deps: SaveDeps): void {
  const app = plain.withTypeProvider<ZodTypeProvider>();

  app.route({
    method: "GET",
    url: "/webhooks",
    schema: {
      tags: TAGS,
      summary: "Webhooks, oldest first, with how they are doing",
      querystring: z.object(pageQuery),
      response: { 200: pageOf(webhookAnswerSchema), ...problems(422) },
    },
    handler: async ({ query }) => {
      const rows = await listWebhooks(deps.db, readNumberCursor(query.cursor) ?? 0, query.limit + 1);
      return toPage(await present(deps, rows), query.limit, (last) => last.id);
    },
  });

  app.route({
    method: "GET",
    url: "/webhooks/event-types",
    schema: {
      tags: TAGS,
      summary: "What webhooks can be told",
      response: { 200: eventTypesSchema, ...problems() },
    },
    handler: () => ({ data: EVENT_TYPES.map((type) => ({ type, meaning: EVENT_MEANINGS[type] })) }),
  });

  app.route({
    method: "GET",
    url: "/webhooks/:id",
    schema: {
      tags: TAGS,
      summary: "One webhook",
      params: idParams,
      response: { 200: webhookAnswerSchema, ...problems(404) },
    },
    handler: async ({ params }, reply) => answer(deps, reply, await find(deps, params.id)),
  });
}

async function find({ db }: SaveDeps, id: string): Promise<WebhookRow> {
  const row = await findWebhook(db, readId(id, "webhook"));
  if (row === null) throw appError("not-found", { what: "webhook", id });
  return row;
}

function registerEditing(plain: FastifyInstance, deps: SaveDeps): void {
  const app = plain.withTypeProvider<ZodTypeProvider>();

  app.route({
    method: "POST",
    url: "/webhooks",
    config: { idempotent: "body" },
    schema: {
      tags: TAGS,
      summary: "Have events sent somewhere",
      description:
        "By POST, signed as Standard Webhooks says; its secret is at `GET /webhooks/{id}/secret`. What happens from now on is sent.",
      body: newWebhookSchema,
      response: { 201: webhookAnswerSchema, ...problems(422) },
    },
    handler: async ({ body }, reply) => {
      const row = await createWebhook(deps, body);
      reply.code(201).header("location", `/api/v1/webhooks/${row.id}`);
      return answer(deps, reply, row);
    },
  });

  app.route({
    method: "PUT",
    url: "/webhooks/:id",
    schema: {
      tags: TAGS,
      summary: "Replace what is set of a webhook",
      description:
        "If-Match: the version that was read. Its secret stays. Switched on again, it gets what waits; what happened while it was off was kept nowhere.",
      params: idParams,
      headers: conditions,
      body: webhookSchema,
      response: { 200: webhookAnswerSchema, ...problems(404, 412, 422) },
    },
    handler: async ({ params, body, headers }, reply) => {
      const id = readId(params.id, "webhook");
      return answer(deps, reply, await replaceWebhook(deps, id, body, readIfMatch(headers["if-match"])));
    },
  });

  app.route({
    method: "DELETE",
    url: "/webhooks/:id",
    schema: {
      tags: TAGS,
      summary: "Send nothing there any more",
      description: "The log of its requests goes with it, and what waits.",
      params: idParams,
      headers: conditions,
      response: { 204: z.undefined().describe("Removed"), ...problems(404, 412) },
    },
    handler: async ({ params, headers }, reply) => {
      await removeWebhook(deps, readId(params.id, "webhook"), readIfMatch(headers["if-match"]));
      return reply.code(204).send();
    },
  });
}

function registerSecrets(plain: FastifyInstance, deps: SaveDeps): void {
  const app = plain.withTypeProvider<ZodTypeProvider>();

  app.route({
    method: "GET",
    url: "/webhooks/:id/secret",
    schema: {
      tags: TAGS,
      summary: "By what its requests are known to be ours",
      params: idParams,
      response: { 200: webhookSecretSchema, ...problems(404) },
    },
    handler: async ({ params }, reply) => {
      const { id, sealedSecret, sealedPrevious, previousUntil } = await find(deps, params.id);
      const isTwo = sealedPrevious !== null && previousUntil !== null && previousUntil > deps.now();
      reply.header("cache-control", "no-store");
      return {
        secret: openSecret(deps.masterKey, id, sealedSecret),
        previous: isTwo ? openSecret(deps.masterKey, id, sealedPrevious) : null,
        previousUntil: isTwo ? formatInstant(previousUntil) : null,
      };
    },
  });

  app.route({
    method: "POST",
    url: "/webhooks/:id/actions/rotate-secret",
    config: { idempotent: "body" },
    schema: {
      tags: TAGS,
      summary: "Take another secret",
      description:
        "For a while, up to 30 days, requests are signed with both, so that nobody has to change at the same moment.",
      params: idParams,
      body: rotateSecretSchema,
      response: { 200: webhookAnswerSchema, ...problems(404, 422) },
    },
    handler: async ({ params, body: { secret, keepPrevious } }, reply) => {
      const keep = Math.min(parseDuration(keepPrevious) ?? 0, 30 * DAY);
      return answer(
        deps,
        reply,
        await rotateSecret(deps, readId(params.id, "webhook"), { secret, keepPrevious: keep }),
      );
    },
  });
}
