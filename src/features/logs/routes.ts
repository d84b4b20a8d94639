/** The API of a delivery's log: figures, destinations, exclusions, messages, the live stream. */
import { domainToASCII, domainToUnicode } from "node:url";
import { PassThrough } from "node:stream";
import { z } from "zod";
import type { FastifyInstance } from "fastify";
import type { ZodTypeProvider } from "fastify-type-provider-zod";

import {
  destinationSchema,
  exclusionReasonSchema,
  exclusionSchema,
  failureReasonSchema,
  failureTypeSchema,
  idParams,
  indicatorsAnswerSchema,
  logLineSchema,
  messageStatusSchema,
  pageOf,
  pageQuery,
  problems,
} from "../../contract/responses.ts";
import type { TrackingIndicators } from "../../contract/index.ts";
import type { ExclusionReason } from "../../core/delivery/status.ts";
import type { Instant } from "../../core/time.ts";
import type { Db } from "../../platform/db.ts";
import { appError } from "../../platform/errors.ts";
import { invalidCursor, readId, toPage } from "../../platform/paging.ts";
import { listLog } from "./list-log.ts";
import type { LiveFeed } from "./live-feed.ts";
import { type MessageDeps, registerMessage } from "./message-routes.ts";
import { presentDestination, presentLive } from "./present.ts";
import { registerRecipientMessages } from "./recipient-messages.ts";
import { deliveryExists, listDestinations, listExclusions, loadIndicators, type DestinationCursor } from "./store.ts";

export type LogDeps = MessageDeps & {
  readonly now: () => Instant;
  readonly feed: LiveFeed;
  /** What recipients did; from features/tracking. */
  readonly loadTracking: (deliveryId: number) => Promise<TrackingIndicators>;
  /** Addresses that its errors put into quarantine; from features/quarantine. */
  readonly loadNewQuarantines: (deliveryId: number) => Promise<number>;
};

const TAGS = ["logs"];

export function registerLogRoutes(app: FastifyInstance, deps: LogDeps): void {
  registerFigures(app, deps);
  registerExclusions(app, deps);
  registerMessages(app, deps);
  registerMessage(app, deps);
  registerRecipientMessages(app, deps);
  registerStream(app, deps);
}

async function mustExist(db: Db, text: string): Promise<number> {
  const id = readId(text, "delivery");
  if (!(await deliveryExists(db, id))) throw appError("not-found", { what: "delivery", id });
  return id;
}

function registerFigures(plain: FastifyInstance, { db, now, feed, loadTracking, loadNewQuarantines }: LogDeps): void {
  const app = plain.withTypeProvider<ZodTypeProvider>();

  app.route({
    method: "GET",
    url: "/deliveries/:id/indicators",
    schema: {
      tags: TAGS,
      summary: "The figures of a delivery, adding up: targeted = excluded + toDeliver",
      params: idParams,
      response: { 200: indicatorsAnswerSchema, ...problems(404) },
    },
    handler: async ({ params }) => {
      const id = readId(params.id, "delivery");
      const row = await loadIndicators(db, id, now());
      if (!row) throw appError("not-found", { what: "delivery", id });
      const [newQuarantines, reactions] = [await loadNewQuarantines(id), await loadTracking(id)];
      return { ...presentLive(row, feed.rateOf(id), now()), newQuarantines, ...reactions };
    },
  });

  app.route({
    method: "GET",
    url: "/deliveries/:id/destinations",
    schema: {
      tags: TAGS,
      summary: "The figures by recipient domain, largest first",
      params: idParams,
      querystring: z.object(pageQuery),
      response: { 200: pageOf(destinationSchema), ...problems(404, 422) },
    },
    handler: async ({ params, query }) => {
      const id = readId(params.id, "delivery");
      const delivery = await loadIndicators(db, id, now());
      if (!delivery) throw appError("not-found", { what: "delivery", id });
      const over = delivery.state === "stopped" || delivery.state === "finished";
      const rows = await listDestinations(db, id, readDestinationCursor(query.cursor), query.limit + 1);
      const destinations = rows.map((row) => presentDestination(row, over));
      return toPage(destinations, query.limit, (last) => `${last.toDeliver}:${last.domain}`);
    },
  });
}

function readDestinationCursor(cursor: string | undefined): DestinationCursor | null {
  if (cursor === undefined) return null;
  const match = /^(\d{1,9}):(.*)$/.exec(cursor);
  if (!match) throw invalidCursor();
  return { toDeliver: Number(match[1]), domain: match[2] ?? "" };
}

function registerExclusions(plain: FastifyInstance, { db }: LogDeps): void {
  const app = plain.withTypeProvider<ZodTypeProvider>();
  app.route({
    method: "GET",
    url: "/deliveries/:id/exclusions",
    schema: {
      tags: TAGS,
      summary: "Targeted rows that get no message, each with its reason",
      params: idParams,
      querystring: z.object({ ...pageQuery, reason: exclusionReasonSchema.optional() }),
      response: { 200: pageOf(exclusionSchema), ...problems(404, 422) },
    },
    handler: async ({ params, query }) => {
      const id = await mustExist(db, params.id);
      const after = /^([a-z-]+):(\d{1,15})$/.exec(query.cursor ?? ":0");
      if (query.cursor !== undefined && !after) throw invalidCursor();
      const from = after ? { reason: after[1] ?? "", id: Number(after[2]) } : null;
      const rows = await listExclusions(db, id, query.reason ?? null, from, query.limit + 1);
      const page = toPage(rows, query.limit, (last) => `${last.reason}:${last.id}`);
      const data = page.data.map(({ address, reason, detail }) => ({
        address,
        reason: reason as ExclusionReason,
        detail,
      }));
      return { data, nextCursor: page.nextCursor };
    },
  });
}

function registerMessages(plain: FastifyInstance, { db }: LogDeps): void {
  const app = plain.withTypeProvider<ZodTypeProvider>();
  app.route({
    method: "GET",
    url: "/deliveries/:id/messages",
    schema: {
      tags: TAGS,
      summary: "The delivery log, one line a message",
      description:
        "With a filter that matches rarely a page may hold fewer lines than `limit`, even none, and still have a nextCursor.",
      params: idParams,
      querystring: z.object({
        ...pageQuery,
        status: messageStatusSchema.optional(),
        type: failureTypeSchema.optional(),
        reason: failureReasonSchema.optional(),
        domain: z.string().max(253).optional().describe("Recipient domain"),
        recipient: z.string().max(500).optional().describe("A complete address"),
      }),
      response: { 200: pageOf(logLineSchema), ...problems(404, 422) },
    },
    handler: async ({ params, query: { domain, limit, ...query } }) => {
      const id = await mustExist(db, params.id);
      return listLog(db, id, { ...query, domain: domain === undefined ? undefined : bothForms(domain) }, limit);
    },
  });
}

/** Parts know domains in ASCII, messages hold addresses as they were written. */
function bothForms(domain: string): readonly [string, string] {
  const ascii = domainToASCII(domain.trim()) || domain.trim().toLowerCase();
  return [ascii, domainToUnicode(ascii)];
}

function registerStream(plain: FastifyInstance, { db, feed }: LogDeps): void {
  const app = plain.withTypeProvider<ZodTypeProvider>();
  app.addHook("preClose", () => feed.close());
  app.route({
    method: "GET",
    url: "/deliveries/:id/events",
    schema: {
      tags: TAGS,
      summary: "Live figures as server-sent events",
      description:
        "`indicators`, `destinations` (the 100 largest) and `event` (what happened, with an id: reconnecting with Last-Event-ID goes on after it). At most two pushes a second.",
      params: idParams,
      response: {
        200: { description: "Never ends by itself", content: { "text/event-stream": { schema: z.string() } } },
        ...problems(404),
      },
    },
    handler: async (request, reply) => {
      const id = await mustExist(db, request.params.id);
      const header = request.headers["last-event-id"];
      const lastEventId = typeof header === "string" && /^\d{1,15}$/.test(header) ? Number(header) : null;
      const stream = new PassThrough();
      stream.write("retry: 2000\n\n");
      const end = await feed.watch(id, lastEventId, {
        write: (text) => void (text !== "" && stream.writable && stream.write(text)),
        isSlow: () => stream.writableNeedDrain,
        end: () => stream.end(),
      });
      reply.raw.once("close", end);
      if (reply.raw.destroyed) end();
      // Proxies must pass on what comes when it comes.
      reply.type("text/event-stream; charset=utf-8").header("x-accel-buffering", "no");
      return reply.send(stream as unknown as string);
    },
  });
}
