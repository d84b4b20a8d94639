/** A delivery that goes on to new recipients: POST /deliveries/:id/actions/continue, and what became of it. */
import type { FastifyInstance } from "fastify";
import type { ZodTypeProvider } from "fastify-type-provider-zod";
import { z } from "zod";

import { additionSchema, continueSchema } from "../../contract/additions.ts";
import { deliverySchema, idParams, pageOf, pageQuery, problems } from "../../contract/responses.ts";
import type { Instant } from "../../core/time.ts";
import type { Db } from "../../platform/db.ts";
import { readNumberCursor, toPage } from "../../platform/paging.ts";
import type { Lifecycle } from "./action-routes.ts";
import { listAdditions } from "./additions-store.ts";
import { askToContinue } from "./continue-delivery.ts";
import { showDelivery } from "./show-delivery.ts";
import { mustFind } from "./store.ts";

type Deps = { readonly db: Db; readonly now: () => Instant; readonly lifecycle: Pick<Lifecycle, "enqueueAddition"> };

const TAGS = ["deliveries"];

export function registerContinueRoutes(plain: FastifyInstance, { db, now, lifecycle }: Deps): void {
  const app = plain.withTypeProvider<ZodTypeProvider>();
  app.route({
    method: "POST",
    url: "/deliveries/:id/actions/continue",
    config: { idempotent: "body" },
    schema: {
      tags: TAGS,
      summary: "Go on to new recipients, with the same content",
      description:
        "Of a delivery that is in progress, paused or finished, within its validity period. Returns before they are added. Exclusions and the rules of the typology apply to them; whoever has a message of this delivery gets no other one, unless `again` says so.",
      params: idParams,
      body: continueSchema,
      response: { 202: deliverySchema, ...problems(403, 404, 409, 422) },
    },
    handler: async (request, reply) => {
      const { id } = await mustFind(db, request.params.id);
      const enqueue = lifecycle.enqueueAddition ?? (() => Promise.resolve());
      await askToContinue(db, id, { ...request.body, person: request.operator }, enqueue, now());
      return reply.code(202).send(await showDelivery(db, request.params.id));
    },
  });
  app.route({
    method: "GET",
    url: "/deliveries/:id/additions",
    schema: {
      tags: TAGS,
      summary: "Recipients that were added since the delivery began, the latest first",
      params: idParams,
      querystring: z.object(pageQuery),
      response: { 200: pageOf(additionSchema), ...problems(404, 422) },
    },
    handler: async ({ params, query }) => {
      const { id } = await mustFind(db, params.id);
      const additions = await listAdditions(db, id, readNumberCursor(query.cursor), query.limit + 1);
      return toPage(additions, query.limit, (last) => last.id);
    },
  });
}
