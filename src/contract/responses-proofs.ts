/** Zod schemas of what the API answers about proofs. */
import { z } from "zod";

import type { Proof } from "./deliveries-proofs.ts";
import { timestamp } from "./responses-basics.ts";
import { deliverySummarySchema } from "./responses-deliveries.ts";

export const proofSchema = z.object({
  ...deliverySummarySchema.omit({ folder: true, code: true, category: true }).shape,
  number: z.int(),
  subject: z.string(),
  version: z.int().describe("The version of the delivery that it shows"),
  by: z.string(),
  sentAt: timestamp,
}) satisfies z.ZodType<Proof>;
