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

/** Asked right before every attempt, whatever was planned: nothing leaves at or after the end. */
export function mayAttempt(validUntil: Instant, now: Instant): boolean {
  return now < validUntil;
}

/** In the largest unit that leaves no rest, as settings write it: `5d`, `84h`; whole seconds at the least. */
export function formatDuration(duration: Duration): string {
  const [unit, size] = UNITS.find(([, length]) => duration % length === 0) ?? (["s", SECOND] as const);
  return `${Math.round(duration / size)}${unit}`;
}
