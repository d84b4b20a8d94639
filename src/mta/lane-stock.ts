/**
 * The messages of a lane that are not on the wire: those that wait, those that are being made, and those that are made. Who of them is
 * next is for the queue and the gate to say.
 */
import type { Instant } from "../core/time.ts";
import type { Clock } from "./clock.ts";
import type { Prepared, PreparedMessage } from "./task.ts";

/** Messages of one lane prepared ahead of its connections, at most. */
export const AHEAD_MAX = 64;
/** So many a lane may always prepare, however many the others have. */
const AHEAD_ALWAYS = 2;

/** In which order messages leave. */
export type TaskQueue<T> = {
  add(task: T): void;
  /** Undefined: none, or none before `blockedUntil`. */
  next(now: Instant): T | undefined;
  /** Steady; infinite when nothing is blocked. */
  blockedUntil(now: Instant): Instant;
  remove(match: (task: T) => boolean): T[];
  readonly size: () => number;
  /** Those that wait and share their room with this one: of the same delivery. */
  sizeFor(task: T): number;
  /** So many share the lane, each with room of its own. */
  readonly sharers: () => number;
};

/** What a message has to pass besides its lane's limits when it leaves. Steady instants. */
export type TaskGate<T> = {
  /** Null: it may pass now; else from when on. */
  wait(task: T, now: Instant): Instant | null;
  /** It passes. */
  take(task: T, now: Instant): void;
};

export type StockOptions<P extends Prepared = PreparedMessage> = {
  readonly queue: TaskQueue<P["task"]>;
  /** Makes the bytes; null when the message could not be made (and was settled as such). */
  readonly prepare: (task: P["task"]) => Promise<P | null>;
  /** Prepared messages cost memory: no when all lanes together have enough of them. */
  readonly mayPrepareMore: () => boolean;
  /** So many more (or fewer) messages are prepared or being prepared here. */
  readonly onStockChange: (difference: number) => void;
  /** May this message still leave? No when its delivery was paused or its time is over (then it was dealt with). */
  readonly admit: (task: P["task"], now: Instant) => boolean;
  /** Does this message leave before all that are not? */
  readonly isFirst?: (task: P["task"]) => boolean;
  /** The speed of its delivery; null: no delivery has one. */
  readonly gate: TaskGate<P["task"]> | null;
  readonly clock: Clock;
};

export type Stock<P extends Prepared = PreparedMessage> = {
  add(task: P["task"]): void;
  /** Has `wanted` made; says until when the queue lets nobody through (infinite: it does, or nobody waits). `onMade`: one is, or could not be. */
  fill(wanted: number, onMade: (message: P | null) => void): Instant;
  /** A message that was made, or that came back from the wire. */
  putReady(message: P, first: boolean): void;
  /** The first that may leave as far as its delivery is concerned; null: none before `until`. */
  first(steady: Instant): { readonly message: P | null; readonly until: Instant };
  /** It leaves. */
  take(message: P, steady: Instant): void;
  /** Takes out all that match and are not being made; each is asked about once. */
  remove(match: (task: P["task"]) => boolean): P["task"][];
  readonly size: () => number;
  readonly sizeFor: (task: P["task"]) => number;
  readonly sharers: () => number;
  readonly ready: () => number;
  /** Since when the first of those that are made waits; infinite when none does. Steady. */
  readonly oldestReady: () => Instant;
  /** Without those that the queue does not let through now. */
  readonly movable: () => number;
};

export function createStock<P extends Prepared>(options: StockOptions<P>): Stock<P> {
  const { queue, clock } = options;
  /** `since`: when it was made; of one that came back, long ago. Steady. */
  let ready: { readonly message: P; readonly since: Instant }[] = [];
  let preparing = 0;
  let reported = 0;
  let isBlocked = false;

  const report = () => {
    const stock = preparing + ready.length;
    if (stock !== reported) options.onStockChange(stock - reported);
    reported = stock;
  };

  const insert = (message: P) => {
    const made = { message, since: clock.steady() };
    const { isFirst } = options;
    const behind = isFirst?.(message.task) ? ready.findIndex((each) => !isFirst(each.message.task)) : -1;
    if (behind === -1) ready.push(made);
    else ready.splice(behind, 0, made);
  };

  return {
    add: (task) => {
      isBlocked = false;
      queue.add(task);
    },
    fill: (wanted, onMade) => {
      const now = clock.steady();
      while (preparing + ready.length < (options.mayPrepareMore() ? Math.min(AHEAD_MAX, wanted) : AHEAD_ALWAYS)) {
        const task = queue.next(now);
        isBlocked = task === undefined && queue.size() > 0;
        if (!task) return isBlocked ? queue.blockedUntil(now) : Number.POSITIVE_INFINITY;
        if (!options.admit(task, clock.now())) continue;
        preparing++;
        report();
        void options.prepare(task).then((message) => {
          preparing--;
          report();
          onMade(message);
        });
      }
      return Number.POSITIVE_INFINITY;
    },
    putReady: (message, first) => {
      if (first) ready.unshift({ message, since: 0 });
      else insert(message);
      report();
    },
    first: (steady) => {
      let until = Number.POSITIVE_INFINITY;
      for (let index = 0; index < ready.length; index++) {
        const message = ready[index]?.message;
        if (message === undefined) break;
        if (!options.admit(message.task, clock.now())) {
          ready.splice(index--, 1);
          report();
          continue;
        }
        const wait = options.gate?.wait(message.task, steady) ?? null;
        if (wait === null) return { message, until: 0 };
        until = Math.min(until, wait);
      }
      return { message: null, until };
    },
    take: (message, steady) => {
      const index = ready.findIndex((each) => each.message === message);
      ready.splice(index, 1);
      options.gate?.take(message.task, steady);
      report();
    },
    remove: (match) => {
      const out: P["task"][] = [];
      ready = ready.filter(({ message: { task } }) => {
        if (!match(task)) return true;
        out.push(task);
        return false;
      });
      report();
      return [...out, ...queue.remove(match)];
    },
    size: () => queue.size() + ready.length + preparing,
    sizeFor: (task) => queue.sizeFor(task),
    sharers: () => queue.sharers(),
    ready: () => ready.length,
    oldestReady: () => ready[0]?.since ?? Number.POSITIVE_INFINITY,
    movable: () => (isBlocked ? 0 : queue.size()) + ready.length + preparing,
  };
}
