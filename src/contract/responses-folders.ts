/** Zod schemas of what the API answers about folders. */
import { z } from "zod";

import { folderTreeSchema, type Folder } from "./folders.ts";
import { count, timestamp } from "./responses-basics.ts";

export const folderAnswerSchema = z.object({
  id: z.string(),
  tree: folderTreeSchema,
  label: z.string(),
  parent: z.string().nullable(),
  path: z.array(z.string()).describe("Names from the top down to this one"),
  count: count.describe("Templates or deliveries in it, not in those below"),
  version: z.int().describe("ETag, for If-Match"),
  createdAt: timestamp,
  updatedAt: timestamp,
}) satisfies z.ZodType<Folder>;
