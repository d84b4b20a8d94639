/** Templates of deliveries as they cross the HTTP border. */
import { z } from "zod";

import { idSchema, type Timestamp } from "./basics.ts";
import { type Content, type ContentProblem, contentSchema, type Sender, senderSchema } from "./content.ts";
import { type General, generalSchema } from "./general.ts";
import { type Given, givenFields, givenOf } from "./given.ts";
import { type Settings, settingsSchema } from "./settings.ts";

/** Only what is given is kept, and copied: for all else each delivery has its own, or the default. */
export const templateSchema = z.strictObject({
  label: z.string().trim().min(1).max(500),
  ...givenFields(generalSchema),
  folder: idSchema.nullish().describe("The folder of templates that it is in"),
  executionFolder: idSchema.nullish().describe("The folder of deliveries where those go that are made from it"),
  content: givenOf(contentSchema).optional(),
  sender: givenOf(senderSchema).optional(),
  settings: givenOf(settingsSchema).optional(),
});
export type TemplateInput = z.infer<typeof templateSchema>;

export type Template = General & {
  id: string;
  label: string;
  content: Given<Content>;
  sender: Given<Sender>;
  settings: Given<Settings>;
  /** Where the deliveries go that are made from it. */
  executionFolder: string | null;
  builtIn: boolean;
  version: number;
  createdAt: Timestamp;
  updatedAt: Timestamp;
  /** Only on answers to saving and reading one template. */
  contentProblems?: ContentProblem[];
};

/** A row of the list of templates. */
export type TemplateSummary = Pick<
  Template,
  "id" | "label" | keyof General | "executionFolder" | "builtIn" | "version" | "createdAt" | "updatedAt"
> & {
  /** Deliveries made from it have a copy of each message archived. */
  archiveOn: boolean;
};
