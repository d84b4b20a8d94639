/** The API of a delivery's log: figures, destinations, exclusions, messages, one message, the live stream. */
import { domainToASCII, domainToUnicode } from "node:url";
import { PassThrough } from "node:stream";
import { z } from "zod";
import type { FastifyInstance } from "fastify";
import type { ZodTypeProvider } from "fastify-type-provider-zod";

import {
  attemptSchema,
  destinationSchema,
  exclusionReasonSchema,
  exclusionSchema,
  failureReasonSchema,
  failureTypeSchema,
  idParams,
  indicatorsAnswerSchema,
  logLineSchema,
  messageDetailSchema,
  messageStatusSchema,
  pageOf,
  pageQuery,
  problems,
} from "../../contract/responses.ts";
import type { Reaction, TrackingIndicators } from "../../contract/index.ts";
import type { ExclusionReason, MessageKey } from "../../core/delivery/status.ts";
import { formatKey, parseKey } from "../../core/delivery/status.ts";
import type { Instant } from "../../core/time.ts";
import type { Db } from "../../platform/db.ts";
import { appError } from "../../platform/errors.ts";
import { invalidCursor, readId, toPage } from "../../platform/paging.ts";
import { hideAddresses } from "../archive/index.ts";
import { hasRight } from "../operators/index.ts";
import { listLog } from "./list-log.ts";
import type { LiveFeed } from "./live-feed.ts";
import {
  instantOrNull,
  presentAttempt,
  presentCopy,
  presentDestination,
  presentLive,
  presentLogLine,
} from "./present.ts";
import {
  deliveryExists,
  findMessage,
  listAttempts,
  listCopies,
  listDestinations,
  listExclusions,
  loadIndicators,
  type DestinationCursor,
} from "./store.ts";

export type LogDeps = {
  readonly db: Db;
  readonly now: () => Instant;
  readonly feed: LiveFeed;
  /** The exact bytes of a message, rendered again; null when there is no such message. */
  readonly renderSource: (key: MessageKey) => Promise<RenderedSource | null>;
  /** What recipients did; from features/tracking. */
  readonly loadReactions: (key: MessageKey) => Promise<Reaction[]>;
  readonly loadTracking: (deliveryId: number) => Promise<TrackingIndicators>;
};

export type RenderedSource = {
  readonly bytes: Uint8Array;
  /** Whether these are the bytes of the first attempt; `none` before it. */
  readonly digest: "match" | "differs" | "none";
};

const TAGS = ["logs"];

export function registerLogRoutes(app: FastifyInstance, deps: LogDeps): void {
  registerFigures(app, deps);
  registerExclusions(app, deps);
  registerMessages(app, deps);
  registerMessage(app, deps);
  registerStream(app, deps);
}

async function mustExist(db: Db, text: string): Promise<number> {
  const id = readId(text, "delivery");
  if (!(await deliveryExists(db, id))) throw appError("not-found", { what: "delivery", id });
  return id;
}

function registerFigures(plain: FastifyInstance, { db, now, feed, loadTracking }: LogDeps): void {
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
      return { ...presentLive(row, feed.rateOf(id), now()), ...(await loadTracking(id)) };
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

const keyParams = z.object({ key: z.string().describe("PART-SEQ, as in the log") });

function readKey(text: string): MessageKey {
  const key = parseKey(text);
  if (key === null) throw appError("not-found", { what: "message", id: text });
  return key;
}

function registerMessage(plain: FastifyInstance, { db, renderSource, loadReactions }: LogDeps): void {
  const app = plain.withTypeProvider<ZodTypeProvider>();
  const load = async (text: string) => {
    const key = readKey(text);
    const [row, attempts] = await Promise.all([findMessage(db, key), listAttempts(db, key)]);
    if (!row) throw appError("not-found", { what: "message", id: text });
    return { key, row, timeline: attempts.map(presentAttempt) };
  };

  app.route({
    method: "GET",
    url: "/messages/:key",
    schema: {
      tags: TAGS,
      summary: "One message with all its attempts",
      params: keyParams,
      response: { 200: messageDetailSchema, ...problems(404) },
    },
    handler: async ({ params, operator }) => {
      const { key, row, timeline } = await load(params.key);
      const mask = hasRight(operator, "archive") ? (text: string) => text : hideAddresses;
      const copies = await listCopies(db, key);
      return {
        ...presentLogLine(row),
        deliveryId: String(row.delivery_id),
        nextAttemptAt: instantOrNull(row.next_attempt_at),
        vars: row.vars,
        timeline,
        digest: row.digest?.toString("hex") ?? null,
        copies: copies.map((copy) => presentCopy(copy, formatKey(key), String(row.delivery_id), mask)),
        reactions: await loadReactions(key),
      };
    },
  });

  app.route({
    method: "GET",
    url: "/messages/:key/attempts",
    schema: {
      tags: TAGS,
      summary: "The attempts of one message, oldest first",
      params: keyParams,
      response: { 200: pageOf(attemptSchema), ...problems(404) },
    },
    handler: async ({ params }) => ({ data: (await load(params.key)).timeline, nextCursor: null }),
  });

  app.route({
    method: "GET",
    url: "/messages/:key/source",
    schema: {
      tags: TAGS,
      summary: "The exact bytes of one message, rendered again",
      description:
        "The header Envoi-Digest says whether they are those of the first attempt: match, differs or none (before it).",
      params: keyParams,
      produces: ["message/rfc822"],
      response: {
        200: { description: "RFC 5322 message", content: { "message/rfc822": { schema: z.string() } } },
        ...problems(404, 409),
      },
    },
    handler: async ({ params }, reply) => {
      const source = await renderSource(readKey(params.key));
      if (source === null) throw appError("not-found", { what: "message", id: params.key });
      reply
        .type("message/rfc822")
        .header("content-disposition", `inline; filename="${params.key}.eml"`)
        .header("envoi-digest", source.digest);
      return reply.serializer((bytes: unknown) => bytes as string).send(Buffer.from(source.bytes) as unknown as string);
    },
  });
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
