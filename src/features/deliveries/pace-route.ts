/** POST /deliveries/:id/actions/pace. */
import type { FastifyInstance } from "fastify";
import type { ZodTypeProvider } from "fastify-type-provider-zod";

import { deliverySchema, idParams, problems } from "../../contract/responses.ts";
import { paceSchema } from "../../contract/shaping.ts";
import type { Instant } from "../../core/time.ts";
import type { Db } from "../../platform/db.ts";
import { readId } from "../../platform/paging.ts";
import { refuse } from "./check-delivery.ts";
import { setPace } from "./set-pace.ts";

export function registerPaceRoute(plain: FastifyInstance, { db, now }: { db: Db; now: () => Instant }): void {
  plain.withTypeProvider<ZodTypeProvider>().route({
    method: "POST",
    url: "/deliveries/:id/actions/pace",
    config: { idempotent: "body" },
    schema: {
      tags: ["deliveries"],
      summary: "Change speed and priority, also while it is being sent",
      description:
        "speed: messages an hour, null for as fast as limits let. What is left out stays. The analysis stays valid; senders follow within a moment.",
      params: idParams,
      body: paceSchema,
      response: { 202: deliverySchema, ...problems(404, 409, 422) },
    },
    handler: async (request, reply) => {
      const { speed, priority } = request.body;
      if (speed === undefined && priority === undefined) {
        refuse([{ pointer: "/", code: "empty", message: "Speed or priority is needed" }]);
      }
      const id = readId(request.params.id, "delivery");
      return reply.code(202).send(await setPace(db, id, request.body, request.operator.label, now()));
    },
  });
}
