/** The API of proofs: POST /deliveries/:id/actions/proof and GET /deliveries/:id/proofs. */
import type { FastifyInstance } from "fastify";
import type { ZodTypeProvider } from "fastify-type-provider-zod";
import { z } from "zod";

import { newProofSchema } from "../../contract/index.ts";
import { deliverySchema, idParams, pageOf, pageQuery, problems } from "../../contract/responses.ts";
import { proofSchema } from "../../contract/responses-proofs.ts";
import type { Instant } from "../../core/time.ts";
import { readId, readNumberCursor, toPage } from "../../platform/paging.ts";
import { readDelivery } from "../deliveries/index.ts";
import { sendProof, type ProofDeps } from "./send-proof.ts";
import { listProofs } from "./store.ts";

export function registerProofRoutes(plain: FastifyInstance, deps: ProofDeps & { readonly now: () => Instant }): void {
  const app = plain.withTypeProvider<ZodTypeProvider>();
  const { db, now } = deps;

  app.route({
    method: "POST",
    url: "/deliveries/:id/actions/proof",
    config: { idempotent: "body" },
    schema: {
      tags: ["deliveries"],
      summary: "Send a proof: what some readers get of a delivery before anybody else",
      description:
        "Sent at once, in any state of the delivery, numbered, with the number before its subject. To addresses, seeds (of a list, or these), or both. as: whose data it shows, named or random people of the analysed target; else the readers' own. At most 100 messages. The answer is the proof, a delivery of its own that is in no list and no figure; its links count nothing.",
      params: idParams,
      body: newProofSchema,
      response: { 202: deliverySchema, ...problems(404, 409, 422) },
    },
    handler: async (request, reply) => {
      const id = readId(request.params.id, "delivery");
      const proof = await sendProof(deps, id, request.body, request.operator.label, now());
      return reply
        .code(202)
        .header("location", `/api/v1/deliveries/${proof}`)
        .send(await readDelivery(db, String(proof)));
    },
  });

  app.route({
    method: "GET",
    url: "/deliveries/:id/proofs",
    schema: {
      tags: ["deliveries"],
      summary: "Proofs of a delivery with their figures, newest first",
      description: "Each is a delivery: /deliveries/{id of the proof}/messages shows what became of its messages.",
      params: idParams,
      querystring: z.object(pageQuery),
      response: { 200: pageOf(proofSchema), ...problems(404, 422) },
    },
    handler: async ({ params, query }) => {
      const { id } = await readDelivery(db, params.id);
      const proofs = await listProofs(db, Number(id), readNumberCursor(query.cursor), query.limit + 1);
      return toPage(proofs, query.limit, (last) => String(last.number));
    },
  });
}
