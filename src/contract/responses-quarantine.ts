/** Zod schemas of what the API answers about persons' changes to the quarantine, and about the allowlist. */
import { z } from "zod";

import type * as contract from "./quarantine.ts";
import { count, timestamp } from "./responses-basics.ts";

export const bulkReleasedSchema = z.object({
  dryRun: z.boolean(),
  count,
  examples: z.array(z.string()).describe("Up to 20 of the addresses"),
}) satisfies z.ZodType<contract.BulkReleased>;

export const heldGroupSchema = z.object({
  provider: z.string().nullable(),
  count,
  since: timestamp,
  until: timestamp,
  example: z.string().describe("What the provider said about one of them"),
}) satisfies z.ZodType<contract.HeldGroup>;

export const allowedAddressSchema = z.object({
  address: z.string(),
  note: z.string(),
  actor: z.string(),
  at: timestamp,
}) satisfies z.ZodType<contract.AllowedAddress>;

export const addressImportSchema = z.object({
  total: count,
  taken: count,
  failed: count,
  errors: z.array(z.object({ line: z.int(), value: z.string(), detail: z.string() })).describe("The first 100"),
}) satisfies z.ZodType<contract.AddressImport>;
