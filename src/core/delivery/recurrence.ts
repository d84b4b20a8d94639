/**
 * The dates of a recurring delivery: days of the calendar at a time that the clocks of a zone show. Each date has one run, on the
 * days too on which the clocks change: a time that they leave out is taken at the moment it would have been, of one that
 * comes twice the first.
 */
import { DAY, startOfMonth, type Duration, type Instant } from "../time.ts";
import { instantsOf, type OffsetAt } from "./schedule.ts";

export const RECURRENCE_UNITS = ["day", "week", "month"] as const;

export const WEEKDAYS = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"] as const;
export type Weekday = (typeof WEEKDAYS)[number];

/** Dates are midnights as if they were UTC. */
export type Recurrence = {
  readonly unit: (typeof RECURRENCE_UNITS)[number];
  /** Every so many units, counted from that of the first date. */
  readonly every: number;
  /** Of weeks; none: the weekday of the first date. */
  readonly weekdays: readonly Weekday[];
  /** Of months, 1 to 31: in shorter months it is the last day. Null: the day of the first date. */
  readonly dayOfMonth: number | null;
  readonly firstDate: Instant;
  /** Null: there is no end. */
  readonly lastDate: Instant | null;
  /** Since midnight. */
  readonly time: Duration;
};

/** The runs from this instant on, in their order; without an end where there is no last date. */
export function* runsFrom(rule: Recurrence, offsetAt: OffsetAt, from: Instant): Generator<Instant> {
  let before = Number.NEGATIVE_INFINITY;
  // A zone is up to a day away from UTC, and its clocks may have jumped by one.
  for (const date of datesFrom(rule, from - 3 * DAY)) {
    const local = date + rule.time;
    const at = instantsOf(local, offsetAt)[0] ?? local - offsetAt(local - DAY);
    // Where a whole day is left out, its time falls on that of the next day.
    if (at <= before) continue;
    before = at;
    if (at >= from) yield at;
  }
}

export function nextRuns(rule: Recurrence, offsetAt: OffsetAt, from: Instant, count: number): readonly Instant[] {
  return take(runsFrom(rule, offsetAt, from), count, Number.POSITIVE_INFINITY);
}

/** Those from `from` to `to`, both included; `most` at most, the first ones. */
export function runsBetween(
  rule: Recurrence,
  offsetAt: OffsetAt,
  { from, to, most }: { readonly from: Instant; readonly to: Instant; readonly most: number },
): readonly Instant[] {
  return take(runsFrom(rule, offsetAt, from), most, to);
}

/**
 * Of the runs that are due, in their order: the last one is made, if its time was not longer ago than the tolerance. Never two:
 * nobody wants what was to come on different days all at once.
 */
export function splitDue(due: readonly Instant[], now: Instant, tolerance: Duration): Split {
  const last = due.at(-1);
  if (last === undefined || last + tolerance < now) return { missed: due, run: null };
  return { missed: due.slice(0, -1), run: last };
}

type Split = { readonly missed: readonly Instant[]; readonly run: Instant | null };

function take(runs: Iterable<Instant>, count: number, last: Instant): readonly Instant[] {
  const taken: Instant[] = [];
  if (count === 0) return taken;
  for (const at of runs) {
    if (at > last) break;
    taken.push(at);
    if (taken.length === count) break;
  }
  return taken;
}

/** The dates of the rule from about `from` on, in their order. */
function* datesFrom(rule: Recurrence, from: Instant): Generator<Instant> {
  const { every, firstDate, lastDate } = rule;
  const passed = unitsBetween(rule, firstDate, from);
  for (let n = Math.max(0, Math.floor(passed / every) - 1) * every; ; n += every) {
    for (const date of datesOfUnit(rule, n)) {
      if (lastDate !== null && date > lastDate) return;
      if (date >= firstDate) yield date;
    }
  }
}

/** So many units have passed between two dates at least, since none is longer. */
function unitsBetween({ unit }: Recurrence, first: Instant, to: Instant): number {
  if (unit === "month") return Math.floor((to - first) / (31 * DAY));
  return Math.floor((to - first) / (unit === "day" ? DAY : 7 * DAY));
}

/** The dates in the unit that is `n` after that of the first date. */
function datesOfUnit({ unit, firstDate, weekdays, dayOfMonth }: Recurrence, n: number): readonly Instant[] {
  if (unit === "day") return [firstDate + n * DAY];
  if (unit === "week") {
    const monday = firstDate - weekdayOf(firstDate) * DAY + n * 7 * DAY;
    const days =
      weekdays.length === 0 ? [weekdayOf(firstDate)] : WEEKDAYS.flatMap((day, i) => (weekdays.includes(day) ? i : []));
    return days.map((day) => monday + day * DAY);
  }
  const wanted = dayOfMonth === null ? firstDate - startOfMonth(firstDate, 0) : (dayOfMonth - 1) * DAY;
  return [Math.min(startOfMonth(firstDate, n) + wanted, startOfMonth(firstDate, n + 1) - DAY)];
}

/** 0: Monday. 1970-01-01 was a Thursday. */
function weekdayOf(date: Instant): number {
  return (((Math.floor(date / DAY) + 3) % 7) + 7) % 7;
}
