/** The API of analyses that run, and of what they have taken of capacities. */
import type { FastifyInstance } from "fastify";
import type { ZodTypeProvider } from "fastify-type-provider-zod";
import { z } from "zod";

import { deliverySchema, idParams, problems } from "../../contract/responses.ts";
import { capacityUseSchema } from "../../contract/responses-typologies.ts";
import type { Instant } from "../../core/time.ts";
import type { Db } from "../../platform/db.ts";
import { readId } from "../../platform/paging.ts";
import { readDelivery } from "../deliveries/index.ts";
import { cancelAnalysis } from "./cancel-analysis.ts";
import { readCapacityUse } from "./capacity-use.ts";

export function registerAnalysisRoutes(
  plain: FastifyInstance,
  { db, now }: { readonly db: Db; readonly now: () => Instant },
): void {
  const app = plain.withTypeProvider<ZodTypeProvider>();

  app.route({
    method: "POST",
    url: "/deliveries/:id/actions/cancel-analysis",
    config: { idempotent: "body" },
    schema: {
      tags: ["deliveries"],
      summary: "End the analysis that runs; the delivery is a draft again",
      params: idParams,
      response: { 202: deliverySchema, ...problems(404, 409, 422) },
    },
    handler: async (request, reply) => {
      await cancelAnalysis(db, readId(request.params.id, "delivery"), request.operator.label, now());
      return reply.code(202).send(await readDelivery(db, request.params.id));
    },
  });

  app.route({
    method: "GET",
    url: "/typologies/:id/capacity",
    schema: {
      tags: ["typologies"],
      summary: "What deliveries take of the periods of its capacity rules",
      description: "Deliveries that are analysed or began; messages that were cancelled are given back.",
      params: idParams,
      response: { 200: z.object({ data: z.array(capacityUseSchema) }), ...problems(404) },
    },
    handler: async ({ params }) => ({ data: await readCapacityUse(db, readId(params.id, "typology")) }),
  });
}
