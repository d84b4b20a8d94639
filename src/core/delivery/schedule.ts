/**
 * When a delivery is to begin, from what an operator writes: a date and time of a zone, or an instant. An hour that the
 * clocks of the zone leave out is refused; of an hour that they go through twice the earlier one is meant, unless the
 * operator says the later. What is kept is the instant: a zone that changes its rules afterwards moves nothing.
 */
import { DAY, formatInstant, readDateTime, readInstant, type Duration, type Instant } from "../time.ts";

/** How much the clocks of a zone are ahead of UTC at an instant. */
export type OffsetAt = (at: Instant) => Duration;

export type WantedSchedule = {
  /** `2026-11-27T09:00` by the clocks of the zone, or RFC 3339 with `Z` or an offset. */
  readonly at: string;
  readonly occurrence: "earlier" | "later";
  /** Written like `at`; null: the tolerance after it. */
  readonly notLaterThan: string | null;
};

type ScheduleError = { readonly field: "at" | "notLaterThan"; readonly code: string; readonly message: string };

export type ReadSchedule =
  | { readonly kind: "schedule"; readonly at: Instant; readonly notAfter: Instant }
  | ({ readonly kind: "invalid" } & ScheduleError);

/** A date further away than this is taken for a slip of the pen. */
export const MOST_AHEAD = 366 * DAY;

export function readSchedule(
  wanted: WantedSchedule,
  offsetAt: OffsetAt,
  tolerance: Duration,
  now: Instant,
): ReadSchedule {
  const start = readTime("at", wanted.at, wanted.occurrence, offsetAt);
  if (typeof start !== "number") return start;
  if (start < now) return invalid("at", "past", `${formatInstant(start)} is over`);
  if (start > now + MOST_AHEAD) return invalid("at", "too-far", "A delivery is scheduled for a year ahead at most");
  if (wanted.notLaterThan === null) return { kind: "schedule", at: start, notAfter: start + tolerance };
  // Of an hour that comes twice, the one that gives the start more time.
  const end = readTime("notLaterThan", wanted.notLaterThan, "later", offsetAt);
  if (typeof end !== "number") return end;
  if (end <= start) return invalid("notLaterThan", "before-start", `${formatInstant(end)} is not after the start`);
  return { kind: "schedule", at: start, notAfter: end };
}

function readTime(
  field: ScheduleError["field"],
  text: string,
  occurrence: WantedSchedule["occurrence"],
  offsetAt: OffsetAt,
): Instant | Extract<ReadSchedule, { kind: "invalid" }> {
  const instant = readInstant(text);
  if (instant !== null) return instant;
  const local = readDateTime(text);
  if (local === null) {
    return invalid(field, "invalid-time", `"${text}" is no time: write 2026-11-27T09:00 or 2026-11-27T08:00:00Z`);
  }
  const instants = instantsOf(local, offsetAt);
  const found = occurrence === "earlier" ? instants[0] : instants.at(-1);
  if (found !== undefined) return found;
  const after = local - offsetAt(local - DAY);
  const next = formatLocal(after, offsetAt);
  return invalid(field, "time-gap", `The clocks go past ${formatLocal(local, () => 0)}; the same moment is ${next}`);
}

function invalid(field: ScheduleError["field"], code: string, message: string) {
  return { kind: "invalid", field, code, message } as const;
}

/** Each instant at which the clocks show `local` (a date and time as if it were UTC): none in a gap, two in an overlap. */
export function instantsOf(local: Instant, offsetAt: OffsetAt): readonly Instant[] {
  // No zone is more than a day from UTC, and none changes its clocks twice in two days.
  const offsets = new Set([offsetAt(local - DAY), offsetAt(local + DAY)]);
  return [...offsets]
    .map((offset) => local - offset)
    .filter((at) => at + offsetAt(at) === local)
    .sort((a, b) => a - b);
}

/** What the clocks of the zone show, `2026-11-27T09:00:00`. */
export function formatLocal(at: Instant, offsetAt: OffsetAt): string {
  return formatInstant(at + offsetAt(at)).slice(0, 19);
}
