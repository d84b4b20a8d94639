/**
 * Warm-up: a new source may send a provider little on its first day and more on every sending day after it, so that the
 * provider learns to know it. Nobody releases anything by hand: days that go badly repeat or go back by themselves, and what
 * is over the allowance goes by other sources of the pool or waits.
 *
 * Days are UTC dates, and steps of the curve count *sending days*, those on which a tenth of the allowance went out: an
 * installation that mails once a week needs as many mailings as one that mails daily (Jericho/StrongGrid#290).
 * Rows of days are the only memory, one for a date, so a clock that jumps cannot get a second allowance for the same date.
 */
import { DAY, HOUR, type Instant } from "../time.ts";
import type { Provider } from "./rule.ts";

/** Days since 1970-01-01, UTC. */
export type UtcDate = number;

/** Messages by day of one address at all providers together in SparkPost's plan (support docs, "IP Warm-up Overview"); here at each. */
export const DEFAULT_WARM_UP: readonly number[] = [
  200, 500, 1000, 2000, 5000, 10_000, 20_000, 40_000, 50_000, 75_000, 100_000, 150_000, 200_000, 250_000, 325_000,
  400_000, 500_000, 600_000, 750_000, 1_000_000, 1_250_000, 1_750_000, 2_000_000, 3_000_000, 4_250_000, 5_000_000,
  6_000_000, 7_500_000, 10_000_000,
];

/** A day is a sending day when this share of its allowance was tried. */
export const SENDING_SHARE = 0.1;
/**
 * The most that leaves in an hour, as a share of the day: receivers look at hours too, SendGrid limits a warm-up by the hour
 * ("Automated IP warmup hourly send schedule"), BillionMail gives an hour a tenth. An eighth lets a day's allowance out
 * within a working day.
 */
const HOURLY_SHARE = 1 / 8;
/**
 * Receivers forget an address that is silent for 30 days (SendGrid: "You also need to warm up your IP if you haven't sent on
 * it in more than 30 days"): it goes back a week of sending days for each.
 */
const PAUSE_DAYS = 30;
const PAUSE_STEPS = 7;
/** Above these a step is repeated, above the double it goes back. Fewer than `least` are chance. */
const LIMITS = {
  deferred: { share: 0.2, least: 10 },
  refused: { share: 0.05, least: 5 },
  complaints: { share: 0.002, least: 2 },
} as const;

/** `held`: the step before is had again, because of how it went or by an operator's word. `done`: no allowance any more. */
export type WarmUpState = "warming" | "held" | "done";

export type WarmUpStep = {
  /** Of the curve, from 1; one past its end when done. */
  readonly day: number;
  /** Messages on this date; 0 when done, which is without limit. */
  readonly allowance: number;
  readonly state: WarmUpState;
};

/** What became of a date on which there was mail. */
export type WarmUpDay = {
  readonly date: UtcDate;
  readonly day: number;
  /** 0: it was done. */
  readonly allowance: number;
  readonly accepted: number;
  readonly deferred: number;
  readonly refused: number;
  readonly complaints: number;
};

/** Where it stands without days: from the beginning, or as an operator set it. */
export type WarmUpWord = {
  readonly state: WarmUpState;
  /** The day to begin with. */
  readonly nextDay: number;
  /** Days before this date count no more. */
  readonly since: UtcDate;
};

export function curveOf(provider: Pick<Provider, "warmUp"> | undefined): readonly number[] {
  return provider?.warmUp ?? DEFAULT_WARM_UP;
}

export function utcDate(at: Instant): UtcDate {
  return Math.floor(at / DAY);
}

/** 0 … 23, UTC. */
export function utcHour(at: Instant): number {
  return Math.floor(at / HOUR) - utcDate(at) * 24;
}

export function hourlyAllowance(allowance: number): number {
  return Math.ceil(allowance * HOURLY_SHARE);
}

export function isSendingDay({ allowance, accepted, deferred, refused }: Omit<WarmUpDay, "date" | "day">): boolean {
  const tried = accepted + deferred + refused;
  return tried > 0 && tried >= allowance * SENDING_SHARE;
}

/** The step of a date. `last`: the last sending day before it, if there is one. */
export function stepOf(curve: readonly number[], word: WarmUpWord, last: WarmUpDay | null, today: UtcDate): WarmUpStep {
  if (word.state === "done") return done(curve);
  const counted = last !== null && last.date >= word.since ? last : null;
  const next = counted === null ? { day: word.nextDay, isHeld: false } : dayAfter(counted, word.state === "held");
  const pauses = Math.floor(Math.max(0, today - (counted?.date ?? word.since)) / PAUSE_DAYS);
  const day = Math.max(1, Math.min(next.day, curve.length + 1) - pauses * PAUSE_STEPS);
  const allowance = curve[day - 1];
  if (allowance === undefined) return word.state === "held" ? lastStep(curve) : done(curve);
  return { day, allowance, state: word.state === "held" || next.isHeld ? "held" : "warming" };
}

function done(curve: readonly number[]): WarmUpStep {
  return { day: curve.length + 1, allowance: 0, state: "done" };
}

/** Held by an operator after the end of the curve: what the last day allowed. */
function lastStep(curve: readonly number[]): WarmUpStep {
  const allowance = curve.at(-1);
  return allowance === undefined ? done(curve) : { day: curve.length, allowance, state: "held" };
}

function dayAfter(last: WarmUpDay, isHeld: boolean): { readonly day: number; readonly isHeld: boolean } {
  // Done: what goes badly now is for the controller and the sweeps.
  if (last.allowance === 0) return { day: last.day, isHeld: false };
  const badness = badnessOf(last);
  if (badness > 2) return { day: last.day - 1, isHeld: true };
  if (badness > 1) return { day: last.day, isHeld: true };
  return { day: isHeld ? last.day : last.day + 1, isHeld: false };
}

/** The worst share by its limit. */
function badnessOf({ accepted, deferred, refused, complaints }: WarmUpDay): number {
  const tried = accepted + deferred + refused;
  const of = (count: number, total: number, { share, least }: { share: number; least: number }) =>
    count < least ? 0 : count / Math.max(1, total) / share;
  return Math.max(
    of(deferred, tried, LIMITS.deferred),
    of(refused, tried, LIMITS.refused),
    of(complaints, accepted, LIMITS.complaints),
  );
}

/** What was taken of a date's allowance: in all, and in the hour of now. */
export type Taken = { readonly reserved: number; readonly thisHour: number };

export type WarmUpShare = {
  readonly granted: number;
  /** Infinity when done. */
  readonly remainingToday: number;
  /** When it is worth asking again: the next hour or the next date, so never more than a day away. Null: now. */
  readonly nextAt: Instant | null;
};

/** How much of `want` may leave now. */
export function grantOf(step: WarmUpStep, { reserved, thisHour }: Taken, want: number, now: Instant): WarmUpShare {
  const tomorrow = (utcDate(now) + 1) * DAY;
  if (step.state === "done") return { granted: want, remainingToday: Infinity, nextAt: tomorrow };
  const left = Math.max(0, step.allowance - reserved);
  const leftNow = Math.min(left, Math.max(0, hourlyAllowance(step.allowance) - thisHour));
  const granted = Math.max(0, Math.min(Math.floor(want), leftNow));
  const remainingToday = left - granted;
  if (granted < leftNow) return { granted, remainingToday, nextAt: null };
  const nextHour = (Math.floor(now / HOUR) + 1) * HOUR;
  return { granted, remainingToday, nextAt: remainingToday === 0 ? tomorrow : nextHour };
}
