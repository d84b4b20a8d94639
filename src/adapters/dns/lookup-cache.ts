/**
 * Remembers answers for a while, joins look-ups of the same name and keeps the number at once bounded: thousands of
 * messages to one domain cost one query, thousands of domains do not flood the resolver. While DNS is in trouble old
 * answers go on (RFC 8767): a provider must not stop because of that.
 */
import { type Duration, HOUR, type Instant, SECOND } from "../../core/time.ts";

export type CacheOptions<Answer> = {
  readonly lookUp: (name: string) => Promise<Answer>;
  readonly keepFor: (answer: Answer) => Duration;
  readonly maxEntries: number;
  readonly slots: Slots;
  /** Monotonic. */
  readonly now: () => Instant;
  /** Absent: an old answer is never used again. */
  readonly stale?: StaleOptions<Answer>;
};

export type StaleOptions<Answer> = {
  readonly isFailure: (answer: Answer) => boolean;
  /** Whether this answer may go on after its time. */
  readonly mayGoOn: (answer: Answer) => boolean;
  /** Who asks waits so long for a new answer before the old one must do; the look-up goes on. */
  readonly patience: Duration;
};

/** How long an answer may go on after its time. */
const STALE_FOR: Duration = HOUR;
/** Until the next try after a failed look-up that an old answer stood in for. */
const RETRY_AFTER: Duration = 30 * SECOND;

type Entry<Answer> = { readonly answer: Answer; readonly until: Instant; readonly goesOnUntil: Instant };

/** Answers from memory, from a look-up that is under way, or from a new one. */
export function cachedLookup<Answer>(options: CacheOptions<Answer>): (name: string) => Promise<Answer> {
  const { lookUp, keepFor, maxEntries, slots, now, stale } = options;
  const known = new Map<string, Entry<Answer>>();
  const underWay = new Map<string, Promise<Answer>>();

  const remember = (name: string, entry: Entry<Answer>) => {
    setBounded(known, name, entry, maxEntries);
    return entry.answer;
  };
  /** The old answer, while it may still be used. */
  const oldOf = (name: string) => {
    const entry = known.get(name);
    return entry && entry.goesOnUntil > now() ? entry : null;
  };
  const settle = (name: string, answer: Answer): Answer => {
    const old = stale?.isFailure(answer) ? oldOf(name) : null;
    if (old) return remember(name, { ...old, until: now() + RETRY_AFTER });
    const until = now() + keepFor(answer);
    return remember(name, { answer, until, goesOnUntil: stale?.mayGoOn(answer) ? until + STALE_FOR : -Infinity });
  };
  const begin = async (name: string) => {
    try {
      return settle(name, await slots.run(() => lookUp(name)));
    } finally {
      underWay.delete(name);
    }
  };
  return (name) => {
    const entry = known.get(name);
    if (entry && entry.until > now()) return Promise.resolve(entry.answer);
    const joined = underWay.get(name) ?? begin(name);
    underWay.set(name, joined);
    const old = oldOf(name);
    return old && stale ? within(stale.patience, joined, old.answer) : joined;
  };
}

/** The one set longest ago makes room. */
export function setBounded<V>(map: Map<string, V>, key: string, value: V, most: number): void {
  map.delete(key);
  map.set(key, value);
  // The first key of a map is the one set longest ago.
  const [oldest] = map.keys();
  if (map.size > most && oldest !== undefined) map.delete(oldest);
}

/** Never rejects late: what a look-up that nobody waits for any more throws is left to those who join it. */
function within<Answer>(patience: Duration, lookUp: Promise<Answer>, old: Answer): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => resolve(old), patience);
    lookUp.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}

export type Slots = { run<T>(work: () => Promise<T>): Promise<T> };

/** Runs at most `limit` works at once, the others in order of arrival. */
export function createSlots(limit: number): Slots {
  let free = limit;
  const queue: (() => void)[] = [];
  return {
    run: async (work) => {
      if (free > 0) free--;
      else await new Promise<void>((resolve) => queue.push(resolve));
      try {
        return await work();
      } finally {
        const next = queue.shift();
        if (next) next();
        else free++;
      }
    },
  };
}
