/** `If-Match`: which version of a thing an editor has seen, so that nobody's change is lost. */

/**
 * RFC 9110 §13.1.1. Null: any version will do (no header, or `*`). An ETag that is none of ours matches no version, nor does
 * a weak one.
 */
export function readIfMatch(header: string | undefined): number | "none" | null {
  if (header === undefined || header.trim() === "*") return null;
  const match = /^\s*"?(\d{1,9})"?\s*$/.exec(header);
  return match ? Number(match[1]) : "none";
}
