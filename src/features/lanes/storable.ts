/** Texts from outside (replies, host names) as PostgreSQL can keep them: it takes neither NUL nor half a character. */

export function storableText(text: string): string {
  return text.toWellFormed().replaceAll("\u0000", "\ufffd");
}

/** The same for all texts of a value, as JSON. */
export function storableJson(value: unknown): string {
  return JSON.stringify(value, (_, part: unknown) => (typeof part === "string" ? storableText(part) : part));
}
