/** How fast copies are archived: per minute, from totals that are looked at now and then. Knows no clock. */
import { MINUTE, SECOND, type Instant } from "../../core/time.ts";

/** A shorter span tells nothing. */
const MIN_SPAN = SECOND;

export type CopyRate = {
  /** `archived`: copies archived so far. Copies a minute, or null while it is not known. */
  sample(at: Instant, archived: number): number | null;
};

export function createCopyRate(): CopyRate {
  let samples: { at: Instant; archived: number }[] = [];
  return {
    sample(at, archived) {
      const newest = samples.at(-1);
      // Nobody has looked for long, or copies were withdrawn: the count starts again.
      if (newest && (at - newest.at > MINUTE || archived < newest.archived)) samples = [];
      samples.push({ at, archived });
      // The newest sample older than a minute stays: it is where the minute begins.
      while (samples[1] !== undefined && samples[1].at <= at - MINUTE) samples.shift();
      const first = samples[0] ?? { at, archived };
      const span = at - first.at;
      return span < MIN_SPAN ? null : Math.round(((archived - first.archived) / span) * MINUTE);
    },
  };
}
