/** GET /inbound-mails: what came in, what it said and what it did; and the mails themselves, as text that no browser renders. */
import { z } from "zod";
import type { FastifyInstance } from "fastify";
import type { ZodTypeProvider } from "fastify-type-provider-zod";

import { inboundMailDetailSchema, inboundMailSchema, mailKindSchema } from "../../contract/responses-inbound.ts";
import { idParams, pageOf, pageQuery, problems } from "../../contract/responses.ts";
import { parseKey } from "../../core/delivery/status.ts";
import { readMail } from "../../core/inbound/read-mail.ts";
import { appError } from "../../platform/errors.ts";
import { readId, readNumberCursor, toPage } from "../../platform/paging.ts";
import { qualifyMail } from "../bounces/index.ts";
import type { InboundDeps } from "./acted.ts";
import { findMail, findRaw, listMails } from "./list-store.ts";
import { parseMail } from "./parse-mail.ts";

const TAGS = ["inbound"];

const filters = {
  kind: mailKindSchema.optional(),
  state: z.enum(["waiting", "done", "failed"]).optional(),
  outcome: z.string().max(50).optional(),
  delivery: z.string().max(20).optional(),
  message: z.string().max(40).optional().describe("Key of a message"),
  address: z.string().max(320).optional().describe("Of the message's recipient"),
};

export function registerInboundList(plain: FastifyInstance, deps: Pick<InboundDeps, "db" | "bounceRules">): void {
  const { db } = deps;
  const app = plain.withTypeProvider<ZodTypeProvider>();

  app.route({
    method: "GET",
    url: "/inbound-mails",
    schema: {
      tags: TAGS,
      summary: "Mail that came in, newest first",
      querystring: z.object({ ...pageQuery, ...filters }),
      response: { 200: pageOf(inboundMailSchema), ...problems(404, 422) },
    },
    handler: async ({ query }) => {
      const message = query.message === undefined ? null : parseKey(query.message);
      if (query.message !== undefined && message === null) {
        throw appError("not-found", { what: "message", id: query.message });
      }
      const filter = {
        before: readNumberCursor(query.cursor),
        kind: query.kind ?? null,
        state: query.state ?? null,
        outcome: query.outcome ?? null,
        deliveryId: query.delivery === undefined ? null : readId(query.delivery, "delivery"),
        message,
        address: query.address ?? null,
      };
      return toPage(await listMails(db, filter, query.limit + 1), query.limit, (last) => last.id);
    },
  });

  app.route({
    method: "GET",
    url: "/inbound-mails/:id",
    schema: {
      tags: TAGS,
      summary: "One mail, and what it says of each recipient",
      params: idParams,
      response: { 200: inboundMailDetailSchema, ...problems(404) },
    },
    handler: async ({ params }) => {
      const id = readId(params.id, "inbound mail");
      const [mail, raw] = await Promise.all([findMail(db, id), findRaw(db, id)]);
      if (mail === null) throw appError("not-found", { what: "inbound mail", id: params.id });
      if (raw === null) return { ...mail, reports: null };
      const { recipient, returnPath } = mail;
      return {
        ...mail,
        reports: qualifyMail(deps.bounceRules, readMail(await parseMail(raw), { recipient, returnPath })),
      };
    },
  });

  app.route({
    method: "GET",
    url: "/inbound-mails/:id/raw",
    schema: {
      tags: TAGS,
      summary: "A mail as it came, while it is kept",
      params: idParams,
      produces: ["text/plain"],
      response: {
        200: { description: "The mail", content: { "text/plain": { schema: z.string() } } },
        ...problems(404),
      },
    },
    handler: async ({ params }, reply) => {
      const raw = await findRaw(db, readId(params.id, "inbound mail"));
      if (raw === null) throw appError("not-found", { what: "inbound mail", id: params.id });
      // Somebody else wrote it: a file, and nothing that a browser would show or guess at.
      reply
        .type("text/plain; charset=us-ascii")
        .header("x-content-type-options", "nosniff")
        .header("content-security-policy", "sandbox; default-src 'none'")
        .header("content-disposition", `attachment; filename="inbound-${params.id}.txt"`);
      return reply.serializer((bytes: unknown) => bytes as string).send(raw as unknown as string);
    },
  });
}
