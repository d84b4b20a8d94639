/** What deliveries and templates are found by, beside their label. */
import { z } from "zod";

import { GENERAL } from "../core/delivery/properties.ts";
import { idSchema } from "./basics.ts";
import { folderFilter } from "./folders.ts";
import { fieldsOf } from "./property-schema.ts";
import { settingsSchema } from "./settings.ts";

const fields = z.strictObject(fieldsOf(GENERAL, {}));
export const labelSchema = fields.shape.label;
export const generalSchema = fields.omit({ label: true });

export type General = {
  /** The folder that it is in. */
  folder: string | null;
  /** Empty: none; these two as well. */
  code: string;
  category: string;
  description: string;
};

/** As it is answered. */
export const generalAnswer = {
  folder: idSchema.nullable().describe("The folder that it is in"),
  code: z.string().describe("Empty: none"),
  category: z.string().describe("Empty: none"),
  description: z.string(),
};

/** Of lists of deliveries and of templates. */
export const generalFilters = {
  folder: folderFilter.optional().describe("In it or in those below it; none: in no folder"),
  code: z.string().max(100).optional().describe("Exactly this one, whatever its case"),
  category: z.string().max(100).optional().describe("Exactly this one; empty: without any"),
  nature: settingsSchema.shape.nature.unwrap().optional(),
};
export type GeneralFilter = {
  folder?: string | undefined;
  code?: string | undefined;
  category?: string | undefined;
  nature?: string | undefined;
};
