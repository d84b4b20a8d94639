/** Which deliveries or templates a list shows: by folder, code, category and nature. */
import type { GeneralFilter } from "../../contract/index.ts";

export type Condition = { readonly sql: string; readonly params: readonly unknown[] };

/** `nature`: the expression that says it. The parameters are numbered from `first` on. Without a filter: true. */
export function filterBy(filter: GeneralFilter, nature: string, first: number): Condition {
  const params: unknown[] = [];
  const next = (value: unknown) => `$${first + params.push(value) - 1}`;
  const { folder, code, category } = filter;
  const conditions: string[] = [];
  if (folder === "none") conditions.push("folder_id is null");
  else if (folder !== undefined) {
    conditions.push(`folder_id in (with recursive below as (
      select id from folders where id = ${next(Number(folder))}::bigint
      union all select f.id from folders f join below b on f.parent_id = b.id) select id from below)`);
  }
  if (code !== undefined) conditions.push(`lower(code) = lower(${next(code)}::text)`);
  if (category !== undefined) conditions.push(`category = ${next(category)}::text`);
  if (filter.nature !== undefined) conditions.push(`${nature} = ${next(filter.nature)}::text`);
  return { sql: conditions.length === 0 ? "true" : conditions.join(" and "), params };
}
