/** The API of templates, and the action that makes one of a delivery. */
import { z } from "zod";
import type { FastifyInstance } from "fastify";
import type { ZodTypeProvider } from "fastify-type-provider-zod";

import { generalFilters, templateSchema, type ContentProblem, type Template } from "../../contract/index.ts";
import { templateAnswerSchema, templateSummarySchema } from "../../contract/responses-templates.ts";
import { idParams, pageOf, pageQuery, problems } from "../../contract/responses.ts";
import type { Instant } from "../../core/time.ts";
import type { Db } from "../../platform/db.ts";
import { readIfMatch } from "../../platform/if-match.ts";
import { readId, readNumberCursor, toPage } from "../../platform/paging.ts";
import { asDelivery, ownProblems, type WholeFields } from "./check-template.ts";
import {
  createTemplate,
  duplicateTemplate,
  readTemplate,
  removeTemplate,
  replaceTemplate,
  saveAsTemplate,
} from "./save-template.ts";
import { listTemplates } from "./store.ts";

type TemplateDeps = {
  readonly db: Db;
  readonly now: () => Instant;
  /** What is wrong with the content of a delivery that is made from it; from features/content. */
  readonly checkContent: (fields: WholeFields) => Promise<ContentProblem[]>;
};

const TAGS = ["templates"];
const conditions = z.looseObject({ "if-match": z.string().optional() });
const label = templateSchema.shape.label;

export function registerTemplateRoutes(app: FastifyInstance, deps: TemplateDeps): void {
  registerCollection(app, deps);
  registerEditing(app, deps);
  registerCopying(app, deps);
}

const headersOf = (template: Template) => ({
  location: `/api/v1/templates/${template.id}`,
  etag: etag(template),
});
const etag = (template: Template) => `"${template.version}"`;

async function withProblems(template: Template, { checkContent }: TemplateDeps): Promise<Template> {
  return { ...template, contentProblems: ownProblems(template, await checkContent(asDelivery(template))) };
}

function registerCollection(plain: FastifyInstance, deps: TemplateDeps): void {
  const app = plain.withTypeProvider<ZodTypeProvider>();
  const { db, now } = deps;

  app.route({
    method: "GET",
    url: "/templates",
    schema: {
      tags: TAGS,
      summary: "Templates, newest first, without what they set",
      querystring: z.object({ ...pageQuery, ...generalFilters }),
      response: { 200: pageOf(templateSummarySchema), ...problems(422) },
    },
    handler: async ({ query }) => {
      const templates = await listTemplates(db, query, readNumberCursor(query.cursor), query.limit + 1);
      return toPage(templates, query.limit, (last) => last.id);
    },
  });

  app.route({
    method: "POST",
    url: "/templates",
    config: { idempotent: "body" },
    schema: {
      tags: TAGS,
      summary: "Create a template",
      description:
        "Only what is given is kept. For all else a delivery made from it has its own values or the defaults.",
      body: templateSchema,
      response: { 201: templateAnswerSchema, ...problems(409, 422) },
    },
    handler: async ({ body }, reply) => {
      const template = await createTemplate(db, body, now());
      return reply
        .code(201)
        .headers(headersOf(template))
        .send(await withProblems(template, deps));
    },
  });
}

function registerEditing(plain: FastifyInstance, deps: TemplateDeps): void {
  const app = plain.withTypeProvider<ZodTypeProvider>();
  const { db, now } = deps;

  app.route({
    method: "GET",
    url: "/templates/:id",
    schema: {
      tags: TAGS,
      summary: "One template",
      params: idParams,
      response: { 200: templateAnswerSchema, ...problems(404) },
    },
    handler: async ({ params }, reply) => {
      const template = await readTemplate(db, readId(params.id, "template"));
      return reply.header("etag", etag(template)).send(await withProblems(template, deps));
    },
  });

  app.route({
    method: "PUT",
    url: "/templates/:id",
    schema: {
      tags: TAGS,
      summary: "Replace a template",
      description:
        "A field left out is no longer set. If-Match: the version that was read. Deliveries that are there already do not change.",
      params: idParams,
      headers: conditions,
      body: templateSchema,
      response: { 200: templateAnswerSchema, ...problems(404, 409, 412, 422) },
    },
    handler: async ({ params, body, headers }, reply) => {
      const seen = readIfMatch(headers["if-match"]);
      const template = await replaceTemplate(db, readId(params.id, "template"), body, seen, now());
      return reply.header("etag", etag(template)).send(await withProblems(template, deps));
    },
  });

  app.route({
    method: "DELETE",
    url: "/templates/:id",
    schema: {
      tags: TAGS,
      summary: "Delete a template",
      description: "Deliveries that were made from it stay as they are.",
      params: idParams,
      headers: conditions,
      response: { 204: z.undefined().describe("Deleted"), ...problems(404, 409, 412) },
    },
    handler: async ({ params, headers }, reply) => {
      await removeTemplate(db, readId(params.id, "template"), readIfMatch(headers["if-match"]));
      return reply.code(204).send();
    },
  });
}

function registerCopying(plain: FastifyInstance, deps: TemplateDeps): void {
  const app = plain.withTypeProvider<ZodTypeProvider>();
  const { db, now } = deps;

  app.route({
    method: "POST",
    url: "/templates/:id/actions/duplicate",
    config: { idempotent: "body" },
    schema: {
      tags: TAGS,
      summary: "A template of one's own that says the same",
      params: idParams,
      body: z.strictObject({ label: label.optional() }).nullish(),
      response: { 201: templateAnswerSchema, ...problems(404, 409, 422) },
    },
    handler: async ({ params, body }, reply) => {
      const template = await duplicateTemplate(db, readId(params.id, "template"), body?.label, now());
      return reply
        .code(201)
        .headers(headersOf(template))
        .send(await withProblems(template, deps));
    },
  });

  app.route({
    method: "POST",
    url: "/deliveries/:id/actions/save-as-template",
    config: { idempotent: "body" },
    schema: {
      tags: TAGS,
      summary: "Make a template of a delivery's content, sender and settings",
      params: idParams,
      body: z.strictObject({ label, folder: templateSchema.shape.folder }),
      response: { 201: templateAnswerSchema, ...problems(404, 409, 422) },
    },
    handler: async ({ params, body }, reply) => {
      const template = await saveAsTemplate(db, readId(params.id, "delivery"), body, now());
      return reply
        .code(201)
        .headers(headersOf(template))
        .send(await withProblems(template, deps));
    },
  });
}
