/**
 * Counts how often something happened within a window that slides, for very many keys in bounded memory: each window has thirty
 * slices, so an old reply may be forgotten up to a thirtieth of the window early and never late. The keys that were not touched for
 * longest are given up first; what they had counted is then missing, which makes a reaction later and never wrong.
 */
import type { Duration, Instant } from "../time.ts";

const MAX_KEYS = 10_000;
const SLICES = 30;

type Entry = {
  /** By slice number modulo; made when there is a threshold. */
  counts: number[];
  /** Number of the latest slice. */
  slice: number;
  /** When it was due last; a clock that shows less has gone back. */
  dueAt: Instant;
};

export type Hits = Map<string, Entry>;

export type Hit = { readonly kind: "due"; readonly count: number } | { readonly kind: "counted" | "quiet" };

export function createHits(): Hits {
  return new Map();
}

/** Once more. Due: the threshold is reached (and counting begins anew), and it was not due within `quiet`. */
export function hit(
  hits: Hits,
  key: string,
  threshold: { readonly count: number; readonly within: Duration } | null,
  quiet: Duration,
  now: Instant,
): Hit {
  // Nothing to remember: each one is due.
  if (threshold === null && quiet === 0) return { kind: "due", count: 1 };
  const entry = touch(hits, key);
  if (now >= entry.dueAt && now - entry.dueAt < quiet) return { kind: "quiet" };
  const count = threshold === null ? 1 : add(entry, threshold.within, now);
  if (threshold !== null && count < threshold.count) return { kind: "counted" };
  entry.dueAt = now;
  if (quiet > 0) entry.counts = [];
  return { kind: "due", count };
}

/** Oldest first, as `Map` keeps the order of insertion. */
function touch(hits: Hits, key: string): Entry {
  const known = hits.get(key);
  if (known !== undefined) hits.delete(key);
  else if (hits.size >= MAX_KEYS) {
    const [oldest] = hits.keys();
    if (oldest !== undefined) hits.delete(oldest);
  }
  const entry = known ?? { counts: [], slice: 0, dueAt: Number.NEGATIVE_INFINITY };
  hits.set(key, entry);
  return entry;
}

function add(entry: Entry, within: Duration, now: Instant): number {
  const slice = Math.floor((now / within) * SLICES);
  const passed = slice - entry.slice;
  // After a whole window, or on a clock that went back, nothing counts any more.
  if (passed < 0 || passed >= SLICES || entry.counts.length === 0) entry.counts = Array<number>(SLICES).fill(0);
  else for (let s = entry.slice + 1; s <= slice; s++) entry.counts[slot(s)] = 0;
  entry.slice = slice;
  entry.counts[slot(slice)] = (entry.counts[slot(slice)] ?? 0) + 1;
  return entry.counts.reduce((sum, count) => sum + count, 0);
}

function slot(slice: number): number {
  return ((slice % SLICES) + SLICES) % SLICES;
}
