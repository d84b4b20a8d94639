/** What an import is told about its file. */
import { z } from "zod";

import type { AttributeType } from "../core/audience/attribute.ts";

const column = z.string().trim().min(1).max(200);

export const importOptionsSchema = z.strictObject({
  mode: z
    .enum(["create", "update", "upsert", "file"])
    .default("upsert")
    .describe(
      'create: who is there already is left alone; update: nobody is created; file: nobody is touched, the rows are kept as the target of a delivery, which names them as its audience {"file": id}',
    ),
  onBlank: z
    .enum(["keep", "erase"])
    .default("erase")
    .describe("What an empty value does to the one that is there; null of a JSON line always erases"),
  dryRun: z.boolean().default(false).describe("Counts and errors only; nobody is changed"),
  format: z.enum(["csv", "jsonl"]).optional().describe("Without it the end of the file name says: .jsonl, .ndjson"),
  label: z.string().trim().min(1).max(255).optional().describe("Of the list; without it the file name"),
  address: column.optional().describe("The column of the addresses; without it email, e-mail, email_address or mail"),
  mapping: z
    .record(column, column.nullable())
    .default({})
    .describe("Column to attribute; null leaves the column out. Columns not named keep their name"),
  unmapped: z
    .enum(["keep", "ignore"])
    .default("keep")
    .describe("What becomes of columns that the mapping does not name"),
  decimal: z
    .enum(["point", "comma"])
    .optional()
    .describe("The decimal sign of declared numbers; without it 1,234 is refused"),
  dates: z.enum(["dmy", "mdy"]).optional().describe("The order of 03/04/2024; without it that is refused"),
});
export type ImportOptionsGiven = z.input<typeof importOptionsSchema>;
export type ImportRules = z.output<typeof importOptionsSchema>;

/** What the beginning of a file holds; nothing is imported by looking. */
export type FileLook = {
  format: "csv" | "jsonl";
  /** Rows that were looked at. */
  rows: number;
  /** The column that is taken for the addresses when nothing is said; null: there is none. */
  address: string | null;
  columns: { name: string; samples: string[]; looksLike: AttributeType }[];
};
