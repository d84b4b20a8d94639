/** Throttles that several lanes stand under, and who gets the connection that became free. Inside it is the steady clock. */
import {
  countConnection,
  createThrottle,
  type Limited,
  releaseConnection,
  type Throttle,
} from "../core/shaping/throttle.ts";
import type { Instant } from "../core/time.ts";
import type { Counted, Waiter } from "./lane-shaping.ts";

/** A connection is handed over to a lane that waits for one after so many messages. */
const YIELD_AFTER = 20;

/** A throttle and the lanes that wait for a connection under it, first come first. `leaving`: open ones that take no more messages. */
export type SharedThrottle = Throttle & { leaving: number; readonly waiters: Set<Waiter> };
export function shareThrottle(now: Instant): SharedThrottle {
  return { ...createThrottle(now), leaving: 0, waiters: new Set() };
}

/** What is open under `own` counts where the rule counts it now, although that may be more than it allows. */
export function moveConnections(own: SharedThrottle, from: SharedThrottle | null, to: SharedThrottle | null): void {
  for (const [throttle, sign] of [
    [from, -1],
    [to, 1],
  ] as const) {
    if (throttle === null) continue;
    throttle.open += sign * own.open;
    throttle.leaving += sign * own.leaving;
  }
  if (from) wakeWaiters(from);
}

/** A connection that counts under `throttles` as they are at each moment. `limited`: the same with what they allow. */
export function countedUnder(
  throttles: () => readonly SharedThrottle[],
  limited: (now: Instant) => readonly Limited[],
): Counted {
  let leaves = false;
  return {
    leave: () => {
      if (!leaves) for (const throttle of throttles()) throttle.leaving++;
      leaves = true;
    },
    closed: () => {
      const all = throttles();
      if (leaves) for (const throttle of all) throttle.leaving--;
      releaseConnection(all.map(unlimited));
      for (const throttle of all) wakeWaiters(throttle);
    },
    remade: (now) => countConnection(limited(now), now),
  };
}

/** Does anybody else wait under them? */
export function hasOthers(throttles: readonly SharedThrottle[], waiter: Waiter): boolean {
  return throttles.some(({ waiters }) => waiters.size > (waiters.has(waiter) ? 1 : 0));
}

/** After `sent` messages: does somebody else need the connection more? */
export function isYieldDue(throttles: readonly SharedThrottle[], waiter: Waiter, sent: number): boolean {
  if (sent < YIELD_AFTER) return false;
  const open = waiter.open();
  for (const { waiters } of throttles) {
    // A lane's only connection goes to one that has none; more than that are shared.
    for (const other of waiters) if (other !== waiter && (other.open() + 1 < open || other.open() === 0)) return true;
  }
  return false;
}

/**
 * Those that wait get what became free: who has none before who wants one more, first come first; or the next when one has no use for
 * it any more. Who is refused again waits again, but not within this round.
 */
export function wakeWaiters(throttle: SharedThrottle): void {
  const { open } = throttle;
  const waiting = [...throttle.waiters];
  for (const isTurn of [(held: number) => held === 0, (held: number) => held > 0]) {
    for (const waiter of waiting) {
      if (!isTurn(waiter.open()) || !throttle.waiters.delete(waiter)) continue;
      waiter.wake();
      if (throttle.open > open) return;
    }
  }
}

const NO_LIMITS = { connections: null, messagesPerHour: null, connectionsPerMinute: null };
const unlimited = (throttle: Throttle): Limited => ({ throttle, limits: NO_LIMITS });
