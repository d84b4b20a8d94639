/** Zod schemas of what the API answers about seeds; the rest is in `responses.ts`. */
import { z } from "zod";

import { timestamp } from "./responses-basics.ts";
import type * as contract from "./seeds.ts";

const heading = {
  id: z.string(),
  label: z.string(),
  version: z.int().describe("ETag, for If-Match"),
  createdAt: timestamp,
  updatedAt: timestamp,
};

export const seedAnswerSchema = z.object({
  ...heading,
  address: z.string(),
  attributes: z.record(z.string(), z.unknown()).describe("What is given; the rest comes from recipients"),
}) satisfies z.ZodType<contract.Seed>;

export const seedListAnswerSchema = z.object({
  ...heading,
  seeds: z.array(z.string()).describe("Ids of its seeds"),
}) satisfies z.ZodType<contract.SeedList>;
