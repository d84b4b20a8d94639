/** Times between the API (UTC) and fields of the kind `datetime-local`, which know minutes of the operator's own zone. */

const FIELD = /^\d{4}-\d\d-\d\dT\d\d:\d\d/;

const two = (value: number): string => String(value).padStart(2, "0");

/** `2026-05-04T09:05`; empty for no time. */
export function toLocalField(iso: string | undefined): string {
  if (iso === undefined) return "";
  const at = new Date(iso);
  if (Number.isNaN(at.getTime())) return "";
  const day = `${String(at.getFullYear()).padStart(4, "0")}-${two(at.getMonth() + 1)}-${two(at.getDate())}`;
  return `${day}T${two(at.getHours())}:${two(at.getMinutes())}`;
}

/** undefined: nothing, or only a part of a time has been typed. */
export function fromLocalField(field: string): string | undefined {
  const at = FIELD.test(field) ? new Date(field) : null;
  return at === null || Number.isNaN(at.getTime()) ? undefined : at.toISOString();
}

const MINUTE = 60_000;

/** The next whole minute: a field of minutes that ends now must not leave out this one. */
export const endOfMinute = (now: number): string => new Date(Math.ceil((now + 1) / MINUTE) * MINUTE).toISOString();
