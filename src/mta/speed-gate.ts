/**
 * The speed of deliveries: messages an hour that leave at most, changed while they are under way. It is asked twice: before a message
 * is made, so that no lane fills with what may not leave, and when it leaves, because lanes may have stood still in between.
 */
import { type Bucket, emptyBucket, take } from "../core/shaping/token-bucket.ts";
import { HOUR, MINUTE, type Instant } from "../core/time.ts";

export type SpeedGate = {
  /** Null: a message of this delivery may pass now; else from which steady instant on. */
  wait(deliveryId: number, where: "entering" | "leaving", now: Instant): Instant | null;
  /** It passes. */
  take(deliveryId: number, where: "entering" | "leaving", now: Instant): void;
  /** Messages of this delivery that a sender should hold at most. */
  windowOf(deliveryId: number): number;
  /** Forgets deliveries that are not under way any more. */
  keep(isActive: (deliveryId: number) => boolean): void;
};

const WINDOW_LEAST = 10;

/** `speedOf`: messages an hour of a delivery as it is now, this sender's part of it; null: no limit. */
export function createSpeedGate(speedOf: (deliveryId: number) => number | null): SpeedGate {
  const gates = new Map<number, { entering: Bucket; leaving: Bucket }>();

  const gateOf = (deliveryId: number, now: Instant) => {
    let gate = gates.get(deliveryId);
    if (!gate) gates.set(deliveryId, (gate = { entering: emptyBucket(now), leaving: emptyBucket(now) }));
    return gate;
  };
  const ask = (deliveryId: number, where: "entering" | "leaving", now: Instant) => {
    const perHour = speedOf(deliveryId);
    return perHour === null ? null : take(gateOf(deliveryId, now)[where], perHour, now);
  };

  return {
    wait: (deliveryId, where, now) => {
      const asked = ask(deliveryId, where, now);
      return asked?.kind === "wait" ? asked.until : null;
    },
    take: (deliveryId, where, now) => {
      const asked = ask(deliveryId, where, now);
      if (asked?.kind === "taken") gateOf(deliveryId, now)[where] = asked.bucket;
    },
    windowOf: (deliveryId) => {
      const perHour = speedOf(deliveryId);
      return perHour === null ? Number.POSITIVE_INFINITY : Math.max(WINDOW_LEAST, Math.ceil((perHour * MINUTE) / HOUR));
    },
    keep: (isActive) => {
      for (const deliveryId of gates.keys()) if (!isActive(deliveryId)) gates.delete(deliveryId);
    },
  };
}
