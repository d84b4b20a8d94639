/** Groups of operators. */
import { z } from "zod";
import type { FastifyInstance } from "fastify";
import type { ZodTypeProvider } from "fastify-type-provider-zod";

import { operatorGroupSchema } from "../../contract/operators.ts";
import { groupAnswerSchema } from "../../contract/responses-operators.ts";
import { idParams, pageOf, pageQuery, problems } from "../../contract/responses.ts";
import { readIfMatch } from "../../platform/if-match.ts";
import { readId, readNumberCursor, toPage } from "../../platform/paging.ts";
import type { OperatorDeps } from "./deps.ts";
import { listGroups, presentGroup } from "./groups-store.ts";
import { actOf } from "./operator-routes.ts";
import { createGroup, loadGroup, removeGroup, replaceGroup } from "./save-group.ts";

const TAGS = ["operators"];
const WHAT = "group of operators";
const conditions = z.looseObject({ "if-match": z.string().optional() });

export function registerGroupRoutes(app: FastifyInstance, deps: OperatorDeps): void {
  registerReading(app, deps);
  registerEditing(app, deps);
}

function registerReading(plain: FastifyInstance, { db }: OperatorDeps): void {
  const app = plain.withTypeProvider<ZodTypeProvider>();

  app.route({
    method: "GET",
    url: "/operator-groups",
    schema: {
      tags: TAGS,
      summary: "Groups of operators, oldest first",
      querystring: z.object(pageQuery),
      response: { 200: pageOf(groupAnswerSchema), ...problems(422) },
    },
    handler: async ({ query }) => {
      const rows = await listGroups(db, readNumberCursor(query.cursor) ?? 0, query.limit + 1);
      return toPage(rows.map(presentGroup), query.limit, (last) => last.id);
    },
  });

  app.route({
    method: "GET",
    url: "/operator-groups/:id",
    schema: {
      tags: TAGS,
      summary: "One group",
      params: idParams,
      response: { 200: groupAnswerSchema, ...problems(404) },
    },
    handler: async ({ params }, reply) => {
      const row = await loadGroup(db, readId(params.id, WHAT));
      return reply.header("etag", `"${row.version}"`).send(presentGroup(row));
    },
  });
}

function registerEditing(plain: FastifyInstance, { db, now }: OperatorDeps): void {
  const app = plain.withTypeProvider<ZodTypeProvider>();

  app.route({
    method: "POST",
    url: "/operator-groups",
    config: { idempotent: "body", audits: "itself" },
    schema: {
      tags: TAGS,
      summary: "Add a group",
      body: operatorGroupSchema,
      response: { 201: groupAnswerSchema, ...problems(403, 409, 422) },
    },
    handler: async (request, reply) => {
      const row = await createGroup(db, request.body, actOf(request, now()));
      return reply
        .header("etag", `"${row.version}"`)
        .header("location", `/api/v1/operator-groups/${row.id}`)
        .code(201)
        .send(presentGroup(row));
    },
  });

  app.route({
    method: "PUT",
    url: "/operator-groups/:id",
    config: { audits: "itself" },
    schema: {
      tags: TAGS,
      summary: "Change a group; its members' rights follow at once",
      params: idParams,
      headers: conditions,
      body: operatorGroupSchema,
      response: { 200: groupAnswerSchema, ...problems(403, 404, 409, 412, 422) },
    },
    handler: async (request, reply) => {
      const seen = readIfMatch(request.headers["if-match"]);
      const id = readId(request.params.id, WHAT);
      const row = await replaceGroup(db, id, request.body, seen, actOf(request, now()));
      return reply.header("etag", `"${row.version}"`).send(presentGroup(row));
    },
  });

  app.route({
    method: "DELETE",
    url: "/operator-groups/:id",
    config: { audits: "itself" },
    schema: {
      tags: TAGS,
      summary: "Remove a group; its members lose what only it gave them",
      params: idParams,
      response: { 204: z.undefined().describe("Removed"), ...problems(403, 404, 409) },
    },
    handler: async (request, reply) => {
      await removeGroup(db, readId(request.params.id, WHAT), actOf(request, now()));
      return reply.code(204).send();
    },
  });
}
