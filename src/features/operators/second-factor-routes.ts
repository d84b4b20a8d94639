/** The second factor of whoever is signed in: offered, confirmed by a first code, removed with the password. */
import { z } from "zod";
import type { FastifyInstance } from "fastify";
import type { ZodTypeProvider } from "fastify-type-provider-zod";

import { codeSchema, passwordSchema } from "../../contract/operators.ts";
import { problems } from "../../contract/responses.ts";
import { appError } from "../../platform/errors.ts";
import { entryOf } from "./audit-changes.ts";
import { recordAudit } from "./audit-store.ts";
import type { OperatorDeps } from "./deps.ts";
import { findOperator } from "./operators-store.ts";
import { confirmSecondFactor, offerSecondFactor } from "./second-factor.ts";
import { removeSecondFactor } from "./second-factor-store.ts";
import { ownId } from "./session-routes.ts";
import { confirmPassword } from "./sign-in.ts";

const TAGS = ["operators"];

export function registerSecondFactorRoutes(plain: FastifyInstance, deps: OperatorDeps): void {
  const app = plain.withTypeProvider<ZodTypeProvider>();
  const { db, masterKey, now } = deps;

  app.route({
    method: "POST",
    url: "/session/second-factor",
    config: { audits: "itself" },
    schema: {
      tags: TAGS,
      summary: "A secret for an authenticator app; in force once PUT has confirmed it with a code",
      response: {
        200: z.object({ secret: z.string().describe("Shown here and never again"), uri: z.string() }),
        ...problems(403, 409),
      },
    },
    handler: async ({ operator }) => {
      const row = await findOperator(db, ownId(operator));
      if (row === null) throw appError("not-an-operator");
      return offerSecondFactor(db, masterKey, row);
    },
  });

  app.route({
    method: "PUT",
    url: "/session/second-factor",
    config: { audits: "itself", limit: "sign-in" },
    schema: {
      tags: TAGS,
      summary: "Confirm the authenticator app with its first code",
      body: codeSchema,
      response: {
        200: z.object({ recoveryCodes: z.array(z.string()).describe("Each opens once; shown here and never again") }),
        ...problems(403, 409, 422, 429),
      },
    },
    handler: async (request) => {
      const id = ownId(request.operator);
      const audit = { ...entryOf(request, now()), action: "confirm", status: 200 };
      const codes = await confirmSecondFactor(db, masterKey, { id, code: request.body.code, now: now(), audit });
      return { recoveryCodes: [...codes] };
    },
  });

  app.route({
    method: "DELETE",
    url: "/session/second-factor",
    config: { audits: "itself", limit: "sign-in" },
    schema: {
      tags: TAGS,
      summary: "Sign in without a second factor again",
      body: passwordSchema,
      response: { 204: z.undefined().describe("Removed"), ...problems(403, 422, 429) },
    },
    handler: async (request, reply) => {
      const id = ownId(request.operator);
      await confirmPassword(deps, { id, password: request.body.password, address: request.ip, pointer: "/password" });
      await db.transaction(async (tx) => {
        if (await removeSecondFactor(tx, id)) await recordAudit(tx, { ...entryOf(request, now()), status: 204 });
      });
      return reply.code(204).send();
    },
  });
}
