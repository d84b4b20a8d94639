/**
 * Pressure: nobody gets more than so many messages in so many days. Which messages count for a delivery is decided by dates and weights
 * alone: here of one delivery against another; how many that are for each person is SQL (features/analysis).
 */
import { calendarPeriod, DAY, type CalendarUnit, type Instant } from "../time.ts";

export type Grouping = "none" | CalendarUnit;

/**
 * Messages from `from` on count, up to now those that are out, and before `to` those that are planned: so many days back and as many ahead,
 * stretched to the whole days, weeks, months … in UTC that they begin and end in.
 */
export function pressureSpan(
  at: Instant,
  days: number,
  grouping: Grouping,
): { readonly from: Instant; readonly to: Instant } {
  const [from, to] = [at - days * DAY, at + days * DAY];
  if (grouping === "none") return { from, to };
  return { from: calendarPeriod(from, grouping).from, to: calendarPeriod(to, grouping).to };
}

export type Planned = { readonly at: Instant; readonly weight: number };

/** Whether a delivery that is planned goes before `mine`: the heavier does, and of equal ones the earlier; on the same date whoever was analysed first. */
export function goesFirst(other: Planned, mine: Planned): boolean {
  return other.weight > mine.weight || (other.weight === mine.weight && other.at <= mine.at);
}
