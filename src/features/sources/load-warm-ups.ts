/** Where every source in warm-up stands at every provider today: for the grid, and for plans. */
import { hourlyAllowance, stepOf, utcDate, type WarmUpStep } from "../../core/shaping/warm-up.ts";
import type { Instant } from "../../core/time.ts";
import type { Queryable } from "../../platform/db.ts";
import { stepOfDay, sumOf } from "./reserve-warm-up.ts";
import { listPairs, type Pair, type PairRow } from "./warm-up-store.ts";

export type WarmUpToday = Pair &
  WarmUpStep & {
    readonly source: string;
    readonly hourlyAllowance: number;
    readonly used: number;
    readonly accepted: number;
    readonly deferred: number;
    readonly refused: number;
    readonly complaints: number;
  };

/** Pairs that have begun or that an operator set, by number of the source and provider; all others are at day 1. */
export async function loadWarmUps(
  db: Queryable,
  curveFor: (provider: string) => readonly number[],
  now: Instant,
  pair: Pair | null = null,
): Promise<WarmUpToday[]> {
  const date = utcDate(now);
  const rows = await listPairs(db, date, pair);
  return rows.map((row) => todayOf(row, curveFor(row.provider), date));
}

function todayOf(
  { sourceId, source, provider, word, today, last }: PairRow,
  curve: readonly number[],
  date: number,
): WarmUpToday {
  const step = today ? stepOfDay(today, word) : stepOf(curve, word, last, date);
  return {
    sourceId,
    source,
    provider,
    ...step,
    hourlyAllowance: hourlyAllowance(step.allowance),
    used: sumOf(today?.reserved ?? []),
    accepted: today?.accepted ?? 0,
    deferred: today?.deferred ?? 0,
    refused: today?.refused ?? 0,
    complaints: today?.complaints ?? 0,
  };
}
