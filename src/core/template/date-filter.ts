/**
 * The `date` filter: UTC always and English unless it says another language, because a message must come out the same on
 * every machine. Reads ISO 8601 (no zone means UTC), seconds since 1970 as Liquid does; anything else is not a date and
 * stays as it is.
 */
import { DAY, HOUR, MINUTE, SECOND } from "../time.ts";
import { type Locale, localeOf } from "./locales.ts";

const ISO = /^(\d{4})-(\d{2})-(\d{2})(?:[T ](\d{2}):(\d{2})(?::(\d{2})(?:\.\d+)?)?\s*(Z|[+-]\d{2}:?\d{2})?)?$/;

/** Days since 1970-01-01 of a date of the Gregorian calendar; months count from 1. */
function daysFromCivil(year: number, month: number, day: number): number {
  const y = month <= 2 ? year - 1 : year;
  const era = Math.floor(y / 400);
  const yearOfEra = y - era * 400;
  const dayOfYear = Math.floor((153 * (month + (month > 2 ? -3 : 9)) + 2) / 5) + day - 1;
  return (
    era * 146_097 + yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear - 719_468
  );
}

function civilFromDays(days: number): { year: number; month: number; day: number } {
  const z = days + 719_468;
  const era = Math.floor(z / 146_097);
  const dayOfEra = z - era * 146_097;
  const yearOfEra = Math.floor(
    (dayOfEra - Math.floor(dayOfEra / 1460) + Math.floor(dayOfEra / 36_524) - Math.floor(dayOfEra / 146_096)) / 365,
  );
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const shifted = Math.floor((5 * dayOfYear + 2) / 153);
  const month = shifted < 10 ? shifted + 3 : shifted - 9;
  const day = dayOfYear - Math.floor((153 * shifted + 2) / 5) + 1;
  return { year: yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, day };
}

/** Milliseconds since 1970; null when the value is no date that exists. */
function readDate(value: unknown): number | null {
  if (typeof value === "number") return Number.isFinite(value) ? value * SECOND : null;
  if (typeof value !== "string") return null;
  const text = value.trim();
  if (/^\d{1,12}$/.test(text)) return Number(text) * SECOND;
  const match = ISO.exec(text);
  if (!match) return null;
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = match
    .slice(1, 7)
    .map((part) => Number(part ?? 0));
  const days = daysFromCivil(year, month, day);
  const civil = civilFromDays(days);
  if (civil.month !== month || civil.day !== day || hour > 23 || minute > 59 || second > 60) return null;
  return days * DAY + hour * HOUR + minute * MINUTE + second * SECOND - zoneOffset(match[7]);
}

function zoneOffset(zone: string | undefined): number {
  if (zone === undefined || zone === "Z") return 0;
  const minutes = Number(zone.slice(1, 3)) * 60 + Number(zone.slice(-2));
  return (zone.startsWith("-") ? -minutes : minutes) * MINUTE;
}

type Fields = {
  year: number;
  month: number;
  day: number;
  weekday: number;
  yearDay: number;
  hour: number;
  minute: number;
  second: number;
  millisecond: number;
  epoch: number;
};

function fieldsOf(at: number): Fields {
  const days = Math.floor(at / DAY);
  const rest = at - days * DAY;
  const { year, month, day } = civilFromDays(days);
  return {
    year,
    month,
    day,
    weekday: (((days + 4) % 7) + 7) % 7,
    yearDay: days - daysFromCivil(year, 1, 1) + 1,
    hour: Math.floor(rest / HOUR),
    minute: Math.floor((rest % HOUR) / MINUTE),
    second: Math.floor((rest % MINUTE) / SECOND),
    millisecond: Math.floor(rest % SECOND),
    epoch: Math.floor(at / SECOND),
  };
}

const pad = (value: number, width: number, fill = "0") => String(value).padStart(width, fill);
const shortMonth = (f: Fields, names: Locale) => names.shortMonths[f.month - 1] ?? "";
const clockHour = (f: Fields) => f.hour % 12 || 12;

/** Conversions of strftime. The first text is the padded form, the second what the flag `-` gives. */
const CONVERSIONS: Readonly<Record<string, (f: Fields, names: Locale) => string | readonly [string, string]>> = {
  a: (f, names) => names.shortWeekdays[f.weekday] ?? "",
  A: (f, names) => names.weekdays[f.weekday] ?? "",
  b: shortMonth,
  B: (f, names) => names.months[f.month - 1] ?? "",
  C: (f) => pad(Math.floor(f.year / 100), 2),
  d: (f) => [pad(f.day, 2), String(f.day)],
  D: (f) => `${pad(f.month, 2)}/${pad(f.day, 2)}/${pad(f.year % 100, 2)}`,
  e: (f) => [pad(f.day, 2, " "), String(f.day)],
  F: (f) => `${f.year}-${pad(f.month, 2)}-${pad(f.day, 2)}`,
  h: shortMonth,
  H: (f) => [pad(f.hour, 2), String(f.hour)],
  I: (f) => [pad(clockHour(f), 2), String(clockHour(f))],
  j: (f) => [pad(f.yearDay, 3), String(f.yearDay)],
  k: (f) => [pad(f.hour, 2, " "), String(f.hour)],
  l: (f) => [pad(clockHour(f), 2, " "), String(clockHour(f))],
  L: (f) => pad(f.millisecond, 3),
  m: (f) => [pad(f.month, 2), String(f.month)],
  M: (f) => [pad(f.minute, 2), String(f.minute)],
  p: (f) => (f.hour < 12 ? "AM" : "PM"),
  P: (f) => (f.hour < 12 ? "am" : "pm"),
  q: (f) => ordinal(f.day),
  R: (f) => `${pad(f.hour, 2)}:${pad(f.minute, 2)}`,
  s: (f) => String(f.epoch),
  S: (f) => [pad(f.second, 2), String(f.second)],
  T: (f) => `${pad(f.hour, 2)}:${pad(f.minute, 2)}:${pad(f.second, 2)}`,
  u: (f) => String(f.weekday || 7),
  w: (f) => String(f.weekday),
  y: (f) => [pad(f.year % 100, 2), String(f.year % 100)],
  Y: (f) => String(f.year),
  z: () => "+0000",
  Z: () => "UTC",
  "%": () => "%",
};

function ordinal(day: number): string {
  if (day >= 11 && day <= 13) return "th";
  return ["th", "st", "nd", "rd"][day % 10] ?? "th";
}

/** The date in the given strftime pattern; null when the value is no date. Unknown conversions stay as written. */
export function formatDate(value: unknown, pattern: string, language = "en"): string | null {
  const at = readDate(value);
  if (at === null || Math.abs(at) > 8.64e15) return null;
  const fields = fieldsOf(at);
  const names = localeOf(language);
  return pattern.replace(/%([-^]?)([a-zA-Z%])/g, (whole, flag: string, conversion: string) => {
    const made = CONVERSIONS[conversion]?.(fields, names);
    if (made === undefined) return whole;
    const text = typeof made === "string" ? made : made[flag === "-" ? 1 : 0];
    return flag === "^" ? text.toUpperCase() : text;
  });
}
