/** What a receiving side can measure: how fast something comes in, over every window at once. */
import type { Duration, Instant } from "../../src/core/time.ts";
import { SECOND } from "../../src/core/time.ts";

/**
 * Holds a rate to its word in all sliding windows: no window may see more than `rate × window + burst`, where the burst is
 * one second's worth and at least one. All windows are below that exactly when a leaking bucket never runs over.
 */
export class RateMeter {
  #level = 0;
  #at: Instant = Number.NEGATIVE_INFINITY;
  #perMs: number;

  constructor(events: number, per: Duration) {
    this.#perMs = events / per;
  }

  /** From now on another rate; windows are not looked at across the change. */
  change(events: number, per: Duration): void {
    this.#perMs = events / per;
    this.#level = 0;
  }

  /** One event; by how many events too many some window is now, 0 when none. */
  note(at: Instant): number {
    const elapsed = at - this.#at;
    this.#level = (elapsed === Number.POSITIVE_INFINITY ? 0 : Math.max(0, this.#level - elapsed * this.#perMs)) + 1;
    this.#at = at;
    const over = this.#level - this.#burst();
    return over > 1e-6 ? over : 0;
  }

  #burst(): number {
    return Math.max(1, this.#perMs * SECOND);
  }
}

/** Events by slots of time, for peaks, means and shares. */
export class Series {
  readonly #slots = new Map<number, number>();
  readonly slot: Duration;

  constructor(slot: Duration) {
    this.slot = slot;
  }

  note(at: Instant): void {
    const key = Math.floor(at / this.slot);
    this.#slots.set(key, (this.#slots.get(key) ?? 0) + 1);
  }

  peak(): number {
    return Math.max(0, ...this.#slots.values());
  }

  total(): number {
    let sum = 0;
    for (const count of this.#slots.values()) sum += count;
    return sum;
  }

  /** From the first slot with an event to the last. */
  span(): Duration {
    const keys = [...this.#slots.keys()];
    return keys.length === 0 ? 0 : (Math.max(...keys) - Math.min(...keys) + 1) * this.slot;
  }
}
