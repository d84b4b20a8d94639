/** The API of judging past messages again. */
import { z } from "zod";
import type { FastifyInstance } from "fastify";
import type { ZodTypeProvider } from "fastify-type-provider-zod";

import { requalifySchema, requalifyTextSchema } from "../../contract/reply-texts.ts";
import { requalificationSchema } from "../../contract/responses-reply-texts.ts";
import { idParams, pageOf, pageQuery, problems } from "../../contract/responses.ts";
import { readId, readNumberCursor, toPage } from "../../platform/paging.ts";
import { type AskDeps, mustFindRun, requalifyAll, requalifyText, undo } from "./ask.ts";
import { presentRun } from "./present.ts";
import { listRuns } from "./run-store.ts";

const TAGS = ["bounces"];
const WHAT = "requalification";

export function registerRequalifyRoutes(app: FastifyInstance, deps: AskDeps): void {
  registerAsking(app, deps);
  registerReading(app, deps);
}

function registerAsking(plain: FastifyInstance, deps: AskDeps): void {
  const app = plain.withTypeProvider<ZodTypeProvider>();

  app.route({
    method: "POST",
    url: "/reply-texts/:id/actions/requalify",
    config: { idempotent: "body" },
    schema: {
      tags: TAGS,
      summary: "Judge past messages that got this reply text again",
      description:
        "By what a person said of the text; where nobody did, by the rules of now. Messages that failed since then get the new type and reason, and the quarantine follows; nothing is sent again. `dryRun` only counts.",
      params: idParams,
      body: requalifyTextSchema,
      response: { 202: requalificationSchema, ...problems(404, 409, 422) },
    },
    handler: async ({ params, body, operator }, reply) => {
      const run = await requalifyText(deps, readId(params.id, "reply text"), { ...body, actor: operator.label });
      return reply.code(202).header("location", `/api/v1/requalifications/${run.id}`).send(presentRun(run));
    },
  });

  app.route({
    method: "POST",
    url: "/reply-texts/actions/requalify",
    config: { idempotent: "body" },
    schema: {
      tags: TAGS,
      summary: "Judge past messages again, all or those of one rule",
      description:
        "With `rule`, those that it judges now or judged then, by the rules of now. Without, all: what a person said of a text goes before rules.",
      body: requalifySchema,
      response: { 202: requalificationSchema, ...problems(409, 422) },
    },
    handler: async ({ body: { rule, ...given }, operator }, reply) => {
      const run = await requalifyAll(deps, rule, { ...given, actor: operator.label });
      return reply.code(202).header("location", `/api/v1/requalifications/${run.id}`).send(presentRun(run));
    },
  });

  app.route({
    method: "POST",
    url: "/requalifications/:id/actions/undo",
    schema: {
      tags: TAGS,
      summary: "Take a requalification back",
      description:
        "Within 30 days. What somebody or another requalification changed since stays. One that still runs stops there.",
      params: idParams,
      response: { 202: requalificationSchema, ...problems(404, 409) },
    },
    handler: async ({ params, operator }, reply) =>
      reply.code(202).send(presentRun(await undo(deps, readId(params.id, WHAT), operator.label))),
  });
}

function registerReading(plain: FastifyInstance, { db }: AskDeps): void {
  const app = plain.withTypeProvider<ZodTypeProvider>();

  app.route({
    method: "GET",
    url: "/requalifications",
    schema: {
      tags: TAGS,
      summary: "Requalifications, the newest first",
      querystring: z.object(pageQuery),
      response: { 200: pageOf(requalificationSchema), ...problems(422) },
    },
    handler: async ({ query }) => {
      const rows = await listRuns(db, readNumberCursor(query.cursor), query.limit + 1);
      const { data, nextCursor } = toPage(rows, query.limit, (last) => String(last.id));
      return { data: data.map(presentRun), nextCursor };
    },
  });

  app.route({
    method: "GET",
    url: "/requalifications/:id",
    schema: {
      tags: TAGS,
      summary: "One requalification: how far it is, and what it changed",
      params: idParams,
      response: { 200: requalificationSchema, ...problems(404) },
    },
    handler: async ({ params }) => presentRun(await mustFindRun(db, readId(params.id, WHAT))),
  });
}
