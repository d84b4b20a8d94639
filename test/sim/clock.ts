/**
 * Virtual time: a queue of events and two clocks. The steady one only goes on; the wall clock can be set, as on machines.
 * Between two events all promises settle, so that asynchronous code runs in one order and takes no time.
 */
import type { Duration, Instant } from "../../src/core/time.ts";

type Entry = { at: number; order: number; run: (() => void) | null };

/** What the clock handed out for a timer; only `clear` can do something with it. */
export type SimTimer = unknown;

export type SimTimers = {
  set(fn: () => void, ms: Duration): SimTimer;
  clear(timer: SimTimer): void;
};

export type ProcessTimers = {
  readonly timers: SimTimers;
  /** Timers that are set. */
  readonly pending: () => number;
  readonly kill: () => void;
};

/** Events in one millisecond beyond which something is going round in circles. */
const STUCK = 200_000;

export class VirtualClock {
  readonly #queue: Entry[] = [];
  #order = 0;
  #steady: Instant;
  #offset = 0;
  #events = 0;

  constructor(start: Instant) {
    this.#steady = start;
  }

  steady(): Instant {
    return this.#steady;
  }

  wall(): Instant {
    return this.#steady + this.#offset;
  }

  /** Somebody sets the machine's clock. */
  jump(by: Duration): void {
    this.#offset += by;
  }

  /** Events so far. */
  get events(): number {
    return this.#events;
  }

  after(ms: Duration, run: () => void): SimTimer {
    // As timers do: never earlier than asked for, and whole milliseconds.
    const entry = { at: this.#steady + Math.max(0, Math.ceil(ms)), order: this.#order++, run };
    push(this.#queue, entry);
    return entry;
  }

  cancel(timer: SimTimer): void {
    if (timer) (timer as Entry).run = null;
  }

  /** For one process: `kill` takes all that it still waits for with it. */
  timers(): ProcessTimers {
    const pending = new Set<SimTimer>();
    const clear = (timer: SimTimer) => {
      pending.delete(timer);
      this.cancel(timer);
    };
    const set = (fn: () => void, ms: Duration) => {
      const timer = this.after(Math.max(1, ms), () => {
        pending.delete(timer);
        fn();
      });
      pending.add(timer);
      return timer;
    };
    return {
      timers: { set, clear },
      pending: () => pending.size,
      kill: () => {
        for (const timer of pending) clear(timer);
      },
    };
  }

  /** Runs events until `isOver` or none is left before `until`. */
  async run(until: Instant, isOver: () => boolean = () => false): Promise<void> {
    await settled();
    let inThisMillisecond = 0;
    while (!isOver()) {
      const entry = this.#queue[0];
      if (!entry || entry.at > until) break;
      pop(this.#queue);
      if (entry.run === null) continue;
      inThisMillisecond = entry.at === this.#steady ? inThisMillisecond + 1 : 0;
      if (inThisMillisecond > STUCK) throw new Error(`time stands still at ${new Date(this.#steady).toISOString()}`);
      this.#steady = entry.at;
      this.#events++;
      entry.run();
      await settled();
    }
    if (!isOver()) this.#steady = Math.max(this.#steady, until);
  }
}

/** Node takes the next tick when no promise has anything more to do (nodejs.org, "process.nextTick"). */
function settled(): Promise<void> {
  return new Promise((resolve) => process.nextTick(resolve));
}

const isBefore = (a: Entry, b: Entry) => a.at < b.at || (a.at === b.at && a.order < b.order);

function push(heap: Entry[], entry: Entry): void {
  let i = heap.push(entry) - 1;
  while (i > 0) {
    const parent = (i - 1) >> 1;
    const above = heap[parent];
    if (!above || isBefore(above, entry)) break;
    heap[i] = above;
    i = parent;
  }
  heap[i] = entry;
}

function pop(heap: Entry[]): void {
  const last = heap.pop();
  if (!last || heap.length === 0) return;
  let i = 0;
  for (;;) {
    let child = 2 * i + 1;
    const [left, right] = [heap[child], heap[child + 1]];
    if (!left) break;
    if (right && isBefore(right, left)) child++;
    const below = heap[child];
    if (!below || isBefore(last, below)) break;
    heap[i] = below;
    i = child;
  }
  heap[i] = last;
}
