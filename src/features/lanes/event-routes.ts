/** The API of what shaping does: everything with cause, evidence, effect and end; restrictions can be undone. */
import { z } from "zod";
import type { FastifyInstance } from "fastify";
import type { ZodTypeProvider } from "fastify-type-provider-zod";

import { idSchema } from "../../contract/basics.ts";
import { shapingEventSchema } from "../../contract/responses-shaping.ts";
import { idParams, pageOf, pageQuery, problems } from "../../contract/responses.ts";
import type { Instant } from "../../core/time.ts";
import type { Db } from "../../platform/db.ts";
import { invalidCursor, toPage } from "../../platform/paging.ts";
import { type EventCursor, listShapingEvents } from "./events-store.ts";
import { presentShapingEvent } from "./present.ts";
import { undoEvent } from "./steer-lane.ts";

const TAGS = ["shaping"];

export function registerEventRoutes(
  plain: FastifyInstance,
  { db, now }: { readonly db: Db; readonly now: () => Instant },
): void {
  const app = plain.withTypeProvider<ZodTypeProvider>();

  app.route({
    method: "GET",
    url: "/shaping-events",
    schema: {
      tags: TAGS,
      summary: "What shaping and operators did: restrictions, adjustments, alerts; newest first",
      description: "Kept for 90 days. `standing=true`: restrictions that are in force.",
      querystring: z.object({
        ...pageQuery,
        provider: z.string().optional(),
        source: z.string().optional(),
        kind: z.enum(["restricted", "adjusted", "alert"]).optional(),
        deliveryId: idSchema.optional(),
        standing: z.enum(["true", "false"]).default("false"),
      }),
      response: { 200: pageOf(shapingEventSchema), ...problems(422) },
    },
    handler: async ({ query }) => {
      const { deliveryId, standing, limit } = query;
      const filter = {
        ...query,
        deliveryId: deliveryId === undefined ? undefined : Number(deliveryId),
        standing: standing === "true",
      };
      const at = now();
      const rows = await listShapingEvents(db, filter, readEventCursor(query.cursor), limit + 1, at);
      const page = toPage(rows, limit, (last) => `${last.at}:${last.id}`);
      return { ...page, data: page.data.map((row) => presentShapingEvent(row, at)) };
    },
  });

  app.route({
    method: "POST",
    url: "/shaping-events/:id/actions/undo",
    schema: {
      tags: TAGS,
      summary: "End a restriction before its time",
      params: idParams,
      response: { 202: shapingEventSchema, ...problems(404, 409) },
    },
    handler: async ({ params, operator }, reply) =>
      reply.code(202).send(await undoEvent(db, params.id, { actor: operator.label, now: now() })),
  });
}

function readEventCursor(cursor: string | undefined): EventCursor | null {
  if (cursor === undefined) return null;
  const match = /^(\d{1,15}):(.{1,200})$/.exec(cursor);
  if (!match) throw invalidCursor();
  return { at: Number(match[1]), id: match[2] ?? "" };
}
