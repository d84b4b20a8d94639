/** POST /deliveries/:id/actions/approve and reject; GET /approvals. */
import { z } from "zod";
import type { FastifyInstance } from "fastify";
import type { ZodTypeProvider } from "fastify-type-provider-zod";

import { decisionSchema, type WaitingApproval } from "../../contract/approvals.ts";
import { waitingApprovalSchema } from "../../contract/responses-approvals.ts";
import { deliverySchema, idParams, pageOf, pageQuery, problems } from "../../contract/responses.ts";
import { formatInstant, type Instant } from "../../core/time.ts";
import type { Db } from "../../platform/db.ts";
import { readNumberCursor, toPage } from "../../platform/paging.ts";
import type { Lifecycle } from "./action-routes.ts";
import { type Decider, decide } from "./approvals.ts";
import { listWaiting } from "./approvals-store.ts";
import { showDelivery } from "./show-delivery.ts";
import { mustFind } from "./store.ts";

type Deps = { readonly db: Db; readonly now: () => Instant; readonly lifecycle: Pick<Lifecycle, "startAt"> };

const VERBS = {
  approve: { state: "approved", summary: "Approve the target, the content or the start of a delivery" },
  reject: { state: "rejected", summary: "Reject the target, the content or the start of a delivery" },
} as const;

export function registerApprovalRoutes(plain: FastifyInstance, deps: Deps): void {
  registerWaiting(plain, deps);
  registerDecisions(plain, deps);
}

function registerWaiting(plain: FastifyInstance, { db }: Deps): void {
  plain.withTypeProvider<ZodTypeProvider>().route({
    method: "GET",
    url: "/approvals",
    schema: {
      tags: ["deliveries"],
      summary: "What deliveries wait for before they may start, longest first",
      querystring: z.object({
        ...pageQuery,
        mine: z
          .enum(["true", "false"])
          .default("false")
          .describe(
            "true: only what you are asked for, by name or in a group; not what you could decide by having all rights",
          ),
      }),
      response: { 200: pageOf(waitingApprovalSchema), ...problems(422) },
    },
    handler: async ({ query, operator }) => {
      const asked = query.mine === "true" ? namesOf(operator) : null;
      const rows = await listWaiting(db, asked, readNumberCursor(query.cursor) ?? 0, query.limit + 1);
      const { data, nextCursor } = toPage(rows, query.limit, (last) => String(last.id));
      return { data: data.map(present), nextCursor };
    },
  });
}

const namesOf = ({ operatorId, groupIds }: Decider) => ({
  operator: operatorId === null ? null : String(operatorId),
  groups: groupIds.map(String),
});

const present = (row: Awaited<ReturnType<typeof listWaiting>>[number]): WaitingApproval => ({
  delivery: { id: String(row.delivery_id), label: row.label, toDeliver: row.to_deliver },
  kind: row.kind,
  askedAt: formatInstant(row.asked_at),
  askedBy: row.asked_by,
  deadline: formatInstant(row.deadline),
});

function registerDecisions(plain: FastifyInstance, { db, now, lifecycle }: Deps): void {
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
