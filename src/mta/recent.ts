/** What happened within about the last minute, in steps of ten seconds. */
import { type Duration, HOUR, type Instant, MINUTE, SECOND } from "../core/time.ts";

const STEP: Duration = 10 * SECOND;
const STEPS = MINUTE / STEP;

export type Happening = "accepted" | "deferred" | "refused";

export type Recent = {
  note(what: Happening, now: Instant): void;
  count(what: Happening, now: Instant): number;
  /** At the pace of the last minute. */
  perHour(what: Happening, now: Instant): number;
};

export function createRecent(): Recent {
  const steps: Record<Happening, number>[] = Array.from({ length: STEPS }, empty);
  let current = 0;

  const moveOn = (now: Instant) => {
    const step = Math.floor(now / STEP);
    const passed = Math.min(STEPS, Math.abs(step - current));
    for (let i = 0; i < passed; i++) steps[(((step - i) % STEPS) + STEPS) % STEPS] = empty();
    current = step;
  };
  const count = (what: Happening, now: Instant) => {
    moveOn(now);
    let sum = 0;
    for (const step of steps) sum += step[what];
    return sum;
  };
  return {
    note: (what, now) => {
      moveOn(now);
      const step = steps[((current % STEPS) + STEPS) % STEPS];
      if (step) step[what]++;
    },
    count,
    perHour: (what, now) => (count(what, now) * HOUR) / MINUTE,
  };
}

function empty(): Record<Happening, number> {
  return { accepted: 0, deferred: 0, refused: 0 };
}
