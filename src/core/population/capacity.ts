/** Capacity: how many messages can be taken on a day, by lines of availability. */
import { DAY, readInstant, type Instant } from "../time.ts";

/** Days as `2026-11-22`, both inclusive, in UTC. */
export type Line = { readonly from: string; readonly to: string; readonly messages: number };

/** From the beginning of the first day, before the end of the last. */
export function spanOf({ from, to }: Pick<Line, "from" | "to">): { readonly from: Instant; readonly to: Instant } {
  return { from: midnight(from), to: midnight(to) + DAY };
}

function midnight(day: string): Instant {
  return readInstant(`${day}T00:00:00Z`) ?? Number.NaN;
}

/** The line in which an instant lies; null: none says anything about it. */
export function lineAt<L extends Line>(lines: readonly L[], at: Instant): L | null {
  return (
    lines.find((line) => {
      const { from, to } = spanOf(line);
      return from <= at && at < to;
    }) ?? null
  );
}

export type LineProblem = { readonly index: number; readonly code: "ends-before-it-begins" | "overlaps" };

/** Of two lines that overlap the later one is named. */
export function lineProblems(lines: readonly Line[]): LineProblem[] {
  return lines.flatMap(({ from, to }, index): LineProblem[] => {
    if (to < from) return [{ index, code: "ends-before-it-begins" }];
    const overlaps = lines.slice(0, index).some((before) => before.from <= to && from <= before.to);
    return overlaps ? [{ index, code: "overlaps" }] : [];
  });
}
