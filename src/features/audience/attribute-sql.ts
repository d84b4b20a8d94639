/**
 * The expression over a recipient's row that an attribute is looked up by. Indexes are made of it, so whoever filters by the same
 * expression has the index. Names stand in it as literals: PostgreSQL matches expressions by their text.
 */
import type { Attribute } from "../../core/audience/attribute.ts";

/** `column`: the JSONB. Answers text, for a number a numeric that is null where no number is stored. */
export function attributeSql({ name, type }: Pick<Attribute, "name" | "type">, column = "r.attributes"): string {
  const key = `'${name.replaceAll("'", "''")}'`;
  switch (type) {
    case "number":
      return `(case when jsonb_typeof(${column} -> ${key}) = 'number' then (${column} ->> ${key})::numeric end)`;
    // They are written so that they sort as text, byte by byte.
    case "date":
    case "timestamp":
      return `((${column} ->> ${key}) collate "C")`;
    case "text":
    case "enum":
    case "boolean":
      return `(${column} ->> ${key})`;
  }
}
