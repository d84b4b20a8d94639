/**
 * The counters of one limit: open connections, and buckets for messages and for new connections. A lane may stand under
 * several throttles (its own, and one that it shares with other sites of its rule); it takes from all or from none.
 */
import { HOUR, MINUTE, type Instant } from "../time.ts";
import type { Constraint } from "./restriction.ts";
import { type Bucket, emptyBucket, spend, take } from "./token-bucket.ts";

/** Null: no limit. */
export type ThrottleLimits = {
  readonly connections: number | null;
  readonly messagesPerHour: number | null;
  readonly connectionsPerMinute: number | null;
};

/** Changed in place. */
export type Throttle = { open: number; messages: Bucket; connects: Bucket };

export type Limited = { readonly throttle: Throttle; readonly limits: ThrottleLimits };

/** `until`: when asking again is worthwhile; infinite when somebody must let go first. */
export type Refusal = { readonly until: Instant; readonly constraint: Constraint };

/** Buckets begin empty: whoever starts anew cannot exceed a limit by starting over. */
export function createThrottle(now: Instant): Throttle {
  return { open: 0, messages: emptyBucket(now), connects: emptyBucket(now) };
}

/** Counts one more connection in all of them; or says why not, and counts nothing. */
export function takeConnection(all: readonly Limited[], now: Instant): Refusal | null {
  const buckets: Bucket[] = [];
  for (const { throttle, limits } of all) {
    if (limits.connections !== null && throttle.open >= limits.connections) {
      return { until: Number.POSITIVE_INFINITY, constraint: "connections" };
    }
    const perMinute = limits.connectionsPerMinute;
    const taken = perMinute === null ? null : take(throttle.connects, (perMinute * HOUR) / MINUTE, now);
    if (taken?.kind === "wait") return { until: taken.until, constraint: "connection-rate" };
    buckets.push(taken?.bucket ?? throttle.connects);
  }
  all.forEach(({ throttle }, i) => {
    throttle.open++;
    throttle.connects = buckets[i] ?? throttle.connects;
  });
  return null;
}

/** A connection was made in the place of another without asking: the next ones wait for it. */
export function countConnection(all: readonly Limited[], now: Instant): void {
  for (const { throttle, limits } of all) {
    const perMinute = limits.connectionsPerMinute;
    if (perMinute !== null) throttle.connects = spend(throttle.connects, (perMinute * HOUR) / MINUTE, now);
  }
}

/** Whether a message may leave now; takes nothing. */
export function messageRefusal(all: readonly Limited[], now: Instant): Refusal | null {
  for (const { throttle, limits } of all) {
    const taken = limits.messagesPerHour === null ? null : take(throttle.messages, limits.messagesPerHour, now);
    if (taken?.kind === "wait") return { until: taken.until, constraint: "rate" };
  }
  return null;
}

/** Takes the right to send one message from all of them; or says why not, and takes nothing. */
export function takeMessage(all: readonly Limited[], now: Instant): Refusal | null {
  let limited = 0;
  for (const { limits } of all) if (limits.messagesPerHour !== null) limited++;
  if (limited === 0) return null;
  const buckets: Bucket[] = [];
  for (const { throttle, limits } of all) {
    const taken = limits.messagesPerHour === null ? null : take(throttle.messages, limits.messagesPerHour, now);
    if (taken?.kind === "wait") return { until: taken.until, constraint: "rate" };
    buckets.push(taken?.bucket ?? throttle.messages);
  }
  all.forEach(({ throttle }, i) => {
    throttle.messages = buckets[i] ?? throttle.messages;
  });
  return null;
}

export function releaseConnection(all: readonly Limited[]): void {
  for (const { throttle } of all) throttle.open = Math.max(0, throttle.open - 1);
}
