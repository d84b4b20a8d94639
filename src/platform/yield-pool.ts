/**
 * Gives the main thread of this process the first claim to the cores: it feeds the pool of libuv, where keys sign, and everything waits when it
 * waits behind its own pool. Linux, where each thread has a nice value of its own (setpriority(2), NOTES); elsewhere nothing happens.
 */
import { randomBytes } from "node:crypto";
import { readdirSync } from "node:fs";
import { getPriority, setPriority } from "node:os";

/** A third of the main thread's weight when there is more work than cores (sched(7)): enough for signatures not to hold it up, measured. */
const NICE = 5;
/** Of the nice values. */
const LAST = 19;
const THREADS = "/proc/self/task";

/** To be called before anything has used the pool: its threads are recognised by that they are new then. */
export function yieldPool(): Promise<void> {
  return new Promise((resolve) => {
    const before = new Set(threads());
    randomBytes(1, () => {
      for (const id of threads()) if (!before.has(id)) lower(id);
      resolve();
    });
  });
}

function threads(): number[] {
  try {
    return readdirSync(THREADS).map(Number);
  } catch {
    return [];
  }
}

function lower(thread: number): void {
  try {
    setPriority(thread, Math.min(LAST, getPriority(thread) + NICE));
  } catch {
    // Not allowed here: then all threads are equal, as without this.
  }
}
