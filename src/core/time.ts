/**
 * Instants and durations. The only file of core that may touch `Date`, and only as a pure function of its argument
 * (epoch milliseconds in, text out). Nothing here reads a clock.
 */

/** Milliseconds since 1970-01-01T00:00:00Z. */
export type Instant = number;
/** Milliseconds. */
export type Duration = number;

export const SECOND: Duration = 1000;
export const MINUTE: Duration = 60 * SECOND;
export const HOUR: Duration = 60 * MINUTE;
export const DAY: Duration = 24 * HOUR;

const UNITS: Readonly<Record<string, Duration>> = { s: SECOND, m: MINUTE, h: HOUR, d: DAY };

/** `90s`, `20m`, `36h`, `5d` as milliseconds; `null` for anything else, also for zero. */
export function parseDuration(text: string): Duration | null {
  const match = /^([1-9]\d{0,8})([smhd])$/.exec(text.trim());
  if (!match) return null;
  return Number(match[1]) * (UNITS[match[2] ?? ""] ?? 0);
}

const WEEKDAYS = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"];
const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/** The `Date:` header value in UTC (RFC 5322 §3.3). */
export function formatMailDate(at: Instant): string {
  const d = new Date(at);
  const two = (n: number) => String(n).padStart(2, "0");
  const time = `${two(d.getUTCHours())}:${two(d.getUTCMinutes())}:${two(d.getUTCSeconds())}`;
  return `${WEEKDAYS[d.getUTCDay()]}, ${d.getUTCDate()} ${MONTHS[d.getUTCMonth()]} ${d.getUTCFullYear()} ${time} +0000`;
}

/** RFC 3339 in UTC with milliseconds. */
export function formatInstant(at: Instant): string {
  return new Date(at).toISOString();
}

/** `2026-03-29T02:30:00` as if it were UTC, without seconds too; null for anything else, also for a date that no calendar has. */
export function readDateTime(text: string): Instant | null {
  const match = /^(\d{4}-\d{2}-\d{2})[T ](\d{2}:\d{2})(:\d{2})?$/.exec(text);
  if (!match) return null;
  const written = `${match[1]}T${match[2]}${match[3] ?? ":00"}.000Z`;
  const at = new Date(written).getTime();
  return Number.isNaN(at) || formatInstant(at) !== written ? null : at;
}

/** RFC 3339 with `Z` or an offset; null for anything else. */
export function readInstant(text: string): Instant | null {
  const match = /^(\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2})(\.\d{1,9})?(?:Z|([+-])(\d{2}):(\d{2}))$/i.exec(text);
  const local = match && readDateTime((match[1] ?? "").toUpperCase());
  if (!match || local === null) return null;
  const [hours, minutes] = [Number(match[4] ?? 0), Number(match[5] ?? 0)];
  if (hours > 23 || minutes > 59) return null;
  const offset = (hours * HOUR + minutes * MINUTE) * (match[3] === "-" ? -1 : 1);
  return local + Math.floor(Number(match[2] ?? 0) * SECOND) - offset;
}

export type CalendarUnit = "day" | "week" | "month" | "quarter" | "year";

const MONTHS_IN = { month: 1, quarter: 3, year: 12 } as const;

/** The calendar period in UTC that an instant lies in: its first instant, and the first one after it. Weeks begin on Monday (ISO 8601). */
export function calendarPeriod(at: Instant, unit: CalendarUnit): { readonly from: Instant; readonly to: Instant } {
  const d = new Date(at);
  if (unit === "day" || unit === "week") {
    const back = unit === "day" ? 0 : (d.getUTCDay() + 6) % 7;
    const from = Date.UTC(d.getUTCFullYear(), d.getUTCMonth(), d.getUTCDate() - back);
    return { from, to: from + (unit === "day" ? 1 : 7) * DAY };
  }
  const months = MONTHS_IN[unit];
  const first = d.getUTCMonth() - (d.getUTCMonth() % months);
  return { from: Date.UTC(d.getUTCFullYear(), first), to: Date.UTC(d.getUTCFullYear(), first + months) };
}

/** The first instant of a month in UTC: so many months after that of `at`. */
export function startOfMonth(at: Instant, monthsAfter: number): Instant {
  const d = new Date(at);
  return Date.UTC(d.getUTCFullYear(), d.getUTCMonth() + monthsAfter);
}
