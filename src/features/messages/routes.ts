/** The API of single messages: accept them, list them, take them back. One message's log is in features/logs. */
import type { FastifyInstance } from "fastify";
import type { ZodTypeProvider } from "fastify-type-provider-zod";
import { z } from "zod";

import { MESSAGES_MAX, newMessageSchema, type BatchAnswer } from "../../contract/index.ts";
import { pageOf, pageQuery, problems } from "../../contract/responses.ts";
import {
  batchAnswerSchema,
  singleMessageSchema,
  singleStatusSchema,
} from "../../contract/responses-single-messages.ts";
import { matchKeyOf } from "../../core/address/match-key.ts";
import { parseKey } from "../../core/delivery/status.ts";
import { AppError, appError } from "../../platform/errors.ts";
import { invalidCursor, readId } from "../../platform/paging.ts";
import { toProblem } from "../../platform/problem.ts";
import { type AcceptDeps, type AcceptMessage, createAcceptor } from "./accept-messages.ts";
import { cancelMessage } from "./cancel-message.ts";
import { registerPublishRoutes } from "./publish-routes.ts";
import { findSingle, formatCursor, listSingles, readCursor } from "./store.ts";

const TAGS = ["messages"];
/** Attachments as base64 in the body. */
const BODY_LIMIT = 30 * 1024 * 1024;

export function registerSingleMessageRoutes(app: FastifyInstance, deps: AcceptDeps): void {
  const accept = createAcceptor(deps);
  registerSending(app, accept);
  registerBatch(app, accept);
  registerList(app, deps);
  registerCancel(app, deps);
  registerPublishRoutes(app, deps);
}

function registerSending(plain: FastifyInstance, accept: AcceptMessage): void {
  plain.withTypeProvider<ZodTypeProvider>().route({
    method: "POST",
    url: "/messages",
    bodyLimit: BODY_LIMIT,
    config: { idempotent: "body" },
    schema: {
      tags: TAGS,
      summary: "Send a message to one address",
      description:
        "202 means that it is in the log and will be sent, before all deliveries that are under way. What would keep it from being made (an address, a value that the content shows and that is not there) is refused here. The same externalId with the same message answers with the first one (Idempotent-Replayed: true).",
      body: newMessageSchema,
      response: { 202: singleMessageSchema, ...problems(409, 422) },
    },
    handler: async ({ body }, reply) => {
      const { message, isReplay } = await accept(body);
      if (isReplay) reply.header("idempotent-replayed", "true");
      return reply.code(202).header("location", `/api/v1/messages/${message.id}`).send(message);
    },
  });
}

function registerBatch(plain: FastifyInstance, accept: AcceptMessage): void {
  plain.withTypeProvider<ZodTypeProvider>().route({
    method: "POST",
    url: "/messages/batch",
    bodyLimit: BODY_LIMIT,
    config: { idempotent: "body" },
    schema: {
      tags: TAGS,
      summary: "Send up to 500 messages, each to one address",
      description: "Each is answered on its own, in their order: some may be accepted and others refused.",
      body: z.strictObject({ messages: z.array(z.unknown()).min(1).max(MESSAGES_MAX) }),
      response: { 202: z.object({ data: z.array(batchAnswerSchema) }), ...problems(422) },
    },
    handler: async ({ body }, reply) => {
      const data = await Promise.all(body.messages.map((message) => acceptOne(accept, message)));
      return reply.code(202).send({ data });
    },
  });
}

async function acceptOne(accept: AcceptMessage, input: unknown): Promise<BatchAnswer> {
  try {
    const read = newMessageSchema.safeParse(input);
    if (read.success) return { accepted: true, message: (await accept(read.data)).message };
    const errors = read.error.issues.map(({ path, code, message }) => ({
      pointer: path.map((step) => `/${String(step).replaceAll("~", "~0").replaceAll("/", "~1")}`).join(""),
      code: code.replaceAll("_", "-"),
      message,
    }));
    throw appError("invalid-input", { detail: `${errors[0]?.pointer}: ${errors[0]?.message}` }, errors);
  } catch (error) {
    if (error instanceof AppError) return { accepted: false, problem: toProblem(error) };
    throw error;
  }
}

function registerList(plain: FastifyInstance, { db, now }: AcceptDeps): void {
  plain.withTypeProvider<ZodTypeProvider>().route({
    method: "GET",
    url: "/messages",
    schema: {
      tags: TAGS,
      summary: "Single messages, the newest first",
      description:
        "With a status that is rare a page may hold fewer than `limit`, even none, and still have a nextCursor.",
      querystring: z.object({
        ...pageQuery,
        status: singleStatusSchema.optional(),
        recipient: z.string().max(500).optional().describe("A complete address"),
        externalId: z.string().max(200).optional(),
        template: z.string().max(20).optional(),
        tag: z.string().max(50).optional(),
        since: z.iso.datetime({ offset: true }).optional().describe("Accepted at or after"),
        until: z.iso.datetime({ offset: true }).optional().describe("Accepted before"),
      }),
      response: { 200: pageOf(singleMessageSchema), ...problems(404, 422) },
    },
    handler: async ({ query }) => {
      const { recipient, template, since, until, status, externalId, tag } = query;
      const after = query.cursor === undefined ? null : readCursor(query.cursor);
      if (query.cursor !== undefined && after === null) throw invalidCursor();
      const filter = {
        status,
        externalId,
        tag,
        matchKey: recipient === undefined ? undefined : matchKeyOf(recipient.trim()),
        template: template === undefined ? undefined : readId(template, "template"),
        since: since === undefined ? undefined : Date.parse(since),
        until: until === undefined ? undefined : Date.parse(until),
      };
      const { data, next } = await listSingles(db, filter, after, query.limit, now());
      return { data, nextCursor: next === null ? null : formatCursor(next) };
    },
  });
}

function registerCancel(plain: FastifyInstance, { db, now }: AcceptDeps): void {
  plain.withTypeProvider<ZodTypeProvider>().route({
    method: "POST",
    url: "/messages/:key/actions/cancel",
    schema: {
      tags: TAGS,
      summary: "Take back a single message that waits",
      description: "For its time, for a sender or for a retry. What is on its way cannot be taken back: 409.",
      params: z.object({ key: z.string() }),
      response: { 202: singleMessageSchema, ...problems(404, 409) },
    },
    handler: async ({ params }, reply) => {
      const key = parseKey(params.key);
      if (key === null) throw appError("not-found", { what: "message", id: params.key });
      await cancelMessage(db, key, now());
      const message = await findSingle(db, key, now());
      if (message === null) throw appError("not-found", { what: "message", id: params.key });
      return reply.code(202).send(message);
    },
  });
}
