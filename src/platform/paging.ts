/**
 * Lists by cursor (keyset): a page is read with one row more than asked for, which tells whether there is a next one.
 * Also how ids and cursors that came as text are read.
 */
import { appError } from "./errors.ts";

export function toPage<T>(rows: readonly T[], limit: number, cursorOf: (last: T) => string) {
  const data = rows.slice(0, limit);
  const last = data.at(-1);
  return { data, nextCursor: rows.length > limit && last !== undefined ? cursorOf(last) : null };
}

/** What cannot be an id names nothing, so it is not found. */
export function readId(text: string, what: string): number {
  if (/^[1-9]\d{0,14}$/.test(text)) return Number(text);
  throw appError("not-found", { what, id: text });
}

/** A cursor that is a number; null is the first page. */
export function readNumberCursor(cursor: string | undefined): number | null {
  if (cursor === undefined) return null;
  if (/^\d{1,15}$/.test(cursor)) return Number(cursor);
  throw invalidCursor();
}

export function invalidCursor() {
  const message = "Not a cursor of this list";
  return appError("invalid-input", { detail: `?cursor: ${message}` }, [
    { pointer: "?cursor", code: "invalid", message },
  ]);
}
