/** The API of templates beyond their fields: their properties one by one, and the delivery that is made of one and analysed at once. */
import type { FastifyInstance } from "fastify";
import type { ZodTypeProvider } from "fastify-type-provider-zod";
import { z } from "zod";

import { newDeliverySchema, propertyListSchema, propertyWishSchema } from "../../contract/index.ts";
import { deliverySchema, idParams, problems } from "../../contract/responses.ts";
import type { Instant } from "../../core/time.ts";
import type { Db } from "../../platform/db.ts";
import { readIfMatch } from "../../platform/if-match.ts";
import { readId } from "../../platform/paging.ts";
import { createDelivery, type DeliveryDeps, mayStart, readDelivery } from "../deliveries/index.ts";
import { hasRight } from "../operators/index.ts";
import { fillIn } from "./fill-in.ts";
import { changeTemplate, listTemplateProperties } from "./properties.ts";
import { readTemplate } from "./save-template.ts";

export type ExecuteDeps = {
  readonly db: Db;
  readonly now: () => Instant;
  /** Takes the delivery for analysis. */
  readonly analyse: DeliveryDeps["lifecycle"]["analyse"];
};

const TAGS = ["templates"];
const executeSchema = newDeliverySchema
  .omit({ template: true })
  .extend({ label: newDeliverySchema.shape.label.optional().describe("absent: that of the template") });

export function registerTemplateProperties(plain: FastifyInstance, { db, now, analyse }: ExecuteDeps): void {
  const app = plain.withTypeProvider<ZodTypeProvider>();
  const url = "/templates/:id/properties";

  app.route({
    method: "GET",
    url,
    schema: {
      tags: TAGS,
      summary: "All properties of a template: what it sets, and what the platform says of the others",
      params: idParams,
      response: { 200: propertyListSchema, ...problems(404) },
    },
    handler: async ({ params }, reply) => {
      const list = await listTemplateProperties(db, readId(params.id, "template"));
      return reply.header("etag", `"${list.version}"`).send(list);
    },
  });

  app.route({
    method: "PATCH",
    url,
    schema: {
      tags: TAGS,
      summary: "Set some properties of a template, or none of its own again",
      description:
        'By path: {"settings.validity": "2d", "settings.pool": null}; with null the template says nothing about it. If-Match: the version that was read.',
      params: idParams,
      headers: z.looseObject({ "if-match": z.string().optional() }),
      body: propertyWishSchema,
      response: { 200: propertyListSchema, ...problems(404, 409, 412, 422) },
    },
    handler: async ({ params, body, headers }, reply) => {
      const id = readId(params.id, "template");
      await changeTemplate(db, id, body, readIfMatch(headers["if-match"]), now());
      const list = await listTemplateProperties(db, id);
      return reply.header("etag", `"${list.version}"`).send(list);
    },
  });

  app.route({
    method: "POST",
    url: "/templates/:id/actions/execute",
    config: { idempotent: "body" },
    schema: {
      tags: TAGS,
      summary: "Make a delivery of the template and analyse it",
      description:
        "The body is that of a new delivery; a template has no audience, so there has to be one. What happens after the analysis, the delivery's approval mode says.",
      params: idParams,
      body: executeSchema,
      response: { 202: deliverySchema, ...problems(404, 409, 422) },
    },
    handler: async ({ params, body, operator }, reply) => {
      const template = await readTemplate(db, readId(params.id, "template"));
      const asked = { ...body, label: body.label ?? template.label, template: template.id };
      const { delivery, inherited } = await fillIn(db, asked);
      const { id } = await createDelivery(db, delivery, operator.label, now(), inherited);
      const starts = hasRight(operator, "deliveries.start") && (await mayStart(db, Number(id), operator));
      await analyse(db, Number(id), operator.label, now(), starts);
      return reply
        .code(202)
        .header("location", `/api/v1/deliveries/${id}`)
        .send(await readDelivery(db, id));
    },
  });
}
