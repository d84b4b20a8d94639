/** The API of segments: the saved ones, and how many people a tree is before it is saved. */
import { z } from "zod";
import type { FastifyInstance } from "fastify";
import type { ZodTypeProvider } from "fastify-type-provider-zod";

import { segmentPreviewSchema, segmentSchema, type Segment } from "../../contract/segments.ts";
import {
  segmentAnswerSchema,
  segmentPreviewAnswerSchema,
  segmentSummarySchema,
} from "../../contract/responses-segments.ts";
import { idParams, pageOf, pageQuery, problems } from "../../contract/responses.ts";
import type { Instant } from "../../core/time.ts";
import type { Db } from "../../platform/db.ts";
import { readIfMatch } from "../../platform/if-match.ts";
import { readId, readNumberCursor, toPage } from "../../platform/paging.ts";
import { mustRead } from "./check-tree.ts";
import { countSegment, sampleSegment } from "./count-segment.ts";
import { prepareSegment } from "./prepare.ts";
import { createSegment, readSavedSegment, removeSegment, replaceSegment, wordsOf } from "./save-segment.ts";
import { listSegments } from "./store.ts";

type SegmentDeps = { readonly db: Db; readonly now: () => Instant };

const TAGS = ["segments"];
const conditions = z.looseObject({ "if-match": z.string().optional() });

export function registerSegmentRoutes(app: FastifyInstance, deps: SegmentDeps): void {
  registerCollection(app, deps);
  registerEditing(app, deps);
  registerPreview(app, deps);
}

const etag = (segment: Segment) => `"${segment.version}"`;

function registerCollection(plain: FastifyInstance, { db, now }: SegmentDeps): void {
  const app = plain.withTypeProvider<ZodTypeProvider>();

  app.route({
    method: "GET",
    url: "/segments",
    schema: {
      tags: TAGS,
      summary: "Segments, newest first, without their trees",
      querystring: z.object(pageQuery),
      response: { 200: pageOf(segmentSummarySchema), ...problems(422) },
    },
    handler: async ({ query }) => {
      const segments = await listSegments(db, readNumberCursor(query.cursor), query.limit + 1);
      return toPage(segments, query.limit, (last) => last.id);
    },
  });

  app.route({
    method: "POST",
    url: "/segments",
    config: { idempotent: "body" },
    schema: {
      tags: TAGS,
      summary: "Create a segment",
      body: segmentSchema,
      response: { 201: segmentAnswerSchema, ...problems(409, 422) },
    },
    handler: async ({ body }, reply) => {
      const segment = await createSegment(db, body, now());
      return reply
        .code(201)
        .headers({ location: `/api/v1/segments/${segment.id}`, etag: etag(segment) })
        .send(segment);
    },
  });
}

function registerEditing(plain: FastifyInstance, { db, now }: SegmentDeps): void {
  const app = plain.withTypeProvider<ZodTypeProvider>();

  app.route({
    method: "GET",
    url: "/segments/:id",
    schema: {
      tags: TAGS,
      summary: "One segment",
      params: idParams,
      response: { 200: segmentAnswerSchema, ...problems(404) },
    },
    handler: async ({ params }, reply) => {
      const segment = await readSavedSegment(db, readId(params.id, "segment"));
      return reply.header("etag", etag(segment)).send(segment);
    },
  });

  app.route({
    method: "PUT",
    url: "/segments/:id",
    schema: {
      tags: TAGS,
      summary: "Replace a segment",
      description:
        "If-Match: the version that was read. Deliveries that name it take the new tree with their next analysis; what was analysed stays.",
      params: idParams,
      headers: conditions,
      body: segmentSchema,
      response: { 200: segmentAnswerSchema, ...problems(404, 409, 412, 422) },
    },
    handler: async ({ params, body, headers }, reply) => {
      const seen = readIfMatch(headers["if-match"]);
      const segment = await replaceSegment(db, readId(params.id, "segment"), body, seen, now());
      return reply.header("etag", etag(segment)).send(segment);
    },
  });

  app.route({
    method: "DELETE",
    url: "/segments/:id",
    schema: {
      tags: TAGS,
      summary: "Delete a segment",
      description: "Refused while another segment, a delivery that is not over or a template names it.",
      params: idParams,
      headers: conditions,
      response: { 204: z.undefined().describe("Deleted"), ...problems(404, 409, 412) },
    },
    handler: async ({ params, headers }, reply) => {
      await removeSegment(db, readId(params.id, "segment"), readIfMatch(headers["if-match"]));
      return reply.code(204).send();
    },
  });
}

function registerPreview(plain: FastifyInstance, { db, now }: SegmentDeps): void {
  const app = plain.withTypeProvider<ZodTypeProvider>();

  app.route({
    method: "POST",
    url: "/segments/preview",
    schema: {
      tags: TAGS,
      summary: "How many recipients a tree has, and 20 of them",
      description:
        'Saves nothing. A count that takes longer than a second is estimated from a sample, and says so. For a saved segment: {"tree": {"segment": ID}}.',
      body: segmentPreviewSchema,
      response: { 200: segmentPreviewAnswerSchema, ...problems(404, 422) },
    },
    handler: async ({ body }) => {
      const tree = await mustRead(db, body.tree);
      const prepared = await prepareSegment(db, tree, now());
      const counted = await countSegment(db, prepared, now());
      const samples = await sampleSegment(db, prepared, now());
      return { ...counted, explanation: await wordsOf(db, tree), samples };
    },
  });
}
