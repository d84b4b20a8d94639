/**
 * The warm-up of one source at one provider, as lanes ask for it: messages are granted in blocks that the database counts before they are
 * used, so that a crash wastes a few and never exceeds a day. What was granted and not used goes back after a while.
 */
import { type Duration, type Instant, MINUTE, SECOND } from "../core/time.ts";
import type { Happening } from "./recent.ts";

export type Grant = {
  readonly granted: number;
  readonly remainingToday: number;
  /** A date. Null: more may be asked for now. */
  readonly nextAt: Instant | null;
};

export type WarmUpGate = {
  /** Null: one may leave; else from which steady instant on asking again is worthwhile. */
  wait(now: Instant): Instant | null;
  take(): void;
  /** Nothing can be had before this steady instant; null: it can. For choosing a source. */
  exhaustedUntil(now: Instant): Instant | null;
  /** An operator changed it: ask anew. What was granted before goes back: it was counted. */
  forget(): void;
  /** What became of one of its messages. */
  note(what: Happening): void;
  /** What became of them since the last time. */
  takeCounts(): Readonly<Record<Happening, number>> | null;
  /** What is granted and not used goes back, after it lay here for a while or for good. Never throws. */
  giveBack(now: Instant, always: boolean): Promise<void>;
};

export type WarmUpGateOptions = {
  readonly reserve: (want: number) => Promise<Grant>;
  readonly giveBack: (unused: number, grantedAt: Instant) => Promise<void>;
  readonly onError: (error: unknown) => void;
  /** There is something to send again. */
  readonly onGranted: () => void;
  readonly steady: () => Instant;
  readonly now: () => Instant;
};

const BLOCK_LEAST = 10;
const BLOCK_MOST = 1000;
const ASK_AGAIN: Duration = 5 * SECOND;
const LIES: Duration = MINUTE;

export function createWarmUpGate(options: WarmUpGateOptions): WarmUpGate {
  const { steady } = options;
  let left = 0;
  let grantedAt: Instant = 0;
  let usedAt: Instant = steady();
  let nextAt: Instant = 0;
  let asking = false;
  let block = BLOCK_LEAST;
  let generation = 0;
  let counts: Record<Happening, number> | null = null;

  const ask = async (mine: number) => {
    asking = true;
    try {
      const at = options.now();
      const grant = await options.reserve(block);
      if (mine !== generation) {
        // Asked before the change: it must not be spent after it.
        if (grant.granted > 0) await options.giveBack(grant.granted, at);
        return;
      }
      // A grant of everything means there is no limit until then.
      left = grant.remainingToday === Number.POSITIVE_INFINITY ? Number.POSITIVE_INFINITY : left + grant.granted;
      grantedAt = at;
      usedAt = steady();
      const isEmpty = grant.granted === 0 && grant.nextAt === null;
      // A source that is gone gets nothing, and nobody says until when.
      nextAt = steady() + (isEmpty ? ASK_AGAIN : Math.max(0, (grant.nextAt ?? 0) - options.now()));
      block = Math.min(BLOCK_MOST, block * 2);
    } catch (error) {
      options.onError(error);
      nextAt = steady() + ASK_AGAIN;
    } finally {
      asking = false;
    }
    if (left > 0) options.onGranted();
  };

  const wait = (now: Instant): Instant | null => {
    // The end of "no limit until then" is a reason to ask as well.
    if (left === Number.POSITIVE_INFINITY && now >= nextAt) left = 0;
    if (left > 0) return null;
    if (now < nextAt) return nextAt;
    if (!asking) void ask(generation);
    return now + SECOND;
  };

  /** A grant of everything took nothing away. */
  const letGo = async () => {
    const unused = left === Number.POSITIVE_INFINITY ? 0 : left;
    left = 0;
    block = BLOCK_LEAST;
    if (unused > 0) await options.giveBack(unused, grantedAt).catch(options.onError);
  };

  return {
    wait,
    take: () => {
      left--;
      usedAt = steady();
    },
    exhaustedUntil: (now) => (left > 0 || now >= nextAt ? null : nextAt),
    forget: () => {
      generation++;
      nextAt = 0;
      void letGo();
    },
    note: (what) => {
      counts ??= { accepted: 0, deferred: 0, refused: 0 };
      counts[what]++;
    },
    takeCounts: () => {
      const taken = counts;
      counts = null;
      return taken;
    },
    giveBack: async (now, always) => {
      const lies = left > 0 && left !== Number.POSITIVE_INFINITY && now - usedAt >= LIES;
      if (lies || always) await letGo();
    },
  };
}
