/** The API of plans: when a delivery ends at each provider, what binds, and what it became. */
import type { FastifyInstance } from "fastify";
import type { ZodTypeProvider } from "fastify-type-provider-zod";

import { planSchema } from "../../contract/responses-shaping.ts";
import { idParams, problems } from "../../contract/responses.ts";
import type { Instant } from "../../core/time.ts";
import type { Db } from "../../platform/db.ts";
import { appError } from "../../platform/errors.ts";
import { readId } from "../../platform/paging.ts";
import type { PlanDeps } from "./load-ground.ts";
import { makePlan } from "./make-plan.ts";
import { findPlan } from "./store.ts";

const TAGS = ["shaping"];

export function registerPlanRoutes(
  plain: FastifyInstance,
  { db, now, ...deps }: PlanDeps & { readonly db: Db; readonly now: () => Instant },
): void {
  const app = plain.withTypeProvider<ZodTypeProvider>();

  app.route({
    method: "POST",
    url: "/deliveries/:id/plan",
    schema: {
      tags: TAGS,
      summary: "Plan what is left of a delivery: start, end, messages an hour and what binds, by provider",
      description:
        "Lanes are simulated with today's limits, warm-up, backlog and recent acceptance. Of a delivery that has begun, the plan it began with is kept.",
      params: idParams,
      response: { 200: planSchema, ...problems(404, 409) },
    },
    handler: ({ params }) => makePlan(db, readId(params.id, "delivery"), deps, now()),
  });

  app.route({
    method: "GET",
    url: "/deliveries/:id/plan",
    schema: {
      tags: TAGS,
      summary: "The last plan of a delivery, and what it became once it is over",
      params: idParams,
      response: { 200: planSchema, ...problems(404) },
    },
    handler: async ({ params }) => {
      const plan = await findPlan(db, readId(params.id, "delivery"));
      if (plan === null) throw appError("not-found", { what: "plan of delivery", id: params.id });
      return plan;
    },
  });
}
