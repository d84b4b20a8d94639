/**
 * Counts over the last day in at most about a hundred buckets: minutes for an hour, ten minutes for four hours, hours before. A
 * bucket that began before a window is not in it, so the old end of a window is as coarse as its buckets and never too long.
 */
import { DAY, HOUR, MINUTE, type Duration, type Instant } from "../time.ts";

export type Counted = "accepted" | "deferred" | "failed" | "unknown" | "complaint";

export type Sums = Record<Counted, number>;

/** Counts of [`from`, `to`). */
export type Bucket = Sums & { readonly from: Instant; readonly to: Instant };

/** From which age on buckets are put together to which length. */
const TIERS: readonly { readonly age: Duration; readonly length: Duration }[] = [
  { age: 4 * HOUR, length: HOUR },
  { age: HOUR, length: 10 * MINUTE },
];
/** A clock that goes back further than this makes all counts worthless. */
const JITTER = MINUTE;

/** The same array, or a new one when a minute begins. */
export function addTo(buckets: Bucket[], what: Counted, now: Instant): Bucket[] {
  const last = buckets.at(-1);
  if (last !== undefined && now < last.to && now >= last.from - JITTER) {
    last[what]++;
    return buckets;
  }
  const isBack = last !== undefined && now < last.from;
  const from = Math.floor(now / MINUTE) * MINUTE;
  const bucket: Bucket = { from, to: from + MINUTE, accepted: 0, deferred: 0, failed: 0, unknown: 0, complaint: 0 };
  bucket[what]++;
  return isBack ? [bucket] : [...compacted(buckets, now), bucket];
}

function compacted(buckets: readonly Bucket[], now: Instant): Bucket[] {
  const out: Bucket[] = [];
  for (const bucket of buckets) {
    if (now - bucket.to >= DAY) continue;
    const length = TIERS.find(({ age }) => now - bucket.to >= age)?.length ?? MINUTE;
    const last = out.at(-1);
    if (last !== undefined && Math.floor(last.from / length) === Math.floor(bucket.from / length)) {
      out[out.length - 1] = merged(last, bucket);
    } else out.push(bucket);
  }
  return out;
}

function merged(a: Bucket, b: Bucket): Bucket {
  return {
    from: a.from,
    to: b.to,
    accepted: a.accepted + b.accepted,
    deferred: a.deferred + b.deferred,
    failed: a.failed + b.failed,
    unknown: a.unknown + b.unknown,
    complaint: a.complaint + b.complaint,
  };
}

/** Everything counted from `since` on. What lies after `now`, by a clock that went back, does not count. */
export function sumSince(buckets: readonly Bucket[], since: Instant, now: Instant): Sums {
  const sums = { accepted: 0, deferred: 0, failed: 0, unknown: 0, complaint: 0 };
  for (const bucket of buckets) {
    if (bucket.from < since || bucket.from > now) continue;
    sums.accepted += bucket.accepted;
    sums.deferred += bucket.deferred;
    sums.failed += bucket.failed;
    sums.unknown += bucket.unknown;
    sums.complaint += bucket.complaint;
  }
  return sums;
}
