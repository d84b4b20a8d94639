/** The API of published templates: what single messages may be made from. */
import type { FastifyInstance } from "fastify";
import type { ZodTypeProvider } from "fastify-type-provider-zod";
import { z } from "zod";

import { idParams, pageOf, pageQuery, problems } from "../../contract/responses.ts";
import { publishedTemplateSchema } from "../../contract/responses-single-messages.ts";
import type { Instant } from "../../core/time.ts";
import type { Db } from "../../platform/db.ts";
import { appError } from "../../platform/errors.ts";
import { readId, readNumberCursor, toPage } from "../../platform/paging.ts";
import { refuseField } from "../deliveries/index.ts";
import { findTemplate } from "../templates/index.ts";
import { listPublished, publishTemplate, unpublishTemplate } from "./publish-store.ts";

const TAGS = ["messages"];

export function registerPublishRoutes(plain: FastifyInstance, { db, now }: { db: Db; now: () => Instant }): void {
  const app = plain.withTypeProvider<ZodTypeProvider>();

  app.route({
    method: "GET",
    url: "/templates/published",
    schema: {
      tags: TAGS,
      summary: "Templates that single messages may be made from, with the version that is published",
      querystring: z.object(pageQuery),
      response: { 200: pageOf(publishedTemplateSchema), ...problems(422) },
    },
    handler: async ({ query }) => {
      const rows = await listPublished(db, readNumberCursor(query.cursor) ?? 0, query.limit + 1);
      return toPage(rows, query.limit, (last) => last.template);
    },
  });

  app.route({
    method: "POST",
    url: "/templates/:id/actions/publish",
    config: { idempotent: "body" },
    schema: {
      tags: TAGS,
      summary: "Single messages are made from the template as it is now",
      description:
        "Later changes count when it is published again. ignoreDenylist: its messages go to people on the denylist too; only for templates of the nature `service`, because it sets aside that people want no mail.",
      params: idParams,
      body: z.strictObject({ ignoreDenylist: z.boolean().default(false) }).nullish(),
      response: { 202: publishedTemplateSchema, ...problems(404, 422) },
    },
    handler: async ({ params, body, operator }, reply) => {
      const id = readId(params.id, "template");
      const ignoreDenylist = body?.ignoreDenylist ?? false;
      const template = await findTemplate(db, id);
      if (ignoreDenylist && template?.settings.nature === "marketing") {
        refuseField("/ignoreDenylist", "marketing", "Marketing never goes to people who asked for no more mail");
      }
      const published = await publishTemplate(db, id, { actor: operator.label, ignoreDenylist }, now());
      if (published === null) throw appError("not-found", { what: "template", id });
      return reply.code(202).send(published);
    },
  });

  app.route({
    method: "POST",
    url: "/templates/:id/actions/unpublish",
    schema: {
      tags: TAGS,
      summary: "No more single messages are made from the template",
      description: "Those that were accepted are still sent.",
      params: idParams,
      response: { 204: z.undefined().describe("Not published any more"), ...problems(404) },
    },
    handler: async ({ params }, reply) => {
      const id = readId(params.id, "template");
      if (!(await unpublishTemplate(db, id))) throw appError("not-found", { what: "published template", id });
      return reply.code(204).send();
    },
  });
}
