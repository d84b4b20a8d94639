/** POST /deliveries/:id/actions/approve and reject. */
import type { FastifyInstance } from "fastify";
import type { ZodTypeProvider } from "fastify-type-provider-zod";

import { decisionSchema } from "../../contract/approvals.ts";
import { deliverySchema, idParams, problems } from "../../contract/responses.ts";
import type { Instant } from "../../core/time.ts";
import type { Db } from "../../platform/db.ts";
import type { Lifecycle } from "./action-routes.ts";
import { decide } from "./approvals.ts";
import { showDelivery } from "./show-delivery.ts";
import { mustFind } from "./store.ts";

type Deps = { readonly db: Db; readonly now: () => Instant; readonly lifecycle: Pick<Lifecycle, "startAt"> };

const VERBS = {
  approve: { state: "approved", summary: "Approve the target, the content or the start of a delivery" },
  reject: { state: "rejected", summary: "Reject the target, the content or the start of a delivery" },
} as const;

export function registerApprovalRoutes(plain: FastifyInstance, { db, now, lifecycle }: Deps): void {
  for (const verb of Object.keys(VERBS) as (keyof typeof VERBS)[]) {
    const { state, summary } = VERBS[verb];
    plain.withTypeProvider<ZodTypeProvider>().route({
      method: "POST",
      url: `/deliveries/:id/actions/${verb}`,
      config: { idempotent: "body" },
      schema: {
        tags: ["deliveries"],
        summary,
        description:
          "For whom the settings of the delivery name, and for whoever has all rights. The first decision counts; it lapses when what it was about changes.",
        params: idParams,
        body: decisionSchema,
        response: { 202: deliverySchema, ...problems(403, 404, 409, 422) },
      },
      handler: async (request, reply) => {
        const { id } = await mustFind(db, request.params.id);
        await decide(db, id, { ...request.body, state }, request.operator, now());
        const delivery = await showDelivery(db, request.params.id);
        if (delivery.state === "start-pending") await lifecycle.startAt?.(now());
        return reply.code(202).send(delivery);
      },
    });
  }
}
