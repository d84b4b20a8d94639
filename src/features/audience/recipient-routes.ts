/** The API of recipients: searching, one with all about it, changing, many at once, as a file. */
import { Readable } from "node:stream";
import { z } from "zod";
import type { FastifyInstance, FastifyReply } from "fastify";
import type { ZodTypeProvider } from "fastify-type-provider-zod";

import {
  exportQuery,
  givenAttributesSchema,
  type RecipientDetail,
  recipientChangeSchema,
  recipientFilter,
  upsertSchema,
} from "../../contract/audience-recipients.ts";
import { recipientDetailSchema, recipientSchema, upsertResultSchema } from "../../contract/responses-recipients.ts";
import { idParams, pageOf, pageQuery, problems } from "../../contract/responses.ts";
import { erasureSchema } from "../../contract/responses-archive.ts";
import { readId, readNumberCursor, toPage } from "../../platform/paging.ts";
import { hideAddressesIn } from "../archive/index.ts";
import { hasRight } from "../operators/index.ts";
import { changeRecipient, mustFindRecipient, saveRecipient, upsertRecipients } from "./change-recipients.ts";
import { eraseRecipient } from "./erase-recipient.ts";
import { exportRecipients } from "./export-recipients.ts";
import { findRecipients } from "./recipient-store.ts";
import type { AudienceDeps } from "./audience-deps.ts";
import { presentRecipient } from "./store.ts";

const TAGS = ["audience"];
const FILES = { csv: "text/csv; charset=utf-8", jsonl: "application/jsonl; charset=utf-8" };

export function registerRecipients(app: FastifyInstance, deps: AudienceDeps): void {
  registerReading(app, deps);
  registerExport(app, deps);
  registerWriting(app, deps);
  registerErasure(app, deps);
}

function registerReading(plain: FastifyInstance, { db }: AudienceDeps): void {
  const app = plain.withTypeProvider<ZodTypeProvider>();

  app.route({
    method: "GET",
    url: "/recipients",
    schema: {
      tags: TAGS,
      summary: "Recipients, oldest first; all filters that are given must hold",
      querystring: z.object({ ...recipientFilter, ...pageQuery }),
      response: { 200: pageOf(recipientSchema), ...problems(422) },
    },
    handler: async ({ query: { cursor, limit, ...filter } }) => {
      const rows = await findRecipients(db, { filter, after: readNumberCursor(cursor) ?? 0, limit: limit + 1 });
      const page = toPage(rows, limit, (last) => String(last.id));
      return { data: page.data.map(presentRecipient), nextCursor: page.nextCursor };
    },
  });

  app.route({
    method: "GET",
    url: "/recipients/:id",
    schema: {
      tags: TAGS,
      summary: "One recipient with lists, denylist and quarantine",
      params: idParams,
      response: { 200: recipientDetailSchema, ...problems(404) },
    },
    handler: async ({ params }, reply) => send(reply, await mustFindRecipient(db, readId(params.id, "recipient"))),
  });
}

function registerExport(plain: FastifyInstance, { db }: AudienceDeps): void {
  const app = plain.withTypeProvider<ZodTypeProvider>();
  app.route({
    method: "GET",
    url: "/recipients/export",
    schema: {
      tags: TAGS,
      summary: "Recipients as a CSV or JSON lines file",
      description: "Filters as those of the list. What comes out can be imported again.",
      querystring: exportQuery,
      response: {
        200: {
          description: "The file",
          content: { "text/csv": { schema: z.unknown() }, "application/jsonl": { schema: z.unknown() } },
        },
        ...problems(422),
      },
    },
    handler: async ({ query }, reply) =>
      reply
        .type(FILES[query.format])
        .header("content-disposition", `attachment; filename="recipients.${query.format}"`)
        .send(Readable.from(exportRecipients(db, query))),
  });
}

function registerWriting(plain: FastifyInstance, { db, now }: AudienceDeps): void {
  const app = plain.withTypeProvider<ZodTypeProvider>();

  app.route({
    method: "POST",
    url: "/recipients",
    config: { idempotent: "body" },
    schema: {
      tags: TAGS,
      summary: "Add one recipient, or merge attributes into the one that has the address",
      body: z.strictObject({ address: z.string().max(2000), attributes: givenAttributesSchema.default({}) }),
      response: { 200: recipientSchema, 201: recipientSchema, ...problems(409, 422) },
    },
    handler: async (request, reply) => {
      const { recipient, created } = await saveRecipient(db, request.body, now());
      return reply.code(created ? 201 : 200).send(recipient);
    },
  });

  app.route({
    method: "POST",
    url: "/recipients/actions/upsert",
    config: { idempotent: "body" },
    schema: {
      tags: TAGS,
      summary: "Create or update up to 1,000 recipients, each with its own result",
      body: upsertSchema,
      response: { 200: upsertResultSchema, ...problems(404, 409, 422) },
    },
    handler: ({ body }) => upsertRecipients(db, body, now()),
  });

  app.route({
    method: "PATCH",
    url: "/recipients/:id",
    schema: {
      tags: TAGS,
      summary: "Change address or attributes of a recipient",
      description: "Attributes left out stay, null erases. If-Match: the ETag that was read.",
      params: idParams,
      headers: z.looseObject({ "if-match": z.string().optional() }),
      body: recipientChangeSchema,
      response: { 200: recipientDetailSchema, ...problems(404, 409, 412, 422) },
    },
    handler: async ({ params, body, headers }, reply) => {
      const seen = readTag(headers["if-match"]);
      return send(reply, await changeRecipient(db, readId(params.id, "recipient"), body, seen, now()));
    },
  });
}

function registerErasure(plain: FastifyInstance, { db, now }: AudienceDeps): void {
  const app = plain.withTypeProvider<ZodTypeProvider>();
  app.route({
    method: "POST",
    url: "/recipients/:id/actions/erase",
    config: { idempotent: "body" },
    schema: {
      tags: TAGS,
      summary: "Erase a recipient, and list the archive copies that must be erased outside",
      description:
        "Removes profile and lists, and the address and values from messages that are final. The denylist and the quarantine go on knowing the address. The audit of archives keeps the list.",
      params: idParams,
      response: { 200: erasureSchema, ...problems(404, 409) },
    },
    handler: async ({ params, operator }) => {
      const erasure = await eraseRecipient(db, readId(params.id, "recipient"), operator.label, now());
      return hasRight(operator, "archive") ? erasure : hideAddressesIn(erasure);
    },
  });
}

/** The version is the time of the last change: each change has one of its own. */
function send(reply: FastifyReply, recipient: RecipientDetail) {
  return reply.header("etag", `"${Date.parse(recipient.updatedAt)}"`).send(recipient);
}

/** Null: any version will do. */
function readTag(header: string | undefined): string | null {
  const tag = header?.trim() ?? "*";
  return tag === "*" ? null : tag.replace(/^"(.*)"$/, "$1");
}
