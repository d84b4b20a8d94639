/** What a lane gets done, and so what it may hold: as much as leaves within half a minute. All instants are steady. */
import { HOUR, SECOND, type Duration, type Instant } from "../core/time.ts";
import { AHEAD_MAX } from "./lane-stock.ts";

/** A lane holds what it can send within this time; the rest goes back to its part. */
export const HOLD: Duration = 30 * SECOND;
/** When a full lane will have room again: at least, and when it has not sent anything yet. */
const WAIT_LEAST: Duration = SECOND;
const WAIT_UNKNOWN: Duration = 5 * SECOND;
/** What a lane gets done is counted over this time. */
const PACE_WINDOW: Duration = 10 * SECOND;
/** A lane that got nothing done for this long stands. */
const STANDS_AFTER: Duration = 5 * SECOND;

export type Pace = {
  /** A message had its answer. */
  done(at: Instant): void;
  /** The first message after none. */
  begun(at: Instant): void;
  /** Messages that may be held of one delivery. */
  roomFor(at: Instant): number;
  /** How long half of `size` messages will take. */
  untilHalf(size: number, at: Instant): Duration;
  /** Of `size` messages, so many will not move within the next seconds. */
  standing(size: number, at: Instant): number;
};

/**
 * `messagesPerHour`: what the rate lets through; null: as much as goes. `holdAtLeast`: so many the lane may hold whatever its pace: nobody
 * knows it yet.
 */
export function createPace(
  messagesPerHour: (at: Instant) => number | null,
  holdAtLeast: () => number,
  began: Instant,
): Pace {
  let done = { since: began, count: 0, before: 0 };
  let movedAt = began;

  /** Outcomes in the last ten to twenty seconds. */
  const recentlyDone = (at: Instant) => {
    if (at - done.since >= PACE_WINDOW) {
      const isOld = at - done.since >= 2 * PACE_WINDOW;
      done = { since: at, count: 0, before: isOld ? 0 : done.count };
    }
    return done.count + done.before;
  };

  return {
    done: (at) => {
      done.count++;
      movedAt = at;
    },
    begun: (at) => {
      movedAt = at;
    },
    roomFor: (at) => {
      const perHour = messagesPerHour(at);
      if (perHour !== null) return Math.max(1, Math.ceil((perHour * HOLD) / HOUR));
      return Math.max(holdAtLeast(), (recentlyDone(at) * HOLD) / PACE_WINDOW);
    },
    untilHalf: (size, at) => {
      if (messagesPerHour(at) !== null) return HOLD / 2;
      const pace = recentlyDone(at) / PACE_WINDOW;
      return pace === 0 ? WAIT_UNKNOWN : Math.min(HOLD, Math.max(WAIT_LEAST, size / 2 / pace));
    },
    // What a lane got done in ten seconds it will get done again.
    standing: (size, at) => (at - movedAt >= STANDS_AFTER ? size : Math.max(0, size - AHEAD_MAX - recentlyDone(at))),
  };
}
