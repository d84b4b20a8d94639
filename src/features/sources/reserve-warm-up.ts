/**
 * Senders take the allowance of a source at a provider in blocks, before they use it: after a crash the rest of a block is
 * wasted, and nothing leaves that was not allowed. What comes of it is counted afterwards.
 */
import {
  grantOf,
  hourlyAllowance,
  stepOf,
  utcDate,
  utcHour,
  type WarmUpShare,
  type WarmUpStep,
  type WarmUpWord,
} from "../../core/shaping/warm-up.ts";
import type { Instant } from "../../core/time.ts";
import type { Db, Queryable } from "../../platform/db.ts";
import {
  addCounts,
  addReserved,
  type DayRow,
  findDay,
  findSendingDayBefore,
  insertDay,
  type Pair,
  takePair,
} from "./warm-up-store.ts";

export type WarmUpGrant = WarmUpShare & WarmUpStep & { readonly hourlyAllowance: number };

/** The source is known everywhere, or a removed one. */
const OFF: WarmUpStep = { day: 1, allowance: 0, state: "done" };
const GONE: WarmUpStep = { day: 1, allowance: 0, state: "held" };

/**
 * Up to `want` messages of today's allowance and of this hour's. Done, and for a source whose warm-up is off, all that is
 * wanted until the next date.
 */
export function reserveWarmUp(
  db: Db,
  { curve, ...pair }: Pair & { readonly curve: readonly number[] },
  want: number,
  now: Instant,
): Promise<WarmUpGrant> {
  const [date, hour] = [utcDate(now), utcHour(now)];
  return db.transaction(async (tx) => {
    const taken = await takePair(tx, pair, date, now);
    if (taken.kind !== "word") return grantAs(taken.kind === "off" ? OFF : GONE, [], want, now);
    const known = await findDay(tx, pair, date);
    const step = known
      ? stepOfDay(known, taken.word)
      : stepOf(curve, taken.word, await findSendingDayBefore(tx, pair, date), date);
    const held = step.state === "held" && taken.word.state !== "held";
    if (!known) await insertDay(tx, pair, date, { ...step, held });
    const grant = grantAs(step, known?.reserved ?? [], want, now);
    if (step.state !== "done" && grant.granted > 0) await addReserved(tx, pair, date, hour, grant.granted);
    return grant;
  });
}

/** A date that has begun keeps its step. */
export function stepOfDay({ day, allowance, held }: DayRow, { state }: WarmUpWord): WarmUpStep {
  if (state === "done" || allowance === 0) return { day, allowance: 0, state: "done" };
  return { day, allowance, state: state === "held" || held ? "held" : "warming" };
}

export function sumOf(reserved: readonly number[]): number {
  return reserved.reduce((sum, hour) => sum + hour, 0);
}

function grantAs(step: WarmUpStep, reserved: readonly number[], want: number, now: Instant): WarmUpGrant {
  const taken = { reserved: sumOf(reserved), thisHour: reserved[utcHour(now)] ?? 0 };
  return { ...step, hourlyAllowance: hourlyAllowance(step.allowance), ...grantOf(step, taken, want, now) };
}

/**
 * Gives back what is left of a block that was granted at `grantedAt`. Once: after an error nobody knows whether it was done,
 * and a block given back twice would be too much.
 */
export async function returnWarmUp(db: Queryable, pair: Pair, unused: number, grantedAt: Instant): Promise<void> {
  if (unused <= 0) return;
  await addReserved(db, pair, utcDate(grantedAt), utcHour(grantedAt), -Math.floor(unused));
}

/** What became of messages; complaints count on the day they come in. */
export type WarmUpCounts = Pair & {
  readonly at: Instant;
  readonly accepted: number;
  readonly deferred: number;
  readonly refused: number;
  readonly complaints: number;
};

/** Counts of pairs that never had an allowance are nobody's. */
export async function recordWarmUp(db: Queryable, rows: readonly WarmUpCounts[]): Promise<void> {
  if (rows.length === 0) return;
  await addCounts(
    db,
    rows.map(({ at, ...row }) => ({ ...row, date: utcDate(at) })),
  );
}
