/** The API of one message: what became of it and of its copies, its attempts, its bytes. */
import { z } from "zod";
import type { FastifyInstance } from "fastify";
import type { ZodTypeProvider } from "fastify-type-provider-zod";

import { attemptSchema, messageDetailSchema, pageOf, problems } from "../../contract/responses.ts";
import type { Reaction, SingleMessage } from "../../contract/index.ts";
import { withoutSingleFacts } from "../../core/delivery/single.ts";
import type { MessageKey } from "../../core/delivery/status.ts";
import { formatKey, parseKey } from "../../core/delivery/status.ts";
import type { Db } from "../../platform/db.ts";
import { appError } from "../../platform/errors.ts";
import { hideAddresses } from "../archive/index.ts";
import { hasRight } from "../operators/index.ts";
import { instantOrNull, presentAttempt, presentCopy, presentLogLine } from "./present.ts";
import { findMessage, listAttempts, listCopies } from "./store.ts";

export type MessageDeps = {
  readonly db: Db;
  /** The exact bytes of a message, rendered again; null when there is no such message. */
  readonly renderSource: (key: MessageKey) => Promise<RenderedSource | null>;
  /** What recipients did; from features/tracking. */
  readonly loadReactions: (key: MessageKey) => Promise<Reaction[]>;
  /** What is known of a single message besides; null: it is one of a campaign. From features/messages. */
  readonly loadSingle: (key: MessageKey) => Promise<SingleMessage | null>;
};

type RenderedSource = {
  readonly bytes: Uint8Array;
  /** Whether these are the bytes of the first attempt; `none` before it. */
  readonly digest: "match" | "differs" | "none";
};

const TAGS = ["logs"];

const keyParams = z.object({ key: z.string().describe("PART-SEQ, as in the log") });

function readKey(text: string): MessageKey {
  const key = parseKey(text);
  if (key === null) throw appError("not-found", { what: "message", id: text });
  return key;
}

export function registerMessage(plain: FastifyInstance, deps: MessageDeps): void {
  const app = plain.withTypeProvider<ZodTypeProvider>();
  const { db, renderSource, loadReactions } = deps;
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
        vars: withoutSingleFacts(row.vars),
        timeline,
        digest: row.digest?.toString("hex") ?? null,
        copies: copies.map((copy) => presentCopy(copy, formatKey(key), String(row.delivery_id), mask)),
        complained: row.complained,
        reactions: await loadReactions(key),
        single: await deps.loadSingle(key),
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
