/** The API of services and of who is subscribed to them. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import type { ZodTypeProvider } from "fastify-type-provider-zod";
import { z } from "zod";

import {
  recipientSubscriptionsSchema,
  serviceAnswerSchema,
  serviceMailSchema,
  subscribeAnswerSchema,
  subscriptionSchema,
  unsubscribeAnswerSchema,
} from "../../contract/responses-services.ts";
import { idParams, pageOf, pageQuery, problems } from "../../contract/responses.ts";
import { serviceSchema, subscribeSchema, unsubscribeSchema } from "../../contract/services.ts";
import { SUBSCRIPTION_STATES } from "../../core/service/subscription.ts";
import { formatInstant, type Instant } from "../../core/time.ts";
import type { Db } from "../../platform/db.ts";
import { readIfMatch } from "../../platform/if-match.ts";
import { readId, readNumberCursor, toPage } from "../../platform/paging.ts";
import { chooseLanguage } from "../../platform/public-page.ts";
import type { TemplateMessages } from "../messages/index.ts";
import { loadSettings } from "../settings/index.ts";
import { endSubscriptions } from "./end-subscriptions.ts";
import { changeService, createService, mustFindService, presentService, removeService } from "./services.ts";
import { listServices, type ServiceRow } from "./store.ts";
import { listMails, presentMail } from "./mail-store.ts";
import { subscribe } from "./subscribe.ts";
import { listHistoryOf, listSubscriptions, listSubscriptionsOf } from "./subscription-store.ts";

export type ServiceDeps = {
  readonly db: Db;
  readonly now: () => Instant;
  readonly publicUrl: string;
  readonly messages: Pick<TemplateMessages, "shownBy">;
};

const TAGS = ["services"];
const WHAT = "service";
const HISTORY_MAX = 100;
const conditions = z.looseObject({ "if-match": z.string().optional() });

export function registerServiceRoutes(app: FastifyInstance, deps: ServiceDeps): void {
  registerReading(app, deps);
  registerEditing(app, deps);
  registerSubscribing(app, deps);
  registerSubscriptions(app, deps);
}

const send = (reply: FastifyReply, row: ServiceRow, { publicUrl }: ServiceDeps) =>
  reply.header("etag", `"${row.version}"`).send(presentService(row, publicUrl));

function registerReading(plain: FastifyInstance, deps: ServiceDeps): void {
  const app = plain.withTypeProvider<ZodTypeProvider>();
  app.route({
    method: "GET",
    url: "/services",
    schema: {
      tags: TAGS,
      summary: "Services that people subscribe to, newest first",
      querystring: z.object(pageQuery),
      response: { 200: pageOf(serviceAnswerSchema), ...problems(422) },
    },
    handler: async ({ query }) => {
      const rows = await listServices(deps.db, readNumberCursor(query.cursor), query.limit + 1);
      const page = toPage(rows, query.limit, (last) => String(last.id));
      return { data: page.data.map((row) => presentService(row, deps.publicUrl)), nextCursor: page.nextCursor };
    },
  });

  app.route({
    method: "GET",
    url: "/services/:id",
    schema: {
      tags: TAGS,
      summary: "One service",
      params: idParams,
      response: { 200: serviceAnswerSchema, ...problems(404) },
    },
    handler: async ({ params }, reply) => send(reply, await mustFindService(deps.db, readId(params.id, WHAT)), deps),
  });
}

function registerEditing(plain: FastifyInstance, deps: ServiceDeps): void {
  const app = plain.withTypeProvider<ZodTypeProvider>();
  const { db, now } = deps;
  const { shownBy } = deps.messages;
  app.route({
    method: "POST",
    url: "/services",
    config: { idempotent: "body" },
    schema: {
      tags: TAGS,
      summary: "Create a service",
      body: serviceSchema,
      response: { 201: serviceAnswerSchema, ...problems(409, 422) },
    },
    handler: async ({ body }, reply) => {
      const service = await createService(db, shownBy, body, now());
      return send(reply.code(201).header("location", `/api/v1/services/${service.id}`), service, deps);
    },
  });

  app.route({
    method: "PUT",
    url: "/services/:id",
    schema: {
      tags: TAGS,
      summary: "Change a service; running subscriptions keep their end",
      params: idParams,
      headers: conditions,
      body: serviceSchema,
      response: { 200: serviceAnswerSchema, ...problems(404, 409, 412, 422) },
    },
    handler: async ({ params, body, headers }, reply) => {
      const at = { id: readId(params.id, WHAT), seen: readIfMatch(headers["if-match"]) };
      return send(reply, await changeService(db, shownBy, at, body, now()), deps);
    },
  });

  app.route({
    method: "DELETE",
    url: "/services/:id",
    schema: {
      tags: TAGS,
      summary: "Remove a service with its subscriptions; its people stay",
      params: idParams,
      headers: conditions,
      response: { 204: z.undefined().describe("Removed"), ...problems(404, 409, 412) },
    },
    handler: async ({ params, headers }, reply) => {
      await removeService(db, readId(params.id, WHAT), readIfMatch(headers["if-match"]));
      return reply.code(204).send();
    },
  });
}

const originOf = ({ operator }: FastifyRequest) => ({
  origin: operator.sessionId === null ? ("api" as const) : ("operator" as const),
  actor: operator.label,
});

function registerSubscribing(plain: FastifyInstance, { db, now, publicUrl }: ServiceDeps): void {
  const app = plain.withTypeProvider<ZodTypeProvider>();
  app.route({
    method: "POST",
    url: "/services/:id/actions/subscribe",
    schema: {
      tags: TAGS,
      summary: "Subscribe up to 1,000 people; each has its own result",
      description:
        "With double opt-in and without `confirmed`, each gets a mail with a link (`asked`) and is subscribed when it is used; `wait`: they have that mail already, or their mailbox has had too many of services today. Doing it again changes nothing.",
      params: idParams,
      body: subscribeSchema,
      response: { 200: subscribeAnswerSchema, ...problems(404, 422) },
    },
    handler: async (request) => {
      const language = chooseLanguage(undefined, (await loadSettings(db)).language);
      const by = { ...originOf(request), language };
      const id = readId(request.params.id, WHAT);
      return { results: await subscribe({ db, publicUrl }, id, request.body, by, now()) };
    },
  });

  app.route({
    method: "POST",
    url: "/services/:id/actions/unsubscribe",
    schema: {
      tags: TAGS,
      summary: "Unsubscribe up to 1,000 people; each has its own result",
      params: idParams,
      body: unsubscribeSchema,
      response: { 200: unsubscribeAnswerSchema, ...problems(404, 422) },
    },
    handler: async (request) => {
      const { addresses, note, quiet } = request.body;
      const by = { ...originOf(request), note, quiet };
      return { results: await endSubscriptions(db, readId(request.params.id, WHAT), addresses, by, now()) };
    },
  });
}

function registerSubscriptions(plain: FastifyInstance, { db }: ServiceDeps): void {
  const app = plain.withTypeProvider<ZodTypeProvider>();
  app.route({
    method: "GET",
    url: "/services/:id/subscriptions",
    schema: {
      tags: TAGS,
      summary: "Who is subscribed, was, or said no",
      params: idParams,
      querystring: z.object({ ...pageQuery, state: z.enum(SUBSCRIPTION_STATES).optional() }),
      response: { 200: pageOf(subscriptionSchema), ...problems(404, 422) },
    },
    handler: async ({ params, query }) => {
      const { id } = await mustFindService(db, readId(params.id, WHAT));
      const filter = { serviceId: id, state: query.state ?? null, after: readNumberCursor(query.cursor) ?? 0 };
      const rows = await listSubscriptions(db, filter, query.limit + 1);
      const page = toPage(rows, query.limit, (last) => String(last.recipient_id));
      const data = page.data.map((row) => ({
        recipientId: String(row.recipient_id),
        address: row.address,
        ...presentStanding(row),
      }));
      return { data, nextCursor: page.nextCursor };
    },
  });

  app.route({
    method: "GET",
    url: "/services/:id/mails",
    schema: {
      tags: TAGS,
      summary: "Mails that the service has sent, newest first, for 30 days",
      params: idParams,
      querystring: z.object(pageQuery),
      response: { 200: pageOf(serviceMailSchema), ...problems(404, 422) },
    },
    handler: async ({ params, query }) => {
      const { id } = await mustFindService(db, readId(params.id, WHAT));
      const rows = await listMails(db, id, readNumberCursor(query.cursor), query.limit + 1);
      const page = toPage(rows, query.limit, (last) => String(last.id));
      return { data: page.data.map(presentMail), nextCursor: page.nextCursor };
    },
  });

  app.route({
    method: "GET",
    url: "/recipients/:id/subscriptions",
    schema: {
      tags: TAGS,
      summary: "What one recipient is subscribed to, and how that came",
      params: idParams,
      response: { 200: recipientSubscriptionsSchema, ...problems(404) },
    },
    handler: async ({ params }) => {
      const id = readId(params.id, "recipient");
      const [subscriptions, history] = await Promise.all([
        listSubscriptionsOf(db, id),
        listHistoryOf(db, id, HISTORY_MAX),
      ]);
      return {
        subscriptions: subscriptions.map((row) => ({
          serviceId: String(row.service_id),
          serviceName: row.name,
          ...presentStanding(row),
        })),
        history: history.map(({ service_id: service, name, asked_at: askedAt, at, ...entry }) => ({
          at: formatInstant(at),
          serviceId: String(service),
          serviceName: name,
          ...entry,
          askedAt: askedAt === null ? null : formatInstant(askedAt),
        })),
      };
    },
  });
}

type Standing = Awaited<ReturnType<typeof listSubscriptions>>[number];

const presentStanding = ({ state, since, ends_at: endsAt }: Pick<Standing, "state" | "since" | "ends_at">) => ({
  state,
  since: formatInstant(since),
  endsAt: endsAt === null ? null : formatInstant(endsAt),
});
