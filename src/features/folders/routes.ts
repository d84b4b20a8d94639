/** The API of folders. */
import { z } from "zod";
import type { FastifyInstance } from "fastify";
import type { ZodTypeProvider } from "fastify-type-provider-zod";

import { folderChangeSchema, folderSchema, folderTreeSchema } from "../../contract/index.ts";
import { folderAnswerSchema } from "../../contract/responses-folders.ts";
import { idParams, pageOf, problems } from "../../contract/responses.ts";
import type { Instant } from "../../core/time.ts";
import type { Db } from "../../platform/db.ts";
import { readIfMatch } from "../../platform/if-match.ts";
import { readId } from "../../platform/paging.ts";
import { changeFolder, createFolder, listFolders, removeFolder } from "./save-folder.ts";

const TAGS = ["folders"];
const conditions = z.looseObject({ "if-match": z.string().optional() });

export function registerFolderRoutes(
  plain: FastifyInstance,
  { db, now }: { readonly db: Db; readonly now: () => Instant },
): void {
  const app = plain.withTypeProvider<ZodTypeProvider>();

  app.route({
    method: "GET",
    url: "/folders",
    schema: {
      tags: TAGS,
      summary: "All folders of templates or of deliveries, each after the one that it is in",
      querystring: z.object({ tree: folderTreeSchema }),
      response: { 200: pageOf(folderAnswerSchema), ...problems(422) },
    },
    handler: async ({ query }) => ({ data: await listFolders(db, query.tree), nextCursor: null }),
  });

  app.route({
    method: "POST",
    url: "/folders",
    config: { idempotent: "body" },
    schema: {
      tags: TAGS,
      summary: "Create a folder",
      description: "Up to 10 levels and 1,000 folders; names differ among those that are in the same folder.",
      body: folderSchema,
      response: { 201: folderAnswerSchema, ...problems(409, 422) },
    },
    handler: async ({ body }, reply) => {
      const folder = await createFolder(db, body, now());
      return reply.code(201).header("etag", `"${folder.version}"`).send(folder);
    },
  });

  app.route({
    method: "PATCH",
    url: "/folders/:id",
    schema: {
      tags: TAGS,
      summary: "Rename or move a folder, with all that is in it",
      params: idParams,
      headers: conditions,
      body: folderChangeSchema,
      response: { 200: folderAnswerSchema, ...problems(404, 412, 422) },
    },
    handler: async ({ params, body, headers }, reply) => {
      const seen = readIfMatch(headers["if-match"]);
      const folder = await changeFolder(db, readId(params.id, "folder"), body, seen, now());
      return reply.header("etag", `"${folder.version}"`).send(folder);
    },
  });

  app.route({
    method: "DELETE",
    url: "/folders/:id",
    schema: {
      tags: TAGS,
      summary: "Delete an empty folder",
      params: idParams,
      headers: conditions,
      response: { 204: z.undefined().describe("Deleted"), ...problems(404, 409, 412) },
    },
    handler: async ({ params, headers }, reply) => {
      await removeFolder(db, readId(params.id, "folder"), readIfMatch(headers["if-match"]));
      return reply.code(204).send();
    },
  });
}
