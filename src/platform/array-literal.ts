/**
 * Arrays as PostgreSQL reads them (manual §8.15.2, "Array Value Input"). A sender writes dozens of columns of hundreds of values many
 * times a second; pg's own way quotes every number and asks each date for its time zone.
 */

/** Null: something in it is not plain, and pg has to do it. */
export function arrayLiteral(values: readonly unknown[]): string | null {
  const out: string[] = [];
  for (const value of values) {
    const text = elementLiteral(value);
    if (text === null) return null;
    out.push(text);
  }
  return `{${out.join(",")}}`;
}

function elementLiteral(value: unknown): string | null {
  if (value === null || value === undefined) return "NULL";
  if (typeof value === "string") return quoted(value);
  if (typeof value === "number" || typeof value === "boolean" || typeof value === "bigint") return String(value);
  return value instanceof Date && isUsual(value) ? `"${value.toISOString()}"` : null;
}

function quoted(text: string): string {
  const escaped = text.includes("\\") || text.includes('"') ? text.replace(/["\\]/g, "\\$&") : text;
  return `"${escaped}"`;
}

/** ISO 8601 writes years beyond these in a way of its own; an invalid date has none. */
function isUsual(date: Date): boolean {
  const year = date.getUTCFullYear();
  return year >= 1 && year <= 9999;
}
