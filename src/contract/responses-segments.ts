/** Zod schemas of what the API answers about segments; the rest is in `responses.ts`. */
import { z } from "zod";

import type * as contract from "./segments.ts";
import { count, timestamp } from "./responses-basics.ts";

const heading = {
  id: z.string(),
  label: z.string(),
  version: z.int().describe("ETag, for If-Match"),
  createdAt: timestamp,
  updatedAt: timestamp,
};

export const segmentSummarySchema = z.object(heading) satisfies z.ZodType<contract.SegmentSummary>;

export const segmentAnswerSchema = z.object({
  ...heading,
  tree: z.custom<contract.Segment["tree"]>().meta({ type: "object", description: "docs/segments.md" }),
  explanation: z.string().exactOptional().describe("The tree in words"),
}) satisfies z.ZodType<contract.Segment>;

export const segmentPreviewAnswerSchema = z.object({
  count: count.nullable().describe("Null: neither counting nor an estimate came to an end in time"),
  exact: z.boolean().describe("False: estimated from a sample"),
  margin: count.describe("With 95 % certainty the true number is within this much of `count`"),
  sampled: count.describe("Recipients whom the estimate looked at"),
  explanation: z.string().describe("The tree in words"),
  samples: z
    .array(z.object({ id: z.string(), address: z.string(), attributes: z.record(z.string(), z.unknown()) }))
    .describe("Up to 20 recipients of it"),
}) satisfies z.ZodType<contract.SegmentPreview>;
