/** The API of operators' bounce rules. Senders act on a change at once. */
import { z } from "zod";
import type { FastifyInstance } from "fastify";
import type { ZodTypeProvider } from "fastify-type-provider-zod";

import { idSchema } from "../../contract/basics.ts";
import { givenOf } from "../../contract/given.ts";
import { bounceRuleSchema, tryRulesSchema } from "../../contract/reply-texts.ts";
import { bounceRuleAnswerSchema, triedRulesSchema } from "../../contract/responses-reply-texts.ts";
import { idParams, pageOf, problems } from "../../contract/responses.ts";
import { appError } from "../../platform/errors.ts";
import { readIfMatch } from "../../platform/if-match.ts";
import { readId } from "../../platform/paging.ts";
import type { RuleRow } from "./check-rule.ts";
import { bounceRules, changeRule, createRule, type RuleDeps } from "./operator-rules.ts";
import { presentRules } from "./present.ts";
import { tryRules } from "./try-rules.ts";

const TAGS = ["bounces"];
const WHAT = "bounce rule";
const conditions = z.looseObject({ "if-match": z.string().optional() });

export function registerRuleRoutes(app: FastifyInstance, deps: RuleDeps): void {
  registerReading(app, deps);
  registerEditing(app, deps);
  registerSet(app, deps);
}

function presentOne(rows: readonly RuleRow[], id: number, { shipped }: RuleDeps) {
  const shown = presentRules(rows, shipped).find((one) => one.id === String(id));
  if (shown === undefined) throw appError("not-found", { what: WHAT, id });
  return shown;
}

function registerReading(plain: FastifyInstance, deps: RuleDeps): void {
  const { db, shipped } = deps;
  const app = plain.withTypeProvider<ZodTypeProvider>();

  app.route({
    method: "GET",
    url: "/bounce-rules",
    schema: {
      tags: TAGS,
      summary: "Operators' bounce rules, in the order in which they are looked at",
      description: "All of them, without pages. The shipped rules come after them.",
      response: { 200: pageOf(bounceRuleAnswerSchema), ...problems() },
    },
    handler: async () => ({ data: presentRules(await bounceRules.list(db), shipped), nextCursor: null }),
  });

  app.route({
    method: "GET",
    url: "/bounce-rules/:id",
    schema: {
      tags: TAGS,
      summary: "One bounce rule",
      params: idParams,
      response: { 200: bounceRuleAnswerSchema, ...problems(404) },
    },
    handler: async ({ params }, reply) => {
      const shown = presentOne(await bounceRules.list(db), readId(params.id, WHAT), deps);
      return reply.header("etag", `"${shown.version}"`).send(shown);
    },
  });
}

function registerEditing(plain: FastifyInstance, deps: RuleDeps): void {
  const app = plain.withTypeProvider<ZodTypeProvider>();

  app.route({
    method: "POST",
    url: "/bounce-rules",
    config: { idempotent: "body" },
    schema: {
      tags: TAGS,
      summary: "Make a bounce rule",
      description:
        "It comes last of the operators', before the shipped ones. Every example must reach it; one that an earlier rule takes is told as a warning.",
      body: bounceRuleSchema,
      response: { 201: bounceRuleAnswerSchema, ...problems(409, 422) },
    },
    handler: async ({ body }, reply) => {
      const { id, rows } = await createRule(deps, body);
      const shown = presentOne(rows, id, deps);
      return reply
        .code(201)
        .headers({ location: `/api/v1/bounce-rules/${id}`, etag: `"${shown.version}"` })
        .send(shown);
    },
  });

  app.route({
    method: "PATCH",
    url: "/bounce-rules/:id",
    schema: {
      tags: TAGS,
      summary: "Change fields of a bounce rule",
      description: "Fields left out stay. If-Match: the version that was read.",
      params: idParams,
      headers: conditions,
      body: givenOf(bounceRuleSchema),
      response: { 200: bounceRuleAnswerSchema, ...problems(404, 412, 422) },
    },
    handler: async ({ params, body, headers }, reply) => {
      const id = readId(params.id, WHAT);
      const shown = presentOne(await changeRule(deps, id, body, readIfMatch(headers["if-match"])), id, deps);
      return reply.header("etag", `"${shown.version}"`).send(shown);
    },
  });

  app.route({
    method: "DELETE",
    url: "/bounce-rules/:id",
    schema: {
      tags: TAGS,
      summary: "Remove a bounce rule",
      params: idParams,
      headers: conditions,
      response: { 204: z.undefined().describe("Removed"), ...problems(404, 412) },
    },
    handler: async ({ params, headers }, reply) => {
      await bounceRules.remove(deps.db, readId(params.id, WHAT), readIfMatch(headers["if-match"]));
      return reply.code(204).send();
    },
  });
}

function registerSet(plain: FastifyInstance, deps: RuleDeps): void {
  const app = plain.withTypeProvider<ZodTypeProvider>();

  app.route({
    method: "POST",
    url: "/bounce-rules/actions/order",
    schema: {
      tags: TAGS,
      summary: "Put bounce rules in order",
      description: "`ids` names each rule once; the first is looked at first.",
      body: z.strictObject({ ids: z.array(idSchema).max(1000) }),
      response: { 200: pageOf(bounceRuleAnswerSchema), ...problems(422) },
    },
    handler: async ({ body }) => ({
      data: presentRules(await bounceRules.order(deps.db, body.ids), deps.shipped),
      nextCursor: null,
    }),
  });

  app.route({
    method: "POST",
    url: "/bounce-rules/try",
    schema: {
      tags: TAGS,
      summary: "Try a change of the rules on the replies of the last days",
      description: "Nothing is saved. Says how many replies would be judged otherwise, and how.",
      body: tryRulesSchema,
      response: { 200: triedRulesSchema, ...problems(404, 422) },
    },
    handler: ({ body }) => tryRules(deps, body),
  });
}
