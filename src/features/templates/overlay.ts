/**
 * One set of fields over another, field by field: what is said on top counts, null takes away what is below. A group of
 * settings is a set of fields itself; a list, and the names of routes and variables, are one value each, because half of
 * two lists is nothing that anybody wrote.
 */
import type { Given, Override } from "../../contract/index.ts";
import { SETTING_GROUPS } from "../../core/delivery/properties.ts";

type Fields = Readonly<Record<string, unknown>>;

export function overlay<T extends object>(below: Given<T>, above: Override<T>): Given<T> {
  return lay(below as Fields, above as Fields) as Given<T>;
}

function lay(below: Fields, above: Fields): Fields {
  const fields = new Map(Object.entries(below));
  for (const [name, value] of Object.entries(above)) {
    if (value === undefined) continue;
    if (value === null) fields.delete(name);
    else if (SETTING_GROUPS.includes(name)) fields.set(name, lay((fields.get(name) ?? {}) as Fields, value as Fields));
    else fields.set(name, value);
  }
  return Object.fromEntries(fields);
}
