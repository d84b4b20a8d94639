/** The API of reply texts: what servers answered, what people make of it. */
import { z } from "zod";
import type { FastifyInstance } from "fastify";
import type { ZodTypeProvider } from "fastify-type-provider-zod";

import { qualifyTextSchema, REPLY_TEXT_STATES, ruleOfTextSchema } from "../../contract/reply-texts.ts";
import {
  bounceRuleAnswerSchema,
  replyTextDetailSchema,
  replyTextSchema,
} from "../../contract/responses-reply-texts.ts";
import { failureTypeSchema, idParams, pageOf, pageQuery, problems } from "../../contract/responses.ts";
import { readIfMatch } from "../../platform/if-match.ts";
import { readId, readNumberCursor, toPage } from "../../platform/paging.ts";
import type { RuleDeps } from "./operator-rules.ts";
import { listDays } from "./overview-store.ts";
import { examplesOf, presentRules, presentText } from "./present.ts";
import { makeRuleOfText, mustFindText, qualifyText } from "./qualify-text.ts";
import { listLikelyAttempts, listTexts } from "./text-store.ts";

const TAGS = ["bounces"];
const WHAT = "reply text";
const conditions = z.looseObject({ "if-match": z.string().optional() });

export function registerTextRoutes(app: FastifyInstance, deps: RuleDeps): void {
  registerReading(app, deps);
  registerQualifying(app, deps);
}

function registerReading(plain: FastifyInstance, { db }: RuleDeps): void {
  const app = plain.withTypeProvider<ZodTypeProvider>();

  app.route({
    method: "GET",
    url: "/reply-texts",
    schema: {
      tags: TAGS,
      summary: "What servers answered when they did not accept, each text once; the newest first",
      querystring: z.object({
        ...pageQuery,
        state: z.enum(REPLY_TEXT_STATES).optional(),
        provider: z.string().max(63).optional(),
        type: failureTypeSchema.optional(),
        search: z.string().trim().min(1).max(200).optional().describe("Part of the text"),
      }),
      response: { 200: pageOf(replyTextSchema), ...problems(422) },
    },
    handler: async ({ query }) => {
      const rows = await listTexts(db, query, readNumberCursor(query.cursor), query.limit + 1);
      const { data, nextCursor } = toPage(rows, query.limit, (last) => String(last.id));
      return { data: data.map(presentText), nextCursor };
    },
  });

  app.route({
    method: "GET",
    url: "/reply-texts/:id",
    schema: {
      tags: TAGS,
      summary: "One reply text, with messages that got it lately",
      params: idParams,
      response: { 200: replyTextDetailSchema, ...problems(404) },
    },
    handler: async ({ params }, reply) => {
      const row = await mustFindText(db, readId(params.id, WHAT));
      const [attempts, days] = await Promise.all([listLikelyAttempts(db, row), listDays(db, row.id)]);
      const examples = examplesOf(row.text, attempts);
      return reply.header("etag", `"${row.version}"`).send({ ...presentText(row), days, examples });
    },
  });
}

function registerQualifying(plain: FastifyInstance, deps: RuleDeps): void {
  const { db, now, shipped } = deps;
  const app = plain.withTypeProvider<ZodTypeProvider>();

  app.route({
    method: "PATCH",
    url: "/reply-texts/:id",
    schema: {
      tags: TAGS,
      summary: "Say what a reply text means",
      description:
        "Type and reason together; the state becomes `keep` when none is given. State `to-qualify` without a type gives the text back to the rules. For later replies to be judged so, make a rule of it. If-Match: the version that was read.",
      params: idParams,
      headers: conditions,
      body: qualifyTextSchema,
      response: { 200: replyTextSchema, ...problems(404, 412, 422) },
    },
    handler: async ({ params, body, headers, operator }, reply) => {
      const by = { actor: operator.label, at: now() };
      const row = await qualifyText(db, readId(params.id, WHAT), body, readIfMatch(headers["if-match"]), by);
      return reply.header("etag", `"${row.version}"`).send(presentText(row));
    },
  });

  app.route({
    method: "POST",
    url: "/reply-texts/:id/rule",
    config: { idempotent: "body" },
    schema: {
      tags: TAGS,
      summary: "Make an operator's rule of a reply text",
      description:
        "With the type and reason that the text has, for its code and stages; its own words are the pattern unless `text` gives others. The rule comes last of the operators'.",
      params: idParams,
      body: ruleOfTextSchema,
      response: { 201: bounceRuleAnswerSchema, ...problems(404, 409, 422) },
    },
    handler: async ({ params, body, operator }, reply) => {
      const by = { actor: operator.label, at: now() };
      const { id, rows } = await makeRuleOfText(deps, readId(params.id, WHAT), body, by);
      const shown = presentRules(rows, shipped).find((rule) => rule.id === String(id));
      return reply
        .code(201)
        .header("location", `/api/v1/bounce-rules/${id}`)
        .send(shown as NonNullable<typeof shown>);
    },
  });
}
