/** Zod schemas of what the API answers about the global suppression list; the rest is in `responses.ts`. */
import { z } from "zod";

import { count, timestamp } from "./responses-basics.ts";
import type * as contract from "./suppression.ts";

export const suppressionResultSchema = z.object({
  total: count,
  changed: count.describe("New on the list, or taken off it"),
  unreadable: z.object({
    count,
    places: z.array(z.int()).describe("Lines of the file or places in the request, from 1; a hundred at most"),
  }),
}) satisfies z.ZodType<contract.SuppressionResult>;

export const suppressionCountsSchema = z.object({
  addresses: count.describe("Kept as hashes: nobody can read who they are"),
  domains: count,
}) satisfies z.ZodType<contract.SuppressionCounts>;

export const suppressedDomainSchema = z.object({
  domain: z.string(),
  addedAt: timestamp,
}) satisfies z.ZodType<contract.SuppressedDomain>;

export const suppressionCheckSchema = z.object({
  entry: z.string(),
  suppressed: z.boolean(),
  by: z.enum(["address", "domain"]).nullable(),
}) satisfies z.ZodType<contract.SuppressionCheck>;
