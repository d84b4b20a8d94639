/** The API of lists of recipients. */
import { z } from "zod";
import type { FastifyInstance, FastifyReply } from "fastify";
import type { ZodTypeProvider } from "fastify-type-provider-zod";

import { listSchema, membersSchema } from "../../contract/audience-recipients.ts";
import { membersResultSchema, recipientListSchema } from "../../contract/responses-recipients.ts";
import { idParams, pageOf, pageQuery, problems } from "../../contract/responses.ts";
import { readIfMatch } from "../../platform/if-match.ts";
import { readId, readNumberCursor, toPage } from "../../platform/paging.ts";
import { listLists, type ListRow, presentList } from "./list-store.ts";
import { changeList, changeMembers, createList, mustFindList, removeList } from "./lists.ts";
import type { AudienceDeps } from "./audience-deps.ts";

const TAGS = ["audience"];
const WHAT = "list";
const conditions = z.looseObject({ "if-match": z.string().optional() });

export function registerLists(app: FastifyInstance, deps: AudienceDeps): void {
  registerReading(app, deps);
  registerEditing(app, deps);
  registerMembers(app, deps);
}

function registerReading(plain: FastifyInstance, { db }: AudienceDeps): void {
  const app = plain.withTypeProvider<ZodTypeProvider>();

  app.route({
    method: "GET",
    url: "/lists",
    schema: {
      tags: TAGS,
      summary: "Lists of recipients, newest first; each import makes one",
      querystring: z.object(pageQuery),
      response: { 200: pageOf(recipientListSchema), ...problems(422) },
    },
    handler: async ({ query: { cursor, limit } }) => {
      const rows = await listLists(db, readNumberCursor(cursor), limit + 1);
      const page = toPage(rows, limit, (last) => String(last.id));
      return { data: page.data.map(presentList), nextCursor: page.nextCursor };
    },
  });

  app.route({
    method: "GET",
    url: "/lists/:id",
    schema: {
      tags: TAGS,
      summary: "One list; GET /recipients?list= lists its people",
      params: idParams,
      response: { 200: recipientListSchema, ...problems(404) },
    },
    handler: async ({ params }, reply) => send(reply, await mustFindList(db, readId(params.id, WHAT))),
  });
}

function registerEditing(plain: FastifyInstance, { db, now }: AudienceDeps): void {
  const app = plain.withTypeProvider<ZodTypeProvider>();

  app.route({
    method: "POST",
    url: "/lists",
    config: { idempotent: "body" },
    schema: {
      tags: TAGS,
      summary: "Make a list",
      body: listSchema,
      response: { 201: recipientListSchema, ...problems(409, 422) },
    },
    handler: async ({ body }, reply) => {
      const list = await createList(db, body.label, now());
      return send(reply.code(201).header("location", `/api/v1/lists/${list.id}`), list);
    },
  });

  app.route({
    method: "PATCH",
    url: "/lists/:id",
    schema: {
      tags: TAGS,
      summary: "Rename a list",
      params: idParams,
      headers: conditions,
      body: listSchema,
      response: { 200: recipientListSchema, ...problems(404, 412, 422) },
    },
    handler: async ({ params, body, headers }, reply) =>
      send(reply, await changeList(db, readId(params.id, WHAT), body.label, readIfMatch(headers["if-match"]))),
  });

  app.route({
    method: "DELETE",
    url: "/lists/:id",
    schema: {
      tags: TAGS,
      summary: "Remove a list; its people stay",
      params: idParams,
      headers: conditions,
      response: { 204: z.undefined().describe("Removed"), ...problems(404, 409, 412) },
    },
    handler: async ({ params, headers }, reply) => {
      await removeList(db, readId(params.id, WHAT), readIfMatch(headers["if-match"]));
      return reply.code(204).send();
    },
  });
}

function registerMembers(plain: FastifyInstance, { db }: AudienceDeps): void {
  const app = plain.withTypeProvider<ZodTypeProvider>();
  app.route({
    method: "POST",
    url: "/lists/:id/members",
    config: { idempotent: "body" },
    schema: {
      tags: TAGS,
      summary: "Put recipients on a list and take others off, up to 10,000 each",
      description: "Doing it again changes nothing. Who is named in both is taken off.",
      params: idParams,
      body: membersSchema,
      response: { 200: membersResultSchema, ...problems(404, 409, 422) },
    },
    handler: ({ params, body }) => changeMembers(db, readId(params.id, WHAT), body),
  });
}

function send(reply: FastifyReply, row: ListRow) {
  return reply.header("etag", `"${row.version}"`).send(presentList(row));
}
