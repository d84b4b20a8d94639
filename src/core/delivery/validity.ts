/** How long attempts may go on: what the delivery asks for, but no longer than the platform lets any. */
import { DAY, type Duration, HOUR, type Instant, MINUTE, SECOND } from "../time.ts";

const UNITS = [
  ["d", DAY],
  ["h", HOUR],
  ["m", MINUTE],
] as const;

export function effectiveValidity(validity: Duration, cap: Duration): Duration {
  return Math.min(validity, cap);
}

/** What a delivery says: for how long, or until when; the date counts if there is one. */
export type WantedValidity = { readonly period: Duration; readonly until: Instant | null };

/** From a start at this instant on; 0 or less: it is over before it begins. */
export function validityFrom({ period, until }: WantedValidity, cap: Duration, start: Instant): Duration {
  return effectiveValidity(until === null ? period : until - start, cap);
}

/** Asked right before every attempt, whatever was planned: nothing leaves at or after the end. */
export function mayAttempt(validUntil: Instant, now: Instant): boolean {
  return now < validUntil;
}

/** In the largest unit that leaves no rest, as settings write it: `5d`, `84h`; whole seconds at the least. */
export function formatDuration(duration: Duration): string {
  const [unit, size] = UNITS.find(([, length]) => duration % length === 0) ?? (["s", SECOND] as const);
  return `${Math.round(duration / size)}${unit}`;
}
