/** Text of values, and text as HTML. */
import { toValue } from "liquidjs";

/** Text of a value as Liquid prints it. */
export function printValue(value: unknown): string {
  if (typeof value === "string") return value;
  const plain = toValue(value);
  if (plain === null || plain === undefined) return "";
  if (Array.isArray(plain)) return plain.map(printValue).join("");
  return typeof plain === "object" ? Object.prototype.toString.call(plain) : String(plain as number | boolean);
}

const HTML_SPECIAL = /[&<>"']/;
const HTML_SPECIALS = /[&<>"']/g;
const HTML_ENTITIES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&#34;",
  "'": "&#39;",
};

export function escapeHtml(text: string): string {
  return HTML_SPECIAL.test(text) ? text.replace(HTML_SPECIALS, (char) => HTML_ENTITIES[char] ?? char) : text;
}
