/** Dates on which deliveries start, taking back what has not begun, going on with what failed: POST /deliveries/:id/actions/… */
import type { FastifyInstance } from "fastify";
import type { ZodTypeProvider } from "fastify-type-provider-zod";

import { retryFailedSchema, scheduleSchema } from "../../contract/deliveries-start.ts";
import { deliverySchema, idParams, problems } from "../../contract/responses.ts";
import type { Instant } from "../../core/time.ts";
import type { Db } from "../../platform/db.ts";
import type { Lifecycle } from "./action-routes.ts";
import { retryFailed } from "./retry-failed.ts";
import { showDelivery } from "./show-delivery.ts";
import { cancelConfirmation, scheduleDelivery, unscheduleDelivery } from "./start-delivery.ts";
import { mustFind } from "./store.ts";

type Deps = { readonly db: Db; readonly now: () => Instant; readonly lifecycle: Pick<Lifecycle, "startAt"> };

const TAGS = ["deliveries"];
const TAKING_BACK = {
  "cancel-confirm": ["Call a confirmation back before the delivery begins", cancelConfirmation],
  unschedule: ["Cancel the schedule; the delivery is ready again", unscheduleDelivery],
} as const;

export function registerStartRoutes(plain: FastifyInstance, { db, now, lifecycle }: Deps): void {
  const app = plain.withTypeProvider<ZodTypeProvider>();
  const response = { 202: deliverySchema, ...problems(404, 409, 422) };
  app.route({
    method: "POST",
    url: "/deliveries/:id/actions/schedule",
    config: { idempotent: "body" },
    schema: {
      tags: TAGS,
      summary: "Confirm a delivery for a date, or change the date",
      description:
        "at: date and time by the clocks of the zone, or an instant. A time that the clocks leave out is refused; of one that comes twice, occurrence says which. notLaterThan: after it the delivery does not start by itself; by default the tolerance of the settings after at.",
      params: idParams,
      body: scheduleSchema,
      response,
    },
    handler: async (request, reply) => {
      const { id } = await mustFind(db, request.params.id);
      const { startAt } = await scheduleDelivery(db, id, request.operator.label, now(), {
        ...request.body,
        notLaterThan: request.body.notLaterThan ?? null,
        onScreen: request.operator.sessionId !== null,
        person: request.operator,
      });
      await lifecycle.startAt?.(startAt);
      return reply.code(202).send(await showDelivery(db, request.params.id));
    },
  });
  app.route({
    method: "POST",
    url: "/deliveries/:id/actions/retry-failed",
    config: { idempotent: "body" },
    schema: {
      tags: TAGS,
      summary: "Try again what failed in a delivery that is over, within its validity period",
      description:
        "reasons: only what failed for one of these. Whoever is on the denylist or in quarantine by now is left out.",
      params: idParams,
      body: retryFailedSchema.nullish(),
      response,
    },
    handler: async (request, reply) => {
      const { id } = await mustFind(db, request.params.id);
      await retryFailed(db, id, request.body?.reasons ?? null, request.operator.label, now());
      return reply.code(202).send(await showDelivery(db, request.params.id));
    },
  });
  for (const verb of Object.keys(TAKING_BACK) as (keyof typeof TAKING_BACK)[]) {
    const [summary, act] = TAKING_BACK[verb];
    app.route({
      method: "POST",
      url: `/deliveries/:id/actions/${verb}`,
      config: { idempotent: "body" },
      schema: { tags: TAGS, summary, params: idParams, response },
      handler: async (request, reply) => {
        const { id } = await mustFind(db, request.params.id);
        await act(db, id, request.operator.label, now());
        return reply.code(202).send(await showDelivery(db, request.params.id));
      },
    });
  }
}
