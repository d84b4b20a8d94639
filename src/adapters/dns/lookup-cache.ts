/**
 * Remembers answers for a while, joins look-ups of the same name and keeps the number at once bounded: thousands of
 * messages to one domain cost one query, thousands of domains do not flood the resolver.
 */
import type { Duration, Instant } from "../../core/time.ts";

export type CacheOptions<Answer> = {
  readonly lookUp: (name: string) => Promise<Answer>;
  readonly keepFor: (answer: Answer) => Duration;
  readonly maxEntries: number;
  readonly slots: Slots;
  /** Monotonic. */
  readonly now: () => Instant;
};

/** Answers from memory, from a look-up that is under way, or from a new one. */
export function cachedLookup<Answer>(options: CacheOptions<Answer>): (name: string) => Promise<Answer> {
  const { lookUp, keepFor, maxEntries, slots, now } = options;
  const known = new Map<string, { answer: Answer; until: Instant }>();
  const underWay = new Map<string, Promise<Answer>>();

  const remember = (name: string, answer: Answer) => {
    known.delete(name);
    known.set(name, { answer, until: now() + keepFor(answer) });
    // The first key of a map is the one set longest ago.
    const [oldest] = known.keys();
    if (known.size > maxEntries && oldest !== undefined) known.delete(oldest);
  };
  const begin = async (name: string) => {
    try {
      const answer = await slots.run(() => lookUp(name));
      remember(name, answer);
      return answer;
    } finally {
      underWay.delete(name);
    }
  };
  return (name) => {
    const entry = known.get(name);
    if (entry && entry.until > now()) return Promise.resolve(entry.answer);
    const joined = underWay.get(name) ?? begin(name);
    underWay.set(name, joined);
    return joined;
  };
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
