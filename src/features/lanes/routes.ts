/** The API of lanes: what they do, what holds them back, and what operators fix. */
import { z } from "zod";
import type { FastifyInstance } from "fastify";
import type { ZodTypeProvider } from "fastify-type-provider-zod";

import { constraintSchema, laneSchema } from "../../contract/responses-shaping.ts";
import { idParams, pageOf, pageQuery, problems } from "../../contract/responses.ts";
import { pinSchema, suspendSchema } from "../../contract/shaping.ts";
import { type Instant, parseDuration } from "../../core/time.ts";
import type { Db } from "../../platform/db.ts";
import { invalidCursor, toPage } from "../../platform/paging.ts";
import { registerEventRoutes } from "./event-routes.ts";
import { presentLane } from "./present.ts";
import { mustFindLane, pinLane, releaseLane, suspendLane, unpinLane } from "./steer-lane.ts";
import { type LaneCursor, listLanes } from "./store.ts";

type LaneDeps = { readonly db: Db; readonly now: () => Instant };

const TAGS = ["shaping"];

export function registerLaneRoutes(app: FastifyInstance, deps: LaneDeps): void {
  registerReading(app, deps);
  registerPins(app, deps);
  registerSuspensions(app, deps);
  registerEventRoutes(app, deps);
}

function registerReading(plain: FastifyInstance, { db, now }: LaneDeps): void {
  const app = plain.withTypeProvider<ZodTypeProvider>();

  app.route({
    method: "GET",
    url: "/lanes",
    schema: {
      tags: TAGS,
      summary: "Lanes: one source to one site; those with most waiting messages first",
      description: "As their senders told last, every few seconds. Lanes that nobody told of for 7 days are not shown.",
      querystring: z.object({
        ...pageQuery,
        provider: z.string().optional(),
        source: z.string().optional(),
        constraint: constraintSchema.optional(),
      }),
      response: { 200: pageOf(laneSchema), ...problems(422) },
    },
    handler: async ({ query }) => {
      const rows = await listLanes(db, query, readLaneCursor(query.cursor), query.limit + 1, now());
      const lanes = rows.map(presentLane);
      return toPage(lanes, query.limit, (last) => `${last.figures.waiting}:${last.id}`);
    },
  });

  app.route({
    method: "GET",
    url: "/lanes/:id",
    schema: {
      tags: TAGS,
      summary: "One lane: figures, what holds it back and why",
      params: idParams,
      response: { 200: laneSchema, ...problems(404) },
    },
    handler: async ({ params }) => presentLane(await mustFindLane(db, params.id, now())),
  });
}

function readLaneCursor(cursor: string | undefined): LaneCursor | null {
  if (cursor === undefined) return null;
  const match = /^(\d{1,15}):([0-9a-f]{32})$/.exec(cursor);
  if (!match) throw invalidCursor();
  return { waiting: Number(match[1]), id: match[2] ?? "" };
}

function registerPins(plain: FastifyInstance, { db, now }: LaneDeps): void {
  const app = plain.withTypeProvider<ZodTypeProvider>();

  app.route({
    method: "POST",
    url: "/lanes/:id/actions/pin",
    schema: {
      tags: TAGS,
      summary: "Fix connections, messages an hour, or both: neither controller nor reactions move them",
      description: "Replaces what was fixed before; null leaves a value to the controller.",
      params: idParams,
      body: pinSchema,
      response: { 202: laneSchema, ...problems(404, 422) },
    },
    handler: async ({ params, body, operator }, reply) =>
      reply.code(202).send(await pinLane(db, params.id, body, { actor: operator.label, now: now() })),
  });

  app.route({
    method: "POST",
    url: "/lanes/:id/actions/unpin",
    schema: {
      tags: TAGS,
      summary: "Give a lane back to its controller",
      params: idParams,
      response: { 202: laneSchema, ...problems(404) },
    },
    handler: async ({ params, operator }, reply) =>
      reply.code(202).send(await unpinLane(db, params.id, { actor: operator.label, now: now() })),
  });
}

function registerSuspensions(plain: FastifyInstance, { db, now }: LaneDeps): void {
  const app = plain.withTypeProvider<ZodTypeProvider>();

  app.route({
    method: "POST",
    url: "/lanes/:id/actions/suspend",
    schema: {
      tags: TAGS,
      summary: "Let nothing leave on this lane for a time",
      params: idParams,
      body: suspendSchema,
      response: { 202: laneSchema, ...problems(404, 422) },
    },
    handler: async ({ params, body, operator }, reply) => {
      const time = parseDuration(body.for) ?? 0;
      return reply.code(202).send(await suspendLane(db, params.id, time, { actor: operator.label, now: now() }));
    },
  });

  app.route({
    method: "POST",
    url: "/lanes/:id/actions/release",
    schema: {
      tags: TAGS,
      summary: "End what suspends this lane, and the rest it took after failures",
      description: "What suspends more than this lane stays; /shaping-events?standing=true shows it.",
      params: idParams,
      response: { 202: laneSchema, ...problems(404) },
    },
    handler: async ({ params, operator }, reply) =>
      reply.code(202).send(await releaseLane(db, params.id, { actor: operator.label, now: now() })),
  });
}
