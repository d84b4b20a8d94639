/** How fast a delivery goes: final outcomes per second over a sliding window of samples. Knows no clock. */
import { SECOND, type Instant } from "../../core/time.ts";

const WINDOW = 10 * SECOND;
/** A shorter span tells nothing. */
const MIN_SPAN = SECOND;

export type RateMeter = {
  /** `done`: messages with a final outcome so far. Gives the rate, or null while it is not known. */
  sample(at: Instant, done: number): number | null;
};

export function createRateMeter(): RateMeter {
  let samples: { at: Instant; done: number }[] = [];
  return {
    sample(at, done) {
      const newest = samples.at(-1);
      // A new analysis starts the count again.
      if (newest && done < newest.done) samples = [];
      samples.push({ at, done });
      // The newest sample older than the window stays: it is where the window begins.
      while (samples[1] !== undefined && samples[1].at <= at - WINDOW) samples.shift();
      const first = samples[0] ?? { at, done };
      const span = at - first.at;
      return span < MIN_SPAN ? null : Math.round(((done - first.done) / span) * SECOND * 10) / 10;
    },
  };
}
