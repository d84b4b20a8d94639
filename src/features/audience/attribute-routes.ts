/** The API of declared attributes. */
import { z } from "zod";
import type { FastifyInstance } from "fastify";
import type { ZodTypeProvider } from "fastify-type-provider-zod";

import {
  attributeChangeSchema,
  attributeCheckSchema,
  attributeCreateSchema,
  type AttributeDeclaration,
} from "../../contract/audience-attributes.ts";
import {
  attributeCheckAnswerSchema,
  attributeCoverageSchema,
  declaredAttributeSchema,
} from "../../contract/responses-attributes.ts";
import { pageOf, problems } from "../../contract/responses.ts";
import type { Attribute } from "../../core/audience/attribute.ts";
import { readIfMatch } from "../../platform/if-match.ts";
import {
  attributeCoverage,
  changeAttribute,
  checkAttribute,
  createAttribute,
  mustFindAttribute,
  presentAttribute,
  removeAttribute,
} from "./attributes.ts";
import { listAttributes } from "./attribute-store.ts";
import type { AudienceDeps } from "./audience-deps.ts";
import { wakeWorker } from "./work.ts";

const TAGS = ["audience"];
const params = z.object({ name: z.string() });
const conditions = z.looseObject({ "if-match": z.string().optional() });

export function registerAttributes(app: FastifyInstance, deps: AudienceDeps): void {
  registerReading(app, deps);
  registerDeclaring(app, deps);
}

function registerReading(plain: FastifyInstance, { db }: AudienceDeps): void {
  const app = plain.withTypeProvider<ZodTypeProvider>();

  app.route({
    method: "GET",
    url: "/attributes",
    schema: {
      tags: TAGS,
      summary: "Declared attributes of recipients, by name",
      response: { 200: pageOf(declaredAttributeSchema), ...problems() },
    },
    handler: async () => ({ data: (await listAttributes(db)).map(presentAttribute), nextCursor: null }),
  });

  app.route({
    method: "GET",
    url: "/attributes/coverage",
    schema: {
      tags: TAGS,
      summary: "Names of attributes in use, declared or not, with the share of people who have a value",
      description: "Of many recipients a sample of some 10,000 is looked at; `complete` says so.",
      response: { 200: attributeCoverageSchema, ...problems() },
    },
    handler: () => attributeCoverage(db),
  });

  app.route({
    method: "GET",
    url: "/attributes/:name",
    schema: {
      tags: TAGS,
      summary: "One declared attribute",
      params,
      response: { 200: declaredAttributeSchema, ...problems(404) },
    },
    handler: async ({ params: { name } }, reply) => {
      const shown = presentAttribute(await mustFindAttribute(db, name));
      return reply.header("etag", `"${shown.version}"`).send(shown);
    },
  });

  app.route({
    method: "POST",
    url: "/attributes/actions/check",
    schema: {
      tags: TAGS,
      summary: "What a declaration would make of the values that recipients have; changes nothing",
      body: attributeCheckSchema,
      response: { 200: attributeCheckAnswerSchema, ...problems(422) },
    },
    handler: ({ body }) => checkAttribute(db, attributeOf(body.name, body), body),
  });
}

function registerDeclaring(plain: FastifyInstance, { db, now }: AudienceDeps): void {
  const app = plain.withTypeProvider<ZodTypeProvider>();

  app.route({
    method: "POST",
    url: "/attributes",
    config: { idempotent: "body" },
    schema: {
      tags: TAGS,
      summary: "Declare an attribute",
      description: "Values that recipients have already are read by the type and written anew.",
      body: attributeCreateSchema,
      response: { 201: declaredAttributeSchema, ...problems(409, 422) },
    },
    handler: async ({ body }, reply) => {
      const shown = presentAttribute(await createAttribute(db, attributeOf(body.name, body), body, now()));
      if (shown.indexed) await wakeWorker(db);
      const location = `/api/v1/attributes/${encodeURIComponent(shown.name)}`;
      return reply
        .code(201)
        .headers({ location, etag: `"${shown.version}"` })
        .send(shown);
    },
  });

  app.route({
    method: "PUT",
    url: "/attributes/:name",
    schema: {
      tags: TAGS,
      summary: "Declare an attribute anew",
      description:
        "If-Match: the version that was read. Where values of recipients do not fit the new type, 409 tells how many and which; POST /attributes/actions/check tells it before.",
      params,
      headers: conditions,
      body: attributeChangeSchema,
      response: { 200: declaredAttributeSchema, ...problems(404, 409, 412, 422) },
    },
    handler: async ({ params: { name }, headers, body }, reply) => {
      const seen = readIfMatch(headers["if-match"]);
      const shown = presentAttribute(await changeAttribute(db, attributeOf(name, body), body, seen, now()));
      await wakeWorker(db);
      return reply.header("etag", `"${shown.version}"`).send(shown);
    },
  });

  app.route({
    method: "DELETE",
    url: "/attributes/:name",
    schema: {
      tags: TAGS,
      summary: "Take a declaration back; values stay",
      params,
      headers: conditions,
      response: { 204: z.undefined().describe("Removed"), ...problems(404, 412) },
    },
    handler: async ({ params: { name }, headers }, reply) => {
      await removeAttribute(db, name, readIfMatch(headers["if-match"]));
      await wakeWorker(db);
      return reply.code(204).send();
    },
  });
}

function attributeOf(name: string, { type, label, values, indexed }: AttributeDeclaration): Attribute {
  return { name, type, label, ...(values === undefined ? {} : { values }), indexed };
}
