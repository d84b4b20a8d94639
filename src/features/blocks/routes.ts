/** The API of personalisation blocks: those that come with Envoi and the operator's own. */
import { z } from "zod";
import type { FastifyInstance } from "fastify";
import type { ZodTypeProvider } from "fastify-type-provider-zod";

import { blockSchema, type Block } from "../../contract/index.ts";
import { blockAnswerSchema } from "../../contract/responses-content.ts";
import { pageOf, pageQuery, problems } from "../../contract/responses.ts";
import type { Instant } from "../../core/time.ts";
import type { Db } from "../../platform/db.ts";
import { appError } from "../../platform/errors.ts";
import { readIfMatch } from "../../platform/if-match.ts";
import { toPage } from "../../platform/paging.ts";
import { listBlocks, readBlock } from "./read-blocks.ts";
import { removeBlock, saveBlock } from "./save-block.ts";

type BlockDeps = { readonly db: Db; readonly now: () => Instant };

const TAGS = ["blocks"];
const anyName = z.object({ name: z.string().max(100) });
const newName = z.object({
  name: z
    .string()
    .regex(/^[a-z][a-z0-9-]{0,62}$/, "A block is named by lower-case letters, digits and dashes, a letter first"),
});
const conditions = z.looseObject({ "if-match": z.string().optional(), "if-none-match": z.string().optional() });

const etag = (block: Block) => `"${block.version}"`;

export function registerBlockRoutes(app: FastifyInstance, deps: BlockDeps): void {
  registerReading(app, deps);
  registerEditing(app, deps);
}

function registerReading(plain: FastifyInstance, { db }: BlockDeps): void {
  const app = plain.withTypeProvider<ZodTypeProvider>();

  app.route({
    method: "GET",
    url: "/blocks",
    schema: {
      tags: TAGS,
      summary: "Personalisation blocks, built-in and own, by name",
      querystring: z.object(pageQuery),
      response: { 200: pageOf(blockAnswerSchema), ...problems(422) },
    },
    handler: async ({ query }) => {
      const blocks = await listBlocks(db, query.cursor ?? "", query.limit + 1);
      return toPage(blocks, query.limit, (last) => last.name);
    },
  });

  app.route({
    method: "GET",
    url: "/blocks/:name",
    schema: {
      tags: TAGS,
      summary: "One block",
      params: anyName,
      response: { 200: blockAnswerSchema, ...problems(404) },
    },
    handler: async ({ params }, reply) => {
      const block = await readBlock(db, params.name);
      if (!block) throw appError("not-found", { what: "block", id: params.name });
      return reply.header("etag", etag(block)).send(block);
    },
  });
}

function registerEditing(plain: FastifyInstance, { db, now }: BlockDeps): void {
  const app = plain.withTypeProvider<ZodTypeProvider>();

  app.route({
    method: "PUT",
    url: "/blocks/:name",
    schema: {
      tags: TAGS,
      summary: "Create a block or replace it",
      description:
        "If-Match: the version that was read; If-None-Match: * only creates. Content is checked here; messages that were analysed before keep the block as it was.",
      params: newName,
      headers: conditions,
      body: blockSchema,
      response: { 200: blockAnswerSchema, 201: blockAnswerSchema, ...problems(409, 412, 422) },
    },
    handler: async ({ params, body, headers }, reply) => {
      const seen = headers["if-none-match"]?.trim() === "*" ? 0 : readIfMatch(headers["if-match"]);
      const block = await saveBlock(db, { name: params.name, ...body }, seen, now());
      return reply
        .code(block.version === 1 ? 201 : 200)
        .header("etag", etag(block))
        .send(block);
    },
  });

  app.route({
    method: "DELETE",
    url: "/blocks/:name",
    schema: {
      tags: TAGS,
      summary: "Delete a block that no other block contains",
      description: "Deliveries that are still edited and name it get an error from their analysis.",
      params: anyName,
      headers: conditions,
      response: { 204: z.undefined().describe("Deleted"), ...problems(404, 409, 412) },
    },
    handler: async ({ params, headers }, reply) => {
      await removeBlock(db, params.name, readIfMatch(headers["if-match"]));
      return reply.code(204).send();
    },
  });
}
