/** Zod schemas of what the API answers about blocks, files and settings; the rest is in `responses.ts`. */
import { z } from "zod";

import type * as contract from "./index.ts";
import { platformSettingsSchema } from "./index.ts";
import { timestamp } from "./responses-basics.ts";

export const blockAnswerSchema = z.object({
  name: z.string(),
  label: z.string(),
  syntax: z.enum(["liquid", "campaign"]),
  html: z.string(),
  text: z.string(),
  builtIn: z.boolean().describe("Comes with Envoi: cannot be replaced or deleted"),
  version: z.int().describe("ETag, for If-Match"),
  updatedAt: timestamp.nullable(),
}) satisfies z.ZodType<contract.Block>;

export const fileSchema = z.object({
  id: z.string(),
  name: z.string(),
  contentType: z.string().describe("Read off the first bytes where they tell"),
  size: z.int().describe("Bytes"),
  sha256: z.string().describe("Hexadecimal"),
  createdAt: timestamp,
}) satisfies z.ZodType<contract.StoredFile>;

export const platformSettingsAnswerSchema = platformSettingsSchema.extend({
  version: z.int().describe("ETag, for If-Match; 0 as long as nobody saved any"),
}) satisfies z.ZodType<contract.PlatformSettings & { version: number }>;
