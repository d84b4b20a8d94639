/** The API of sources; that of pools and of the warm-up is registered with it. */
import { z } from "zod";
import type { FastifyInstance, FastifyReply } from "fastify";
import type { ZodTypeProvider } from "fastify-type-provider-zod";

import { sourceAnswerSchema } from "../../contract/responses-shaping.ts";
import { idParams, pageOf, pageQuery, problems } from "../../contract/responses.ts";
import { sourceSchema } from "../../contract/shaping.ts";
import type { Provider } from "../../core/shaping/rule.ts";
import type { Instant } from "../../core/time.ts";
import type { Db } from "../../platform/db.ts";
import { appError } from "../../platform/errors.ts";
import { readIfMatch } from "../../platform/if-match.ts";
import { readId, readNumberCursor, toPage } from "../../platform/paging.ts";
import { registerPoolRoutes } from "./pool-routes.ts";
import { presentSource } from "./present.ts";
import { createSource, removeSource, replaceSource } from "./save-source.ts";
import { findSource, listSources, type SourceRow } from "./store.ts";
import { registerWarmUpRoutes } from "./warm-up-routes.ts";

export type SourceDeps = {
  readonly db: Db;
  readonly now: () => Instant;
  /** Those that shaping files know, with their warm-up curves. */
  readonly providers: readonly Provider[];
};

const TAGS = ["sources"];
const conditions = z.looseObject({ "if-match": z.string().optional() });

export function registerSourceRoutes(app: FastifyInstance, deps: SourceDeps): void {
  registerReading(app, deps);
  registerEditing(app, deps);
  registerPoolRoutes(app, deps);
  registerWarmUpRoutes(app, deps);
}

const withTag = (reply: FastifyReply, { version }: SourceRow) => reply.header("etag", `"${version}"`);

function registerReading(plain: FastifyInstance, { db }: SourceDeps): void {
  const app = plain.withTypeProvider<ZodTypeProvider>();

  app.route({
    method: "GET",
    url: "/sources",
    schema: {
      tags: TAGS,
      summary: "Sources: addresses that mail leaves from, oldest first",
      querystring: z.object(pageQuery),
      response: { 200: pageOf(sourceAnswerSchema), ...problems(422) },
    },
    handler: async ({ query }) => {
      const rows = await listSources(db, readNumberCursor(query.cursor) ?? 0, query.limit + 1);
      return toPage(rows.map(presentSource), query.limit, (last) => last.id);
    },
  });

  app.route({
    method: "GET",
    url: "/sources/:id",
    schema: {
      tags: TAGS,
      summary: "One source",
      params: idParams,
      response: { 200: sourceAnswerSchema, ...problems(404) },
    },
    handler: async ({ params }, reply) => {
      const row = await findSource(db, readId(params.id, "source"));
      if (row === null) throw appError("not-found", { what: "source", id: params.id });
      return withTag(reply, row).send(presentSource(row));
    },
  });
}

function registerEditing(plain: FastifyInstance, { db, now }: SourceDeps): void {
  const app = plain.withTypeProvider<ZodTypeProvider>();

  app.route({
    method: "POST",
    url: "/sources",
    config: { idempotent: "body" },
    schema: {
      tags: TAGS,
      summary: "Register a source",
      description:
        "The address must belong to the machine of its sender, and its name in DNS should be the one in `helo`. Mail leaves from it once it is in a pool.",
      body: sourceSchema,
      response: { 201: sourceAnswerSchema, ...problems(409, 422) },
    },
    handler: async ({ body }, reply) => {
      const row = await createSource(db, body, now());
      return withTag(reply, row).code(201).header("location", `/api/v1/sources/${row.id}`).send(presentSource(row));
    },
  });

  app.route({
    method: "PUT",
    url: "/sources/:id",
    schema: {
      tags: TAGS,
      summary: "Replace what is set of a source",
      description:
        "If-Match: the version that was read. Senders act on it at once: with `enabled` false nothing more leaves from it. With an address that it did not have, its warm-up begins anew.",
      params: idParams,
      headers: conditions,
      body: sourceSchema,
      response: { 200: sourceAnswerSchema, ...problems(404, 412, 422) },
    },
    handler: async ({ params, body, headers }, reply) => {
      const seen = readIfMatch(headers["if-match"]);
      const row = await replaceSource(db, readId(params.id, "source"), body, seen, now());
      return withTag(reply, row).send(presentSource(row));
    },
  });

  app.route({
    method: "DELETE",
    url: "/sources/:id",
    schema: {
      tags: TAGS,
      summary: "Remove a source that is in no pool",
      params: idParams,
      headers: conditions,
      response: { 204: z.undefined().describe("Removed"), ...problems(404, 409, 412) },
    },
    handler: async ({ params, headers }, reply) => {
      await removeSource(db, readId(params.id, "source"), readIfMatch(headers["if-match"]));
      return reply.code(204).send();
    },
  });
}
