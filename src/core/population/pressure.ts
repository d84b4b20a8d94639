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

/** `analysed`: in which order; Infinity for the one that is just being analysed. */
export type Planned = { readonly at: Instant; readonly analysed: number; readonly id: number };

/** Of two of equal weight, whether `other` goes before `mine`: the earlier does, on the same date whoever was analysed first. */
export function isEarlier(other: Planned, mine: Planned): boolean {
  if (other.at !== mine.at) return other.at < mine.at;
  return other.analysed === mine.analysed ? other.id < mine.id : other.analysed < mine.analysed;
}

/** Whether a delivery that is planned goes before `mine`: the heavier does, and of equal ones the earlier. */
export function goesFirst(
  other: Planned & { readonly weight: number },
  mine: Planned & { readonly weight: number },
): boolean {
  return other.weight > mine.weight || (other.weight === mine.weight && isEarlier(other, mine));
}
