/**
 * Two clocks: the wall's says dates (validity, next attempts, what is written down) and may jump; the steady one paces (rates,
 * rests, time-outs) and never does. And timers, so that a simulation can be their master.
 */
import type { Duration, Instant } from "../core/time.ts";

export type Clock = {
  readonly now: () => Instant;
  /** Begins as the wall clock's time and goes on evenly. */
  readonly steady: () => Instant;
};

export type Timers<Handle = unknown> = {
  readonly set: (work: () => void, after: Duration) => Handle;
  readonly clear: (handle: Handle) => void;
};

/** A timer of Node is set for 24 days at most. */
const LONGEST: Duration = 2 ** 31 - 1;

export const SYSTEM_TIMERS: Timers = {
  set: (work, after) => setTimeout(work, Math.min(LONGEST, Math.max(0, after))),
  clear: (handle) => clearTimeout(handle as NodeJS.Timeout),
};

export function systemClock(): Clock {
  const began = Date.now() - performance.now();
  return { now: Date.now, steady: () => began + performance.now() };
}

/** The date of an instant of the steady clock. */
export function dateOf(clock: Clock, steady: Instant): Instant {
  return clock.now() + (steady - clock.steady());
}

/** The steady instant of a date. */
export function steadyOf(clock: Clock, date: Instant): Instant {
  return clock.steady() + (date - clock.now());
}
