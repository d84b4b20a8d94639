/** In what order people of `target t` are: by an attribute, else by a chance that comes out alike for the same text. */
import type { Order } from "../../contract/index.ts";
import { loadAttributeSchema } from "../audience/index.ts";
import type { Queryable } from "../../platform/db.ts";

/** Adds a parameter to the statement; answers with its place. */
export type Bind = (value: unknown) => string;

/** What stands behind `order by`. Whoever has no value comes last, and chance decides among equals. */
export async function orderSql(db: Queryable, by: Order | undefined, shuffle: string, bind: Bind): Promise<string> {
  const chance = `md5(${bind(`${shuffle}:`)}::text || t.row_id) collate "C"`;
  if (by === undefined) return chance;
  const type = (await loadAttributeSchema(db)).find(({ name }) => name === by.attribute)?.type;
  const value = `nullif(t.attributes ->> ${bind(by.attribute)}::text, '')`;
  const direction = by.direction === "ascending" ? "asc" : "desc";
  const keys = keysOf(value, type).map((key) => `${key} ${direction} nulls last`);
  return [...keys, chance].join(", ");
}

/** What nobody declared may be a number that a file wrote as text. */
function keysOf(value: string, type: string | undefined): string[] {
  if (type === "number") return [`read_number(${value})`];
  const text = type === "date" || type === "timestamp" ? `${value} collate "C"` : `fold_text(${value})`;
  return type === undefined ? [`read_number(${value})`, text] : [text];
}
