/** Zod schemas of what the API answers about templates; the rest is in `responses.ts`. */
import { z } from "zod";

import type * as contract from "./index.ts";
import { contentSchema, senderSchema, settingsSchema } from "./index.ts";
import { idSchema } from "./basics.ts";
import { generalAnswer } from "./general.ts";
import { givenOf } from "./given.ts";
import { contentProblemSchema, timestamp } from "./responses-basics.ts";

const heading = {
  id: z.string(),
  label: z.string(),
  ...generalAnswer,
  executionFolder: idSchema.nullable().describe("The folder of deliveries where those go that are made from it"),
  builtIn: z.boolean().describe("Comes with Envoi: cannot be edited or deleted, only duplicated"),
  version: z.int().describe("ETag, for If-Match"),
  createdAt: timestamp,
  updatedAt: timestamp,
};

export const templateAnswerSchema = z.object({
  ...heading,
  content: givenOf(contentSchema).describe("What the template sets of a delivery's content"),
  sender: givenOf(senderSchema),
  settings: givenOf(settingsSchema),
  contentProblems: z
    .array(contentProblemSchema)
    .exactOptional()
    .describe("On answers to saving and reading one template"),
}) satisfies z.ZodType<contract.Template>;

export const templateSummarySchema = z.object({
  ...heading,
  archiveOn: z.boolean().describe("E-mail BCC: deliveries made from it have a copy of each message archived"),
}) satisfies z.ZodType<contract.TemplateSummary>;
