/** The API of a delivery's properties, one by one. */
import type { FastifyInstance } from "fastify";
import type { ZodTypeProvider } from "fastify-type-provider-zod";
import { z } from "zod";

import { propertyListSchema, propertyWishSchema } from "../../contract/index.ts";
import { idParams, problems } from "../../contract/responses.ts";
import type { Instant } from "../../core/time.ts";
import type { Db } from "../../platform/db.ts";
import { appError } from "../../platform/errors.ts";
import { readIfMatch } from "../../platform/if-match.ts";
import { readId } from "../../platform/paging.ts";
import { listProperties, readWish } from "./properties.ts";
import { updateDelivery } from "./update-delivery.ts";

export function registerPropertyRoutes(
  plain: FastifyInstance,
  { db, now }: { readonly db: Db; readonly now: () => Instant },
): void {
  const app = plain.withTypeProvider<ZodTypeProvider>();
  const url = "/deliveries/:id/properties";

  app.route({
    method: "GET",
    url,
    schema: {
      tags: ["deliveries"],
      summary: "All properties of a delivery, each with where its value comes from",
      description:
        "From the platform, from the template as it was when the delivery was made, or from the delivery itself: a value is its own when it is another than what it would be without.",
      params: idParams,
      response: { 200: propertyListSchema, ...problems(404) },
    },
    handler: async ({ params }, reply) => {
      const list = await listProperties(db, params.id);
      return reply.header("etag", `"${list.version}"`).send(list);
    },
  });

  app.route({
    method: "PATCH",
    url,
    schema: {
      tags: ["deliveries"],
      summary: "Give some properties other values, or the inherited ones again",
      description:
        'By path: {"settings.validity": "2d", "settings.pool": null}; null resets. Checked like an edit of the delivery, and errors point into the delivery. If-Match: the version that was read.',
      params: idParams,
      headers: z.looseObject({ "if-match": z.string().optional() }),
      body: propertyWishSchema,
      response: { 200: propertyListSchema, ...problems(404, 409, 412, 422) },
    },
    handler: async ({ params, body, headers, operator }, reply) => {
      const id = readId(params.id, "delivery");
      const version = readIfMatch(headers["if-match"]);
      if (version === "none") throw appError("version-conflict", { id });
      await updateDelivery(db, id, (tx, row) => readWish(tx, row, body), version, operator.label, now());
      const list = await listProperties(db, params.id);
      return reply.header("etag", `"${list.version}"`).send(list);
    },
  });
}
