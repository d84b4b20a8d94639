/** The API of pools. */
import { z } from "zod";
import type { FastifyInstance, FastifyReply } from "fastify";
import type { ZodTypeProvider } from "fastify-type-provider-zod";

import { poolAnswerSchema } from "../../contract/responses-shaping.ts";
import { idParams, pageOf, pageQuery, problems } from "../../contract/responses.ts";
import { poolSchema } from "../../contract/shaping.ts";
import type { Instant } from "../../core/time.ts";
import type { Db } from "../../platform/db.ts";
import { appError } from "../../platform/errors.ts";
import { readIfMatch } from "../../platform/if-match.ts";
import { readId, readNumberCursor, toPage } from "../../platform/paging.ts";
import { presentPool } from "./present.ts";
import { createPool, removePool, replacePool } from "./save-pool.ts";
import { findPoolById, listPools, type PoolRow } from "./store.ts";

type PoolDeps = { readonly db: Db; readonly now: () => Instant };

const TAGS = ["sources"];
const conditions = z.looseObject({ "if-match": z.string().optional() });

export function registerPoolRoutes(app: FastifyInstance, deps: PoolDeps): void {
  registerReading(app, deps);
  registerEditing(app, deps);
}

const withTag = (reply: FastifyReply, { version }: PoolRow) => reply.header("etag", `"${version}"`);

function registerReading(plain: FastifyInstance, { db }: PoolDeps): void {
  const app = plain.withTypeProvider<ZodTypeProvider>();

  app.route({
    method: "GET",
    url: "/pools",
    schema: {
      tags: TAGS,
      summary: "Pools of sources (affinities), oldest first",
      querystring: z.object(pageQuery),
      response: { 200: pageOf(poolAnswerSchema), ...problems(422) },
    },
    handler: async ({ query }) => {
      const rows = await listPools(db, readNumberCursor(query.cursor) ?? 0, query.limit + 1);
      return toPage(rows.map(presentPool), query.limit, (last) => last.id);
    },
  });

  app.route({
    method: "GET",
    url: "/pools/:id",
    schema: {
      tags: TAGS,
      summary: "One pool",
      params: idParams,
      response: { 200: poolAnswerSchema, ...problems(404) },
    },
    handler: async ({ params }, reply) => {
      const row = await findPoolById(db, readId(params.id, "pool"));
      if (row === null) throw appError("not-found", { what: "pool", id: params.id });
      return withTag(reply, row).send(presentPool(row));
    },
  });
}

function registerEditing(plain: FastifyInstance, { db, now }: PoolDeps): void {
  const app = plain.withTypeProvider<ZodTypeProvider>();

  app.route({
    method: "POST",
    url: "/pools",
    config: { idempotent: "body" },
    schema: {
      tags: TAGS,
      summary: "Make a pool",
      description:
        "Deliveries name it in `settings.pool`; those that name neither pool nor address leave from the pool `default`, where there is one. Each usable source gets its weight by the sum of all weights.",
      body: poolSchema,
      response: { 201: poolAnswerSchema, ...problems(409, 422) },
    },
    handler: async ({ body }, reply) => {
      const row = await createPool(db, body, now());
      return withTag(reply, row).code(201).header("location", `/api/v1/pools/${row.id}`).send(presentPool(row));
    },
  });

  app.route({
    method: "PUT",
    url: "/pools/:id",
    schema: {
      tags: TAGS,
      summary: "Replace name and members of a pool",
      description:
        "If-Match: the version that was read. Members change at once for deliveries in progress; the name stays while one uses it.",
      params: idParams,
      headers: conditions,
      body: poolSchema,
      response: { 200: poolAnswerSchema, ...problems(404, 409, 412, 422) },
    },
    handler: async ({ params, body, headers }, reply) => {
      const seen = readIfMatch(headers["if-match"]);
      const row = await replacePool(db, readId(params.id, "pool"), body, seen, now());
      return withTag(reply, row).send(presentPool(row));
    },
  });

  app.route({
    method: "DELETE",
    url: "/pools/:id",
    schema: {
      tags: TAGS,
      summary: "Remove a pool that no delivery uses now",
      params: idParams,
      headers: conditions,
      response: { 204: z.undefined().describe("Removed"), ...problems(404, 409, 412) },
    },
    handler: async ({ params, headers }, reply) => {
      await removePool(db, readId(params.id, "pool"), readIfMatch(headers["if-match"]));
      return reply.code(204).send();
    },
  });
}
