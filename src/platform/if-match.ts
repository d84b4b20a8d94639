/** `If-Match`: which version of a thing an editor has seen, so that nobody's change is lost. */
import { appError } from "./errors.ts";

/** The version that an editor saw; null: any will do; `none`: what was sent is the version of nothing. */
export type Seen = number | "none" | null;

/** Throws `version-conflict`. `what`: in words, for the message. */
export function assertSeen(version: number, seen: Seen, what: string): void {
  if (seen !== null && seen !== version) throw appError("version-conflict", { what });
}

/**
 * RFC 9110 §13.1.1. Null: any version will do (no header, or `*`). An ETag that is none of ours matches no version, nor does
 * a weak one.
 */
export function readIfMatch(header: string | undefined): Seen {
  if (header === undefined || header.trim() === "*") return null;
  const match = /^\s*"?(\d{1,9})"?\s*$/.exec(header);
  return match ? Number(match[1]) : "none";
}
