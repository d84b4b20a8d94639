/** The actions on a delivery that need no body but for the confirmation: POST /deliveries/:id/actions/… */
import type { FastifyInstance, FastifyRequest } from "fastify";
import type { ZodTypeProvider } from "fastify-type-provider-zod";

import { confirmSchema } from "../../contract/deliveries-start.ts";
import { deliverySchema, idParams, problems } from "../../contract/responses.ts";
import { SECOND, type Instant } from "../../core/time.ts";
import type { Db, Queryable } from "../../platform/db.ts";
import { hasRight } from "../operators/index.ts";
import { duplicateDelivery } from "./duplicate-delivery.ts";
import { mayStart } from "./approvals.ts";
import { showDelivery } from "./show-delivery.ts";
import type { Confirmation } from "./start-delivery.ts";
import { mustFind } from "./store.ts";
import { nextStart } from "./waves-store.ts";
import { z } from "zod";

/** `mayStart`: whoever acts may start the delivery, too. */
type Act = (db: Db, id: number, actor: string, now: Instant, mayStart: boolean) => Promise<void | { onWire: number }>;

/** Each throws `not-found` or `action-not-allowed`. `analyse` returns before the analysis has ended. */
export type Lifecycle = Readonly<Record<"analyse" | "pause" | "resume" | "stop", Act>> & {
  readonly confirm: (db: Db, id: number, actor: string, now: Instant, wish: Confirmation) => Promise<void>;
  /** Something begins by itself at this time, or earlier than was known. */
  readonly startAt?: (at: Instant) => Promise<void>;
  /** Belongs into the transaction that asks for it. */
  readonly enqueueAddition?: (tx: Queryable, additionId: number) => Promise<void>;
};

type Deps = { readonly db: Db; readonly now: () => Instant; readonly lifecycle: Lifecycle };

const TAGS = ["deliveries"];
const VERBS = {
  analyse: "Compute target, exclusions and parts; read the checklist for the result",
  pause: "Take no new messages; onWire tells how many will still finish",
  resume: "Go on",
  stop: "Cancel what has not gone out; final",
} as const;

export function registerActionRoutes(plain: FastifyInstance, { db, now, lifecycle }: Deps): void {
  const app = plain.withTypeProvider<ZodTypeProvider>();
  for (const verb of Object.keys(VERBS) as (keyof typeof VERBS)[]) {
    app.route({
      method: "POST",
      url: `/deliveries/:id/actions/${verb}`,
      config: { idempotent: "body" },
      schema: {
        tags: TAGS,
        summary: VERBS[verb],
        params: idParams,
        response: { 202: deliverySchema, ...problems(404, 409, 422) },
      },
      handler: async (request, reply) => {
        const { id } = await mustFind(db, request.params.id);
        const result = await lifecycle[verb](
          db,
          id,
          request.operator.label,
          now(),
          await allows(db, id, request.operator),
        );
        const delivery = await showDelivery(db, request.params.id);
        return reply.code(202).send(result ? { ...delivery, onWire: result.onWire } : delivery);
      },
    });
  }
  registerConfirm(plain, { db, now, lifecycle });
  registerDuplicate(plain, { db, now });
}

/** An analysis may end with the delivery's start. */
async function allows(db: Db, id: number, operator: FastifyRequest["operator"]): Promise<boolean> {
  return hasRight(operator, "deliveries.start") && mayStart(db, id, operator);
}

function registerConfirm(plain: FastifyInstance, { db, now, lifecycle }: Deps): void {
  plain.withTypeProvider<ZodTypeProvider>().route({
    method: "POST",
    url: "/deliveries/:id/actions/confirm",
    config: { idempotent: "body" },
    schema: {
      tags: TAGS,
      summary: "Start sending",
      description:
        "toDeliver: to how many people, in the words of whoever confirms; another number is refused. undo: so long the confirmation can be called back, in the state start-pending; on the screens by default as the settings say, for tokens not at all.",
      params: idParams,
      body: confirmSchema.nullish(),
      response: { 202: deliverySchema, ...problems(404, 409, 422) },
    },
    handler: async (request, reply) => {
      const { id } = await mustFind(db, request.params.id);
      const { toDeliver, undo } = request.body ?? {};
      await lifecycle.confirm(db, id, request.operator.label, now(), {
        toDeliver,
        undo: undo === undefined ? undefined : Number.parseInt(undo, 10) * SECOND,
        onScreen: request.operator.sessionId !== null,
        person: request.operator,
      });
      const next = await nextStart(db, id);
      if (next !== null) await lifecycle.startAt?.(next);
      return reply.code(202).send(await showDelivery(db, request.params.id));
    },
  });
}

function registerDuplicate(plain: FastifyInstance, { db, now }: Pick<Deps, "db" | "now">): void {
  plain.withTypeProvider<ZodTypeProvider>().route({
    method: "POST",
    url: "/deliveries/:id/actions/duplicate",
    config: { idempotent: "body" },
    schema: {
      tags: TAGS,
      summary: "A new delivery that says the same, in state editing",
      description:
        "In any state. Content, sender, audience and settings are copied, but for the batch size; figures, schedule and history are not.",
      params: idParams,
      body: z.strictObject({ label: z.string().min(1).max(500).optional() }).nullish(),
      response: { 202: deliverySchema, ...problems(404, 409, 422) },
    },
    handler: async (request, reply) => {
      const { id } = await mustFind(db, request.params.id);
      const copy = await duplicateDelivery(db, id, request.body?.label, request.operator.label, now());
      return reply
        .code(202)
        .headers({ location: `/api/v1/deliveries/${copy.id}`, etag: `"${copy.version}"` })
        .send(copy);
    },
  });
}
