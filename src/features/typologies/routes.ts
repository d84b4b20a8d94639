/** The API of typologies, and rules tried before they are saved. */
import { z } from "zod";
import type { FastifyInstance } from "fastify";
import type { ZodTypeProvider } from "fastify-type-provider-zod";

import { idParams, pageOf, pageQuery, problems } from "../../contract/responses.ts";
import {
  ruleLanguageSchema,
  triedRuleSchema,
  typologyAnswerSchema,
  typologySummarySchema,
} from "../../contract/responses-typologies.ts";
import { duplicateTypologySchema, tryRuleSchema, type Typology, typologySchema } from "../../contract/typologies.ts";
import type { Instant } from "../../core/time.ts";
import type { Db } from "../../platform/db.ts";
import { readIfMatch } from "../../platform/if-match.ts";
import { readId, readNumberCursor, toPage } from "../../platform/paging.ts";
import type { ContentDeps } from "../content/index.ts";
import {
  createTypology,
  duplicateTypology,
  makeDefault,
  readTypology,
  removeTypology,
  replaceTypology,
} from "./save-typology.ts";
import { listTypologies } from "./store.ts";
import { listWords, tryRule } from "./try-rule.ts";

type TypologyDeps = { readonly db: Db; readonly now: () => Instant; readonly content: ContentDeps };

const TAGS = ["typologies"];
const conditions = z.looseObject({ "if-match": z.string().optional() });

export function registerTypologyRoutes(app: FastifyInstance, deps: TypologyDeps): void {
  registerCollection(app, deps);
  registerEditing(app, deps);
  registerActions(app, deps);
  registerTrying(app, deps);
}

const etag = (typology: Typology) => `"${typology.version}"`;
const headersOf = (typology: Typology) => ({
  location: `/api/v1/typologies/${typology.id}`,
  etag: etag(typology),
});

function registerCollection(plain: FastifyInstance, { db, now }: TypologyDeps): void {
  const app = plain.withTypeProvider<ZodTypeProvider>();

  app.route({
    method: "GET",
    url: "/typologies",
    schema: {
      tags: TAGS,
      summary: "Typologies, oldest first, without their rules",
      querystring: z.object(pageQuery),
      response: { 200: pageOf(typologySummarySchema), ...problems(422) },
    },
    handler: async ({ query }) => {
      const typologies = await listTypologies(db, readNumberCursor(query.cursor), query.limit + 1);
      return toPage(typologies, query.limit, (last) => last.id);
    },
  });

  app.route({
    method: "POST",
    url: "/typologies",
    config: { idempotent: "body" },
    schema: {
      tags: TAGS,
      summary: "Create a typology",
      description: "Rules that come with Envoi and are not given are as they come.",
      body: typologySchema,
      response: { 201: typologyAnswerSchema, ...problems(409, 422) },
    },
    handler: async ({ body }, reply) => {
      const typology = await createTypology(db, body, now());
      return reply.code(201).headers(headersOf(typology)).send(typology);
    },
  });
}

function registerEditing(plain: FastifyInstance, { db, now }: TypologyDeps): void {
  const app = plain.withTypeProvider<ZodTypeProvider>();

  app.route({
    method: "GET",
    url: "/typologies/:id",
    schema: {
      tags: TAGS,
      summary: "One typology with all its rules",
      params: idParams,
      response: { 200: typologyAnswerSchema, ...problems(404) },
    },
    handler: async ({ params }, reply) => {
      const typology = await readTypology(db, readId(params.id, "typology"));
      return reply.header("etag", etag(typology)).send(typology);
    },
  });

  app.route({
    method: "PUT",
    url: "/typologies/:id",
    schema: {
      tags: TAGS,
      summary: "Replace a typology with all its rules",
      description:
        "A rule with the id that it has keeps it; one left out is gone. If-Match: the version that was read. What was analysed stays; the next analysis goes by the new rules.",
      params: idParams,
      headers: conditions,
      body: typologySchema,
      response: { 200: typologyAnswerSchema, ...problems(404, 409, 412, 422) },
    },
    handler: async ({ params, body, headers }, reply) => {
      const seen = readIfMatch(headers["if-match"]);
      const typology = await replaceTypology(db, readId(params.id, "typology"), body, seen, now());
      return reply.header("etag", etag(typology)).send(typology);
    },
  });

  app.route({
    method: "DELETE",
    url: "/typologies/:id",
    schema: {
      tags: TAGS,
      summary: "Delete a typology",
      description: "Refused while a delivery that is not over or a template names it, and while it is the default.",
      params: idParams,
      headers: conditions,
      response: { 204: z.undefined().describe("Deleted"), ...problems(404, 409, 412) },
    },
    handler: async ({ params, headers }, reply) => {
      await removeTypology(db, readId(params.id, "typology"), readIfMatch(headers["if-match"]));
      return reply.code(204).send();
    },
  });
}

function registerActions(plain: FastifyInstance, { db, now }: TypologyDeps): void {
  const app = plain.withTypeProvider<ZodTypeProvider>();

  app.route({
    method: "POST",
    url: "/typologies/:id/actions/duplicate",
    config: { idempotent: "body" },
    schema: {
      tags: TAGS,
      summary: "A typology of one's own with the same rules",
      params: idParams,
      body: duplicateTypologySchema,
      response: { 201: typologyAnswerSchema, ...problems(404, 409, 422) },
    },
    handler: async ({ params, body }, reply) => {
      const typology = await duplicateTypology(db, readId(params.id, "typology"), body?.name, now());
      return reply.code(201).headers(headersOf(typology)).send(typology);
    },
  });

  app.route({
    method: "POST",
    url: "/typologies/:id/actions/make-default",
    schema: {
      tags: TAGS,
      summary: "Make it that of deliveries that name none",
      params: idParams,
      response: { 200: typologyAnswerSchema, ...problems(404) },
    },
    handler: async ({ params }, reply) => {
      const typology = await makeDefault(db, readId(params.id, "typology"), now());
      return reply.header("etag", etag(typology)).send(typology);
    },
  });
}

function registerTrying(plain: FastifyInstance, { db, now, content }: TypologyDeps): void {
  const app = plain.withTypeProvider<ZodTypeProvider>();

  app.route({
    method: "GET",
    url: "/typologies/language",
    schema: {
      tags: TAGS,
      summary: "What expressions of control rules can name",
      response: { 200: ruleLanguageSchema, ...problems() },
    },
    handler: () => Promise.resolve(listWords()),
  });

  app.route({
    method: "POST",
    url: "/typologies/rules/try",
    schema: {
      tags: TAGS,
      summary: "What the expression of a control rule says of a delivery",
      description: "Saves nothing. Counts are those of the delivery's last analysis.",
      body: tryRuleSchema,
      response: { 200: triedRuleSchema, ...problems(404, 422) },
    },
    handler: ({ body }) => tryRule(db, body, content, now()),
  });
}
