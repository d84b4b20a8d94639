/** Folders of templates and of deliveries as they cross the HTTP border. */
import { z } from "zod";

import { FOLDER_TREES, type FolderTree } from "../core/folder/place-folder.ts";
import { idSchema, type Timestamp } from "./basics.ts";

export const folderTreeSchema = z.enum(FOLDER_TREES);

const label = z
  .string()
  .trim()
  .min(1)
  .max(200)
  // oxlint-disable-next-line no-control-regex -- what a name must not have
  .regex(/^[^\u0000-\u001f\u007f]*$/, "a name has no line breaks or control characters");

export const folderSchema = z.strictObject({
  tree: folderTreeSchema,
  label,
  parent: idSchema.nullish().describe("The folder that it is in; absent or null: at the top"),
});
export type FolderInput = z.infer<typeof folderSchema>;

export const folderChangeSchema = z.strictObject({
  label: label.optional(),
  parent: idSchema.nullish().describe("null: to the top"),
});
export type FolderChange = z.infer<typeof folderChangeSchema>;

/** Of a list: the folder with those below it, or what is in none. */
export const folderFilter = z.union([idSchema, z.literal("none")]);

export type Folder = {
  id: string;
  tree: FolderTree;
  label: string;
  parent: string | null;
  /** Names from the top down to this one. */
  path: string[];
  /** Templates or deliveries in it, not in those below. */
  count: number;
  version: number;
  createdAt: Timestamp;
  updatedAt: Timestamp;
};
