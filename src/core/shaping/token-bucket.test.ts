import fc from "fast-check";
import { describe, expect, test } from "vitest";

import { HOUR } from "../time.ts";
import { emptyBucket, take, type Bucket } from "./token-bucket.ts";

/** Takes at each instant; the instants at which a message was let through. */
function run(perHour: number, instants: readonly number[]): number[] {
  let bucket: Bucket = emptyBucket(0);
  const taken: number[] = [];
  for (const at of instants) {
    const result = take(bucket, perHour, at);
    if (result.kind === "taken") {
      bucket = result.bucket;
      taken.push(at);
    }
  }
  return taken;
}

describe("token bucket", () => {
  test("a new bucket is empty and says when to come back", () => {
    expect(take(emptyBucket(0), 60, 0)).toEqual({ kind: "wait", until: 60_000 });
    expect(take(emptyBucket(0), 60, 60_000)).toEqual({ kind: "taken", bucket: { tokens: 0, at: 60_000 } });
  });

  test("asking again at the named instant succeeds", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1_000_000 }), fc.integer({ min: 0, max: 10 * HOUR }), (perHour, now) => {
        const first = take(emptyBucket(now), perHour, now);
        return first.kind === "wait" && take(emptyBucket(now), perHour, first.until).kind === "taken";
      }),
    );
  });

  test("no window ever holds more than its share plus one second's burst", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 500_000 }),
        fc.array(fc.integer({ min: 0, max: 20_000 }), { minLength: 1, maxLength: 300 }),
        (perHour, gaps) => {
          let at = 0;
          const taken = run(
            perHour,
            gaps.map((gap) => (at += gap)),
          );
          const burst = Math.max(1, perHour / 3600);
          for (let from = 0; from < taken.length; from++) {
            for (let to = from; to < taken.length; to++) {
              const window = (taken[to] ?? 0) - (taken[from] ?? 0);
              if (to - from + 1 > burst + (window * perHour) / HOUR + 1e-6) return false;
            }
          }
          return true;
        },
      ),
    );
  });
});
