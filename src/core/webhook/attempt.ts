/** What the answer to a webhook means, and when it is tried again (Standard Webhooks 1.0.0, "Deliverability and reliability"). */
import { DAY, type Duration, HOUR, type Instant, MINUTE, SECOND } from "../time.ts";

/** Null status: there was no answer. */
export type WebhookAnswer = { readonly status: number | null; readonly retryAfter: string | null };

export type WebhookVerdict =
  | { readonly kind: "delivered" }
  /** 410: it wants nothing any more, now or later. */
  | { readonly kind: "gone" }
  /** `pause`: it asked for fewer requests; nothing is sent to it for so long. */
  | { readonly kind: "failed"; readonly pause: Duration };

/** From the attempt before, as the specification's example has them. */
const SCHEDULE: readonly Duration[] = [
  5 * SECOND,
  5 * MINUTE,
  30 * MINUTE,
  2 * HOUR,
  5 * HOUR,
  10 * HOUR,
  14 * HOUR,
  20 * HOUR,
  24 * HOUR,
];
export const MAX_TRIES = SCHEDULE.length + 1;
/** So much longer at most, so that what failed together does not come back together. */
const JITTER = 0.1;
/** After 429, 502, 504, and of what Retry-After may ask for. */
const PAUSE: Duration = 10 * SECOND;
const LONGEST_PAUSE: Duration = HOUR;
/** Failing for so long without a success, it is switched off: the schedule of one request has ended by then. */
export const DISABLE_AFTER: Duration = 5 * DAY;

export function judgeAnswer({ status, retryAfter }: WebhookAnswer): WebhookVerdict {
  if (status !== null && status >= 200 && status <= 299) return { kind: "delivered" };
  if (status === 410) return { kind: "gone" };
  const asked = retryAfter !== null && /^\d{1,9}$/.test(retryAfter.trim()) ? Number(retryAfter) * SECOND : 0;
  const throttled = status === 429 || status === 502 || status === 504;
  const pause = throttled ? Math.max(PAUSE, asked) : status === 503 ? asked : 0;
  return { kind: "failed", pause: Math.min(pause, LONGEST_PAUSE) };
}

/** After `tries` attempts, all of which failed; null: it is given up. `random`: 0 to 1. */
export function nextTry(tries: number, now: Instant, random: number): Instant | null {
  const wait = SCHEDULE[tries - 1];
  return wait === undefined ? null : Math.round(now + wait * (1 + JITTER * random));
}

export function isToBeDisabled(failingSince: Instant, now: Instant): boolean {
  return now - failingSince >= DISABLE_AFTER;
}
