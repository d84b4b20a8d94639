/**
 * Dates and times as files write them: ISO 8601, 31.12.2024, 31/12/2024, 12/31/2024. With slashes and dashes day and month can change
 * places (US); where both could be meant the value is refused unless the file says its order. Years have four digits.
 */
import { DAY, formatInstant, MINUTE, SECOND } from "../time.ts";
import type { ReadValue } from "./read-value.ts";

export type DateOrder = "dmy" | "mdy";

const ISO = /^(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})$/;
const COMPACT = /^(\d{4})(\d{2})(\d{2})$/;
const SHORT = /^(\d{1,2})([-/.])(\d{1,2})\2(\d{4})$/;
const SPLIT = /^([\d./-]{8,10})(?:T|\s+|,\s*)(\d{1,2}:.*)$/i;
const TIME = /^(\d{1,2}):(\d{2})(?::(\d{2})(?:[.,](\d{1,9}))?)?\s*(am|pm)?\s*(z|utc|gmt|[+-]\d{2}(?::?\d{2})?)?$/i;

type Day = { readonly year: number; readonly month: number; readonly day: number };

/** `2024-01-31`. A time behind it is dropped: a database that exports dates writes midnight there. */
export function readDate(text: string, order?: DateOrder): ReadValue {
  const split = SPLIT.exec(text);
  if (split && readTime(split[2] ?? "") === null) return invalid("has a time that is none");
  const day = readDay(split?.[1] ?? text, order);
  return typeof day === "string" ? invalid(day) : { kind: "value", value: formatDay(day) };
}

/** UTC with milliseconds. Without a zone it is taken as UTC, without a time as midnight. */
export function readTimestamp(text: string, order?: DateOrder): ReadValue {
  const split = SPLIT.exec(text);
  const day = readDay(split?.[1] ?? text, order);
  if (typeof day === "string") return invalid(day);
  const time = split ? readTime(split[2] ?? "") : 0;
  if (time === null) return invalid("has a time that is none (09:30, 09:30:00Z, 09:30:00+02:00)");
  return { kind: "value", value: formatInstant(daysSince1970(day) * DAY + time) };
}

/** In the proleptic Gregorian calendar, by years that begin in March: then the leap day is the last of its year. */
function daysSince1970({ year, month, day }: Day): number {
  const y = month > 2 ? year : year - 1;
  const months = (month + 9) % 12;
  const dayOfYear = Math.floor((153 * months + 2) / 5) + day - 1;
  return 365 * y + Math.floor(y / 4) - Math.floor(y / 100) + Math.floor(y / 400) + dayOfYear - 719_468;
}

function readDay(text: string, order: DateOrder | undefined): Day | string {
  const iso = ISO.exec(text) ?? COMPACT.exec(text);
  if (iso) return checked({ year: Number(iso[1]), month: Number(iso[2]), day: Number(iso[3]) });
  const short = SHORT.exec(text);
  if (!short) return "is no date (2024-01-31, 31.01.2024)";
  const [first, second, year] = [Number(short[1]), Number(short[3]), Number(short[4])];
  const dayFirst = { year, month: second, day: first };
  const monthFirst = { year, month: first, day: second };
  if (order !== undefined) return checked(order === "dmy" ? dayFirst : monthFirst);
  // Points are only used where the day comes first.
  if (short[2] === "." || first === second || first > 12 || first === 0) return checked(dayFirst);
  if (second > 12) return checked(monthFirst);
  return `can be ${formatDay(dayFirst)} or ${formatDay(monthFirst)}: say which order the file has`;
}

function checked(day: Day): Day | string {
  const isLeap = day.year % 4 === 0 && (day.year % 100 !== 0 || day.year % 400 === 0);
  const days = day.month === 2 ? (isLeap ? 29 : 28) : [4, 6, 9, 11].includes(day.month) ? 30 : 31;
  if (day.year < 1000) return "has a year before 1000";
  if (day.month < 1 || day.month > 12) return `has the month ${day.month}`;
  if (day.day < 1 || day.day > days)
    return `has the day ${day.day}, which month ${day.month} of ${day.year} does not have`;
  return day;
}

/** Milliseconds from midnight UTC, null for what is no time. */
function readTime(text: string): number | null {
  const match = TIME.exec(text.trim());
  if (!match) return null;
  const [, h = "", m = "", s = "0", fraction = "", half = "", zone = ""] = match;
  const hours = toHours(Number(h), half.toLowerCase());
  if (hours === null || Number(m) > 59 || Number(s) > 59) return null;
  const offset = readOffset(zone);
  if (offset === null) return null;
  const ms = Number(fraction.padEnd(3, "0").slice(0, 3));
  return (hours * 60 + Number(m) - offset) * MINUTE + Number(s) * SECOND + ms;
}

function toHours(hours: number, half: string): number | null {
  if (half === "") return hours > 23 ? null : hours;
  if (hours < 1 || hours > 12) return null;
  return (hours % 12) + (half === "pm" ? 12 : 0);
}

/** Minutes east of UTC. */
function readOffset(zone: string): number | null {
  const match = /^([+-])(\d{2}):?(\d{2})?$/.exec(zone);
  if (!match) return 0;
  const minutes = Number(match[2]) * 60 + Number(match[3] ?? "0");
  return minutes > 14 * 60 ? null : minutes * (match[1] === "-" ? -1 : 1);
}

function formatDay({ year, month, day }: Day): string {
  const two = (n: number) => String(n).padStart(2, "0");
  return `${year}-${two(month)}-${two(day)}`;
}

const invalid = (problem: string): ReadValue => ({ kind: "invalid", problem });
