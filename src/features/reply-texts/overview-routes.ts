/** What screens need around reply texts and bounce rules: counts, the draft of a rule, the rules that come with Envoi. */
import { z } from "zod";
import type { FastifyInstance } from "fastify";
import type { ZodTypeProvider } from "fastify-type-provider-zod";

import { bounceRuleSchema } from "../../contract/reply-texts.ts";
import { replyTextCountsSchema, shippedBounceRulesSchema } from "../../contract/responses-reply-texts.ts";
import { idParams, problems } from "../../contract/responses.ts";
import { readId } from "../../platform/paging.ts";
import type { RuleDeps } from "./operator-rules.ts";
import { countTexts } from "./overview-store.ts";
import { presentShipped } from "./present.ts";
import { mustFindText, ruleOfText } from "./qualify-text.ts";

const TAGS = ["bounces"];

export function registerOverviewRoutes(plain: FastifyInstance, { db, shipped }: RuleDeps): void {
  const app = plain.withTypeProvider<ZodTypeProvider>();

  app.route({
    method: "GET",
    url: "/reply-texts/counts",
    schema: {
      tags: TAGS,
      summary: "How many reply texts there are in each state",
      response: { 200: replyTextCountsSchema, ...problems() },
    },
    handler: () => countTexts(db),
  });

  app.route({
    method: "GET",
    url: "/reply-texts/:id/rule",
    schema: {
      tags: TAGS,
      summary: "The rule that would be made of a reply text",
      description: "Nothing is saved: to be changed or tried first, then made with POST /bounce-rules.",
      params: idParams,
      querystring: z.object({}),
      response: { 200: bounceRuleSchema, ...problems(404, 422) },
    },
    handler: async ({ params, operator }) => {
      const row = await mustFindText(db, readId(params.id, "reply text"));
      return ruleOfText(row, { action: null }, { actor: operator.label });
    },
  });

  app.route({
    method: "GET",
    url: "/bounce-rules/shipped",
    schema: {
      tags: TAGS,
      summary: "The bounce rules that come with Envoi, in their order, and the word lists that patterns can name",
      response: { 200: shippedBounceRulesSchema, ...problems() },
    },
    handler: async () => ({ data: shipped.rules.map(presentShipped), words: listWords(shipped.words) }),
  });
}

function listWords(words: RuleDeps["shipped"]["words"]) {
  return Object.entries(words).map(([name, entries]) => ({ name, words: [...entries] }));
}
