/** The API of MX rules and providers. Senders act on a change at once. */
import { z } from "zod";
import type { FastifyInstance } from "fastify";
import type { ZodTypeProvider } from "fastify-type-provider-zod";

import { givenOf } from "../../contract/given.ts";
import { mxRuleAnswerSchema, providerAnswerSchema, resolvedRuleSchema } from "../../contract/responses-shaping.ts";
import { idParams, pageOf, problems } from "../../contract/responses.ts";
import { mxRuleSchema } from "../../contract/shaping.ts";
import type { ShapingFiles } from "../../core/shaping/rule.ts";
import type { Instant } from "../../core/time.ts";
import type { Db } from "../../platform/db.ts";
import { appError } from "../../platform/errors.ts";
import { readIfMatch } from "../../platform/if-match.ts";
import { readId } from "../../platform/paging.ts";
import type { RuleRow } from "./check-rule.ts";
import { changeRule, createRule, mxRules } from "./operator-rules.ts";
import { askedHosts } from "./asked-hosts.ts";
import { presentRules, resolveRule } from "./resolve-rule.ts";

export type ShapingDeps = { readonly db: Db; readonly now: () => Instant; readonly files: ShapingFiles };

const TAGS = ["shaping"];
const conditions = z.looseObject({ "if-match": z.string().optional() });

export function registerShapingRoutes(app: FastifyInstance, deps: ShapingDeps): void {
  registerReading(app, deps);
  registerEditing(app, deps);
  registerOrder(app, deps);
  registerResolving(app, deps);
}

function presentOne(rows: readonly RuleRow[], id: number) {
  const shown = presentRules(rows).find((one) => one.id === String(id));
  if (shown === undefined) throw appError("not-found", { what: "MX rule", id });
  return shown;
}

function registerReading(plain: FastifyInstance, { db }: ShapingDeps): void {
  const app = plain.withTypeProvider<ZodTypeProvider>();

  app.route({
    method: "GET",
    url: "/mx-rules",
    schema: {
      tags: TAGS,
      summary: "Operators' MX rules, in the order in which they are looked at",
      description: "All of them, without pages. Rules of files come after them.",
      response: { 200: pageOf(mxRuleAnswerSchema), ...problems() },
    },
    handler: async () => ({ data: presentRules(await mxRules.list(db)), nextCursor: null }),
  });

  app.route({
    method: "GET",
    url: "/mx-rules/:id",
    schema: {
      tags: TAGS,
      summary: "One MX rule",
      params: idParams,
      response: { 200: mxRuleAnswerSchema, ...problems(404) },
    },
    handler: async ({ params }, reply) => {
      const shown = presentOne(await mxRules.list(db), readId(params.id, "MX rule"));
      return reply.header("etag", `"${shown.version}"`).send(shown);
    },
  });
}

function registerEditing(plain: FastifyInstance, { db, now }: ShapingDeps): void {
  const app = plain.withTypeProvider<ZodTypeProvider>();

  app.route({
    method: "POST",
    url: "/mx-rules",
    config: { idempotent: "body" },
    schema: {
      tags: TAGS,
      summary: "Make an MX rule",
      description:
        "It comes last, before the rules of files. It applies to sites all of whose MX hosts match one of its masks, if no rule before it does. A rule that can never apply is made, with a warning.",
      body: mxRuleSchema,
      response: { 201: mxRuleAnswerSchema, ...problems(409, 422) },
    },
    handler: async ({ body }, reply) => {
      const { id, rows } = await createRule(db, body, now());
      const shown = presentOne(rows, id);
      return reply
        .code(201)
        .headers({ location: `/api/v1/mx-rules/${id}`, etag: `"${shown.version}"` })
        .send(shown);
    },
  });

  app.route({
    method: "PATCH",
    url: "/mx-rules/:id",
    schema: {
      tags: TAGS,
      summary: "Change fields of an MX rule",
      description: "Fields left out stay. If-Match: the version that was read.",
      params: idParams,
      headers: conditions,
      body: givenOf(mxRuleSchema),
      response: { 200: mxRuleAnswerSchema, ...problems(404, 412, 422) },
    },
    handler: async ({ params, body, headers }, reply) => {
      const id = readId(params.id, "MX rule");
      const shown = presentOne(await changeRule(db, id, body, readIfMatch(headers["if-match"]), now()), id);
      return reply.header("etag", `"${shown.version}"`).send(shown);
    },
  });

  app.route({
    method: "DELETE",
    url: "/mx-rules/:id",
    schema: {
      tags: TAGS,
      summary: "Remove an MX rule",
      params: idParams,
      headers: conditions,
      response: { 204: z.undefined().describe("Removed"), ...problems(404, 412) },
    },
    handler: async ({ params, headers }, reply) => {
      await mxRules.remove(db, readId(params.id, "MX rule"), readIfMatch(headers["if-match"]));
      return reply.code(204).send();
    },
  });
}

function registerOrder(plain: FastifyInstance, { db }: ShapingDeps): void {
  plain.withTypeProvider<ZodTypeProvider>().route({
    method: "POST",
    url: "/mx-rules/actions/order",
    schema: {
      tags: TAGS,
      summary: "Put MX rules in order",
      description: "`ids` names each rule once; the first is looked at first.",
      body: z.strictObject({
        ids: z.array(z.string().regex(/^[1-9]\d{0,14}$/, "an id is a decimal number")).max(1000),
      }),
      response: { 200: pageOf(mxRuleAnswerSchema), ...problems(422) },
    },
    handler: async ({ body }) => ({ data: presentRules(await mxRules.order(db, body.ids)), nextCursor: null }),
  });
}

function registerResolving(plain: FastifyInstance, { db, files }: ShapingDeps): void {
  const app = plain.withTypeProvider<ZodTypeProvider>();

  app.route({
    method: "GET",
    url: "/mx-rules/resolve",
    schema: {
      tags: TAGS,
      summary: "Which rule applies to a site",
      description:
        "`mx`: its MX hosts, separated by commas; or `domain`: a recipient domain whose MX hosts a sender has looked up. `source`: number of a source.",
      querystring: z.object({
        mx: z.string().max(10_000).optional(),
        domain: z.string().max(253).optional(),
        source: z.coerce.number().int().min(1).optional(),
      }),
      response: { 200: resolvedRuleSchema, ...problems(404, 422) },
    },
    handler: async ({ query }) =>
      resolveRule(files, await mxRules.list(db), await askedHosts(db, query), query.source ?? null),
  });

  app.route({
    method: "GET",
    url: "/providers",
    schema: {
      tags: TAGS,
      summary: "Providers that are known by the MX hosts of their sites",
      description: "From files, in the order in which they are looked at. What none of them covers is `other`.",
      response: { 200: pageOf(providerAnswerSchema), ...problems() },
    },
    handler: async () => {
      const data = files.providers.map(({ name, label, mx, warmUp }) => ({
        name,
        label,
        mx: [...mx],
        warmUp: warmUp === null ? null : [...warmUp],
        reactions: files.reactions.filter(({ provider }) => provider === name).map((reaction) => reaction.name),
      }));
      return { data, nextCursor: null };
    },
  });
}
