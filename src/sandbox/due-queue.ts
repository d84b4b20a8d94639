/** Things that wait until they are due, within bounds; taken earliest first, to a tenth of a second. */
import type { Duration, Instant } from "../core/time.ts";

const SLOT: Duration = 100;

export class DueQueue<T> {
  readonly #slots = new Map<number, T[]>();
  /** No slot before this one holds anything. */
  #first = 0;
  #size = 0;

  get size(): number {
    return this.#size;
  }

  add(item: T, dueAt: Instant, now: Instant): void {
    if (this.#size === 0) this.#first = Math.floor(now / SLOT);
    const slot = Math.max(this.#first, Math.ceil(dueAt / SLOT));
    const items = this.#slots.get(slot);
    if (items) items.push(item);
    else this.#slots.set(slot, [item]);
    this.#size += 1;
  }

  /** Undefined: nothing is due yet. */
  take(now: Instant): T | undefined {
    for (; this.#size > 0 && this.#first <= Math.floor(now / SLOT); this.#first += 1) {
      const items = this.#slots.get(this.#first);
      const item = items?.pop();
      if (item !== undefined) {
        this.#size -= 1;
        return item;
      }
      this.#slots.delete(this.#first);
    }
    return undefined;
  }

  clear(): void {
    this.#slots.clear();
    this.#size = 0;
  }
}
