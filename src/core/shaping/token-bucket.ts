/**
 * Rate limit as a token bucket. `take` never waits: it answers with the next state, or with the instant when asking again
 * is worthwhile. A bucket starts empty, so that a restarted sender cannot exceed the limit by starting over.
 */
import { HOUR, SECOND, type Instant } from "../time.ts";

/** Less than no tokens: somebody left without asking. */
export type Bucket = { readonly tokens: number; readonly at: Instant };

export type Take =
  | { readonly kind: "taken"; readonly bucket: Bucket }
  | { readonly kind: "wait"; readonly until: Instant };

export function emptyBucket(now: Instant): Bucket {
  return { tokens: 0, at: now };
}

/** `perHour` messages, evenly; never more in one burst than one second's worth, at least one. */
export function take(bucket: Bucket, perHour: number, now: Instant): Take {
  const perMs = perHour / HOUR;
  const burst = Math.max(1, perMs * SECOND);
  const tokens = Math.min(burst, bucket.tokens + Math.max(0, now - bucket.at) * perMs);
  // The tolerance keeps rounding from asking for a wait that has already passed.
  if (tokens >= 1 - 1e-9) return { kind: "taken", bucket: { tokens: Math.max(0, tokens - 1), at: now } };
  return { kind: "wait", until: now + Math.max(1, Math.ceil((1 - tokens) / perMs)) };
}

/** One that left without asking: the bucket owes it, and those after it wait for longer. */
export function spend(bucket: Bucket, perHour: number, now: Instant): Bucket {
  const perMs = perHour / HOUR;
  const burst = Math.max(1, perMs * SECOND);
  return { tokens: Math.min(burst, bucket.tokens + Math.max(0, now - bucket.at) * perMs) - 1, at: now };
}
