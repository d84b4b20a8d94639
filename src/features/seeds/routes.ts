/** The API of seeds and of lists of seeds: both are listed, made, read, replaced and deleted alike. */
import { z } from "zod";
import type { FastifyInstance } from "fastify";
import type { ZodTypeProvider } from "fastify-type-provider-zod";

import { idParams, pageOf, pageQuery, problems } from "../../contract/responses.ts";
import { seedAnswerSchema, seedListAnswerSchema } from "../../contract/responses-seeds.ts";
import { seedListSchema, seedSchema } from "../../contract/seeds.ts";
import type { Instant } from "../../core/time.ts";
import type { Db } from "../../platform/db.ts";
import { readIfMatch, type Seen } from "../../platform/if-match.ts";
import { readId, readNumberCursor, toPage } from "../../platform/paging.ts";
import * as save from "./save-seed.ts";
import { listSeedLists, listSeeds } from "./store.ts";

type SeedDeps = { readonly db: Db; readonly now: () => Instant };
type Thing = { readonly id: string; readonly version: number };

/** Either of the two. What comes in was read by `input`, so that the functions may take it for what they want. */
type Resource = {
  readonly path: string;
  readonly words: string;
  readonly input: z.ZodType;
  readonly answer: z.ZodType<Thing>;
  readonly list: (db: Db, before: number | null, limit: number) => Promise<Thing[]>;
  readonly create: (db: Db, input: never, now: Instant) => Promise<Thing>;
  readonly read: (db: Db, id: number) => Promise<Thing>;
  readonly replace: (db: Db, id: number, input: never, seen: Seen, now: Instant) => Promise<Thing>;
  readonly remove: (db: Db, id: number, seen: Seen) => Promise<void>;
};

const TAGS = ["seeds"];
const conditions = z.looseObject({ "if-match": z.string().optional() });

export function registerSeedRoutes(app: FastifyInstance, deps: SeedDeps): void {
  register(app, deps, {
    path: "/seeds",
    words: "seed",
    input: seedSchema,
    answer: seedAnswerSchema,
    list: listSeeds,
    create: save.createSeed,
    read: save.readSeed,
    replace: save.replaceSeed,
    remove: save.removeSeed,
  });
  register(app, deps, {
    path: "/seed-lists",
    words: "list of seeds",
    input: seedListSchema,
    answer: seedListAnswerSchema,
    list: listSeedLists,
    create: save.createSeedList,
    read: save.readSeedList,
    replace: save.replaceSeedList,
    remove: save.removeSeedList,
  });
}

const etag = ({ version }: Thing) => `"${version}"`;

function register(plain: FastifyInstance, { db, now }: SeedDeps, of: Resource): void {
  const app = plain.withTypeProvider<ZodTypeProvider>();

  app.route({
    method: "GET",
    url: of.path,
    schema: {
      tags: TAGS,
      summary: `Every ${of.words}, newest first`,
      querystring: z.object(pageQuery),
      response: { 200: pageOf(of.answer), ...problems(422) },
    },
    handler: async ({ query }) => {
      const things = await of.list(db, readNumberCursor(query.cursor), query.limit + 1);
      return toPage(things, query.limit, (last) => last.id);
    },
  });

  app.route({
    method: "POST",
    url: of.path,
    config: { idempotent: "body" },
    schema: {
      tags: TAGS,
      summary: `Create a ${of.words}`,
      body: of.input,
      response: { 201: of.answer, ...problems(409, 422) },
    },
    handler: async ({ body }, reply) => {
      const thing = await of.create(db, body as never, now());
      const headers = { location: `/api/v1${of.path}/${thing.id}`, etag: etag(thing) };
      return reply.code(201).headers(headers).send(thing);
    },
  });

  registerOne(app, { db, now }, of);
}

function registerOne(plain: FastifyInstance, { db, now }: SeedDeps, of: Resource): void {
  const app = plain.withTypeProvider<ZodTypeProvider>();
  const url = `${of.path}/:id`;

  app.route({
    method: "GET",
    url,
    schema: {
      tags: TAGS,
      summary: `One ${of.words}`,
      params: idParams,
      response: { 200: of.answer, ...problems(404) },
    },
    handler: async ({ params }, reply) => {
      const thing = await of.read(db, readId(params.id, of.words));
      return reply.header("etag", etag(thing)).send(thing);
    },
  });

  app.route({
    method: "PUT",
    url,
    schema: {
      tags: TAGS,
      summary: `Replace a ${of.words}`,
      description: "If-Match: the version that was read. What was analysed stays as it was.",
      params: idParams,
      headers: conditions,
      body: of.input,
      response: { 200: of.answer, ...problems(404, 409, 412, 422) },
    },
    handler: async ({ params, body, headers }, reply) => {
      const seen = readIfMatch(headers["if-match"]);
      const thing = await of.replace(db, readId(params.id, of.words), body as never, seen, now());
      return reply.header("etag", etag(thing)).send(thing);
    },
  });

  app.route({
    method: "DELETE",
    url,
    schema: {
      tags: TAGS,
      summary: `Delete a ${of.words}`,
      description: "Deliveries that name it say so with their next analysis.",
      params: idParams,
      headers: conditions,
      response: { 204: z.undefined().describe("Deleted"), ...problems(404, 409, 412) },
    },
    handler: async ({ params, headers }, reply) => {
      await of.remove(db, readId(params.id, of.words), readIfMatch(headers["if-match"]));
      return reply.code(204).send();
    },
  });
}
