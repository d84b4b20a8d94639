/** Blocks as people read them: built-in and own ones in one list. */
import type { Block } from "../../contract/index.ts";
import type { Db, Queryable } from "../../platform/db.ts";
import { loadSettings } from "../settings/index.ts";
import { listBuiltIn } from "./built-in.ts";
import { findOwn, listOwn } from "./store.ts";

/** In the order of names, those after `after`. */
export async function listBlocks(db: Db, after: string, limit: number): Promise<Block[]> {
  const [builtIn, own] = await Promise.all([readBuiltIn(db), listOwn(db, after, limit)]);
  return [...builtIn.filter((block) => block.name > after), ...own]
    .toSorted((a, b) => (a.name < b.name ? -1 : 1))
    .slice(0, limit);
}

export async function readBlock(db: Db, name: string): Promise<Block | null> {
  const builtIn = (await readBuiltIn(db)).find((block) => block.name === name);
  return builtIn ?? findOwn(db, name);
}

/** In the platform's language; the greeting as an audience gets it that has first names. */
async function readBuiltIn(db: Queryable): Promise<Block[]> {
  const { language } = await loadSettings(db);
  const blocks = listBuiltIn({ language, hasAttribute: (name) => name === "first_name" });
  return blocks.map((block) => ({ ...block, syntax: "liquid", builtIn: true, version: 0, updatedAt: null }));
}
