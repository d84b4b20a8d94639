/** Dates of segments: what is written, and what "within the last 7 days" means at an instant. All days are days in UTC. */
import { DAY, formatInstant, parseDuration, type Duration, type Instant } from "../time.ts";
import type { ValueType } from "./operators.ts";

/** First instant, and the first one that is not in it any more; null: open. */
export type Span = { readonly from: Instant | null; readonly to: Instant | null };

const WRITTEN =
  /^(\d{4})-(\d{2})-(\d{2})(?:[T ](\d{2}):(\d{2})(?::(\d{2})(?:\.(\d{1,3})\d{0,6})?)?(?:Z|([+-])(\d{2}):(\d{2}))?)?$/;
/** Years that can be written with four digits whatever is added to them. */
const FIRST_YEAR = 1;
const LAST_YEAR = 9900;
/** A hundred years. */
const LONGEST: Duration = 36_500 * DAY;

/** The day, or the instant with `to` a millisecond later; null: no such date. */
export function readDay(
  text: string,
): { readonly from: Instant; readonly to: Instant; readonly whole: boolean } | null {
  const match = WRITTEN.exec(text);
  if (!match) return null;
  const part = (index: number) => Number(match[index] ?? 0);
  const [year, month, day] = [part(1), part(2), part(3)];
  if (year < FIRST_YEAR || year > LAST_YEAR || part(4) > 23 || part(5) > 59 || part(6) > 59) return null;
  if (part(9) > 14 || part(10) > 59) return null;
  const midnight = dayOf(year, month, day);
  if (midnight === null) return null;
  if (match[4] === undefined) return { from: midnight, to: midnight + DAY, whole: true };
  const offset = (part(9) * 60 + part(10)) * 60_000 * (match[8] === "-" ? -1 : 1);
  const millis = Number((match[7] ?? "").padEnd(3, "0"));
  const from = midnight + ((part(4) * 60 + part(5)) * 60 + part(6)) * 1000 + millis - offset;
  return { from, to: from + 1, whole: false };
}

/** Midnight in UTC, counted from 1 March of the year 0 (era by era of 400 years); null for the 31st of June. */
function dayOf(year: number, month: number, day: number): Instant | null {
  const march = month > 2 ? year : year - 1;
  const era = Math.floor(march / 400);
  const ofEra = march - era * 400;
  const ofYear = Math.floor((153 * (month > 2 ? month - 3 : month + 9) + 2) / 5) + day - 1;
  const days = era * 146_097 + ofEra * 365 + Math.floor(ofEra / 4) - Math.floor(ofEra / 100) + ofYear - 719_468;
  const two = (n: number) => String(n).padStart(2, "0");
  const written = `${String(year).padStart(4, "0")}-${two(month)}-${two(day)}`;
  return formatInstant(days * DAY).startsWith(written) ? days * DAY : null;
}

/** Null: no duration, or longer than a hundred years. */
export function readSpan(text: string): Duration | null {
  const duration = parseDuration(text);
  return duration === null || duration > LONGEST ? null : duration;
}

/**
 * The span that a word with a duration stands for. Of times it rolls: `within-last 7d` begins this second a week ago. Of dates it counts days:
 * today and the six before it.
 */
export function spanOf(is: string, length: Duration, type: ValueType, now: Instant): Span {
  if (type === "date") {
    const today = now - (((now % DAY) + DAY) % DAY);
    if (is === "within-last") return { from: today - length + DAY, to: today + DAY };
    if (is === "within-next") return { from: today, to: today + length };
    return { from: null, to: today - length + DAY };
  }
  if (is === "within-last") return { from: now - length, to: now + 1 };
  return is === "within-next" ? { from: now + 1, to: now + length + 1 } : { from: null, to: now - length };
}

/** Month and day, `MM-DD`, so many days from today. Who is born on 29 February celebrates on the 28th when there is no 29th. */
export function anniversaryDays(days: number, now: Instant): string[] {
  const iso = (at: Instant) => formatInstant(at).slice(5, 10);
  const day = iso(now + days * DAY);
  return day === "02-28" && iso(now + (days + 1) * DAY) === "03-01" ? [day, "02-29"] : [day];
}
