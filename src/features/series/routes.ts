/** The API of recurring deliveries. */
import type { FastifyInstance, FastifyReply } from "fastify";
import type { ZodTypeProvider } from "fastify-type-provider-zod";
import { z } from "zod";

import { seriesAnswerSchema, seriesRunSchema } from "../../contract/responses-series.ts";
import { idParams, pageOf, pageQuery, problems } from "../../contract/responses.ts";
import { seriesSchema } from "../../contract/series.ts";
import { readInstant, type Instant } from "../../core/time.ts";
import type { Db } from "../../platform/db.ts";
import { readIfMatch } from "../../platform/if-match.ts";
import { readId, readNumberCursor, toPage } from "../../platform/paging.ts";
import { changeSeries, createSeries, mustFindSeries, presentSeries, removeSeries } from "./series.ts";
import { listRuns, listSeries, type SeriesRow } from "./store.ts";

export type SeriesDeps = {
  readonly db: Db;
  readonly now: () => Instant;
  /** Something begins by itself at this time, or earlier than was known. */
  readonly startAt?: ((at: Instant) => Promise<void>) | undefined;
};

const TAGS = ["series"];
const WHAT = "series";
const conditions = z.looseObject({ "if-match": z.string().optional() });

export function registerSeriesRoutes(app: FastifyInstance, deps: SeriesDeps): void {
  registerReading(app, deps);
  registerEditing(app, deps);
}

async function send(db: Db, reply: FastifyReply, row: SeriesRow): Promise<FastifyReply> {
  const [series] = await presentSeries(db, [row]);
  return reply.header("etag", `"${row.version}"`).send(series);
}

function registerReading(plain: FastifyInstance, { db }: SeriesDeps): void {
  const app = plain.withTypeProvider<ZodTypeProvider>();
  app.route({
    method: "GET",
    url: "/series",
    schema: {
      tags: TAGS,
      summary: "Recurring deliveries, newest first",
      querystring: z.object(pageQuery),
      response: { 200: pageOf(seriesAnswerSchema), ...problems(422) },
    },
    handler: async ({ query }) => {
      const rows = await listSeries(db, readNumberCursor(query.cursor), query.limit + 1);
      const page = toPage(rows, query.limit, (last) => String(last.id));
      return { data: await presentSeries(db, page.data), nextCursor: page.nextCursor };
    },
  });
  app.route({
    method: "GET",
    url: "/series/:id",
    schema: {
      tags: TAGS,
      summary: "One recurring delivery, with its next five dates",
      params: idParams,
      response: { 200: seriesAnswerSchema, ...problems(404) },
    },
    handler: async ({ params }, reply) => send(db, reply, await mustFindSeries(db, readId(params.id, WHAT))),
  });
  app.route({
    method: "GET",
    url: "/series/:id/runs",
    schema: {
      tags: TAGS,
      summary: "What became of the dates that have come, the latest first",
      params: idParams,
      querystring: z.object(pageQuery),
      response: { 200: pageOf(seriesRunSchema), ...problems(404, 422) },
    },
    handler: async ({ params, query }) => {
      const { id } = await mustFindSeries(db, readId(params.id, WHAT));
      const runs = await listRuns(db, id, readNumberCursor(query.cursor), query.limit + 1);
      return toPage(runs, query.limit, (last) => String(readInstant(last.at)));
    },
  });
}

function registerEditing(plain: FastifyInstance, { db, now, startAt }: SeriesDeps): void {
  const app = plain.withTypeProvider<ZodTypeProvider>();
  const wake = async ({ next_at: next }: SeriesRow) => {
    if (next !== null) await startAt?.(next);
  };
  app.route({
    method: "POST",
    url: "/series",
    config: { idempotent: "body" },
    schema: {
      tags: TAGS,
      summary: "Create a recurring delivery",
      description:
        "Each run is a new delivery, analysed at once, that starts as settings.approval says, in the name of whoever saved the series last.",
      body: seriesSchema,
      response: { 201: seriesAnswerSchema, ...problems(409, 422) },
    },
    handler: async ({ body, operator }, reply) => {
      const series = await createSeries(db, body, operator, now());
      await wake(series);
      return send(db, reply.code(201).header("location", `/api/v1/series/${series.id}`), series);
    },
  });
  app.route({
    method: "PUT",
    url: "/series/:id",
    schema: {
      tags: TAGS,
      summary: "Change a recurring delivery, switch it on or off; its runs stay as they are",
      params: idParams,
      headers: conditions,
      body: seriesSchema,
      response: { 200: seriesAnswerSchema, ...problems(404, 409, 412, 422) },
    },
    handler: async ({ params, body, headers, operator }, reply) => {
      const seen = readIfMatch(headers["if-match"]);
      const series = await changeSeries(db, readId(params.id, WHAT), body, seen, operator, now());
      await wake(series);
      return send(db, reply, series);
    },
  });
  app.route({
    method: "DELETE",
    url: "/series/:id",
    schema: {
      tags: TAGS,
      summary: "Remove a recurring delivery; the deliveries that it made stay",
      params: idParams,
      headers: conditions,
      response: { 204: z.undefined().describe("Removed"), ...problems(404, 412) },
    },
    handler: async ({ params, headers }, reply) => {
      await removeSeries(db, readId(params.id, WHAT), readIfMatch(headers["if-match"]));
      return reply.code(204).send();
    },
  });
}
