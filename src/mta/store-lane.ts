/**
 * The way of copies into a folder or an object store: so many at once, and a rest when the store as a whole is in trouble. The same
 * outside as a lane to a mail server.
 */
import type { Rest } from "../core/shaping/controller.ts";
import type { Instant } from "../core/time.ts";
import { type CopyStore, CopyStoreError } from "../platform/copy-store.ts";
import { errorText } from "../platform/errors.ts";
import type { MadeBytes } from "./make-message.ts";
import type { CopyTask } from "./copy-task.ts";

/** Longest queue: what waits costs memory, what is owed does not. */
const QUEUE_MAX = 5000;

export type StoreLaneOptions = {
  readonly store: Pick<CopyStore, "put">;
  readonly atOnce: number;
  readonly rest: Rest;
  readonly prepare: (task: CopyTask) => Promise<(MadeBytes & { readonly name: string }) | null>;
  readonly mayTake: () => boolean;
  readonly admit: (task: CopyTask, now: Instant) => boolean;
  readonly postpone: (task: CopyTask, until: Instant) => void;
  /** Before the store gets it; false: it must not now. */
  readonly beforePut: (task: CopyTask, made: MadeBytes & { readonly name: string }) => boolean;
  readonly onStored: (task: CopyTask, made: MadeBytes & { readonly name: string }, durationMs: number) => void;
  readonly onRefused: (task: CopyTask, made: MadeBytes & { readonly name: string }, reply: string) => void;
  /** The store as a whole took nothing: these had this attempt. */
  readonly onSiteFailure: (tasks: readonly CopyTask[], reply: string) => void;
  readonly now: () => Instant;
};

export type StoreLane = {
  roomAt(): Instant | null;
  add(task: CopyTask): { readonly kind: "queued" } | { readonly kind: "later"; readonly until: Instant };
  remove(match: (task: CopyTask) => boolean): CopyTask[];
  pump(): void;
  readonly waiting: () => number;
  readonly suspendedUntil: () => Instant;
  readonly isIdle: () => boolean;
  close(): void;
};

const MISSING_ROOM_MS = 1000;

export function createStoreLane(options: StoreLaneOptions): StoreLane {
  const { now } = options;
  let queue: CopyTask[] = [];
  let running = 0;
  let failures = 0;
  let suspendedUntil = 0;
  let closing = false;
  let wakeTimer: NodeJS.Timeout | undefined;

  const roomAt = () => {
    if (now() < suspendedUntil) return suspendedUntil;
    return queue.length >= QUEUE_MAX ? now() + MISSING_ROOM_MS : null;
  };

  const suspend = () => {
    suspendedUntil = now() + Math.min(options.rest.longest, options.rest.first * 2 ** Math.min(failures++, 16));
    clearTimeout(wakeTimer);
    wakeTimer = setTimeout(pump, Math.max(1, suspendedUntil - now()));
  };

  async function put(task: CopyTask): Promise<void> {
    const made = await options.prepare(task);
    if (made === null) return;
    if (closing) return options.postpone(task, now());
    if (!options.admit(task, now())) return;
    if (!options.beforePut(task, made)) return options.postpone(task, now());
    const begun = performance.now();
    try {
      await options.store.put(made.name, made.bytes, made.digest);
      failures = 0;
      options.onStored(task, made, Math.round(performance.now() - begun));
    } catch (error) {
      const isRefusal = error instanceof CopyStoreError && error.problem === "refused";
      if (isRefusal) return options.onRefused(task, made, error.message);
      if (now() >= suspendedUntil) suspend();
      options.onSiteFailure([task, ...queue.splice(0)], errorText(error));
    }
  }

  function pump(): void {
    while (!closing && running < options.atOnce && now() >= suspendedUntil && options.mayTake()) {
      const task = queue.shift();
      if (!task) return;
      if (!options.admit(task, now())) continue;
      running++;
      void put(task).finally(() => {
        running--;
        pump();
      });
    }
  }

  const remove = (match: (task: CopyTask) => boolean) => {
    const out = queue.filter(match);
    queue = queue.filter((task) => !match(task));
    return out;
  };

  return {
    roomAt,
    add: (task) => {
      const until = roomAt();
      if (until !== null) return { kind: "later", until };
      queue.push(task);
      return { kind: "queued" };
    },
    remove,
    pump,
    waiting: () => queue.length + running,
    suspendedUntil: () => suspendedUntil,
    isIdle: () => queue.length + running === 0,
    close: () => {
      closing = true;
      clearTimeout(wakeTimer);
      for (const task of remove(() => true)) options.postpone(task, now());
    },
  };
}
