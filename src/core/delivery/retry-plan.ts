/**
 * When to try a message again. The waits grow (RFC 5321 §4.5.4.1 asks for at least 30 minutes on the whole, and more often
 * at the beginning), each with some jitter so that messages refused together do not come back together. The last attempt
 * lies just before the end of the validity period; after that there is none.
 */
import { type Duration, HOUR, type Instant, MINUTE, SECOND } from "../time.ts";

const WAITS: readonly Duration[] = [5 * MINUTE, 15 * MINUTE, 40 * MINUTE, 90 * MINUTE, 3 * HOUR];
const LAST_WAIT: Duration = 6 * HOUR;
const JITTER = 0.2;

const MIN_HINT: Duration = 30 * SECOND;
const MAX_HINT: Duration = 6 * HOUR;

const MARGIN_SHARE = 0.02;
const MIN_MARGIN: Duration = SECOND;
const MAX_MARGIN: Duration = MINUTE;
const MIN_LEAD: Duration = SECOND / 2;

type RetryRequest = {
  /** How many attempts were made, 1 after the first. */
  readonly attempt: number;
  readonly now: Instant;
  readonly validUntil: Instant;
  /** What the reply asked for (`parseRetryHint`), if anything. */
  readonly hint: Duration | null;
  /** In [0, 1). */
  readonly random: number;
};

type RetryPlan = { readonly kind: "retry"; readonly at: Instant } | { readonly kind: "expired" };

export function planRetry({ attempt, now, validUntil, hint, random }: RetryRequest): RetryPlan {
  const last = validUntil - clamp((validUntil - now) * MARGIN_SHARE, MIN_MARGIN, MAX_MARGIN);
  const at = now + (hint === null ? plannedWait(attempt, random) : clamp(hint, MIN_HINT, MAX_HINT));
  if (at <= last) return { kind: "retry", at: Math.round(at) };
  // Rounded down: the end of the validity period is a promise, the wait is not.
  return last >= now + MIN_LEAD ? { kind: "retry", at: Math.floor(last) } : { kind: "expired" };
}

function plannedWait(attempt: number, random: number): Duration {
  const wait = WAITS[attempt - 1] ?? LAST_WAIT;
  return wait * (1 + JITTER * (2 * random - 1));
}

function clamp(value: number, low: number, high: number): number {
  return Math.min(Math.max(value, low), high);
}
