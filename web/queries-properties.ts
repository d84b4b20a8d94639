/** Properties of a delivery or a template, and folders. */
import type { Folder, Page, PropertyList } from "../src/contract/index.ts";
import { one } from "./queries.ts";

export type Kind = "deliveries" | "templates";

export const propertiesPath = (kind: Kind, id: string) => `/${kind}/${encodeURIComponent(id)}/properties`;
export const propertiesQuery = (kind: Kind, id: string) =>
  one<PropertyList>([kind, id, "properties"], propertiesPath(kind, id));

export const foldersQuery = (tree: Kind) => one<Page<Folder>>(["folders", tree], `/folders?tree=${tree}`);

/** What the id of a property names. */
export const thingsQuery = (path: string) =>
  one<Page<{ id: string; label?: string; name?: string }>>(["things", path], path);
