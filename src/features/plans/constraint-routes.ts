/** The API of "why is it slow?": for deliveries and messages; a lane says it itself (`GET /lanes/{id}`). */
import { z } from "zod";
import type { FastifyInstance } from "fastify";
import type { ZodTypeProvider } from "fastify-type-provider-zod";

import { constraintAnswerSchema } from "../../contract/responses-shaping.ts";
import { idParams, problems } from "../../contract/responses.ts";
import { parseKey } from "../../core/delivery/status.ts";
import type { Instant } from "../../core/time.ts";
import type { Db } from "../../platform/db.ts";
import { appError } from "../../platform/errors.ts";
import { readId } from "../../platform/paging.ts";
import { findDeliveryConstraint, findMessageConstraint } from "./find-constraint.ts";

const TAGS = ["shaping"];

export function registerConstraintRoutes(
  plain: FastifyInstance,
  { db, now }: { readonly db: Db; readonly now: () => Instant },
): void {
  const app = plain.withTypeProvider<ZodTypeProvider>();

  app.route({
    method: "GET",
    url: "/deliveries/:id/constraint",
    schema: {
      tags: TAGS,
      summary: "Why a delivery is not further, and its lanes by messages that wait for them",
      params: idParams,
      response: { 200: constraintAnswerSchema, ...problems(404) },
    },
    handler: ({ params }) => findDeliveryConstraint(db, readId(params.id, "delivery"), now()),
  });

  app.route({
    method: "GET",
    url: "/messages/:key/constraint",
    schema: {
      tags: TAGS,
      summary: "Why a message has not left yet, and the lanes that it may take",
      params: z.object({ key: z.string().describe("PART-SEQ, as in the log") }),
      response: { 200: constraintAnswerSchema, ...problems(404) },
    },
    handler: ({ params }) => {
      const key = parseKey(params.key);
      if (key === null) throw appError("not-found", { what: "message", id: params.key });
      return findMessageConstraint(db, key, now());
    },
  });
}
