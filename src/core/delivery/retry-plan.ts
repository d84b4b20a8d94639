/**
 * When to try a message again, in one of two modes; in both with some chance, so that messages refused together do not come
 * back together, and never at or after the end of the validity period.
 *
 * `adaptive`: waits that grow (RFC 5321 §4.5.4.1 asks for at least 30 minutes on the whole, and more often at the
 * beginning); the wait that a reply asks for is obeyed; the last attempt lies just before the end.
 * `fixed`: so many on the first day, at least a period apart, then one a day; a reply may make a wait longer, never shorter.
 */
import { DAY, type Duration, HOUR, type Instant, MINUTE, parseDuration, SECOND } from "../time.ts";

export type Retries =
  | { readonly mode: "adaptive" }
  /** `count`: on the first day, after the first attempt. */
  | { readonly mode: "fixed"; readonly count: number; readonly period: Duration };

/** Shortest and longest wait after the first, second … attempt: first 5 to 10 minutes, at last some hours. */
const WAITS: readonly (readonly [Duration, Duration])[] = [
  [5 * MINUTE, 10 * MINUTE],
  [12 * MINUTE, 18 * MINUTE],
  [32 * MINUTE, 48 * MINUTE],
  [72 * MINUTE, 108 * MINUTE],
  [144 * MINUTE, 216 * MINUTE],
];
const LAST_WAIT: readonly [Duration, Duration] = [288 * MINUTE, 432 * MINUTE];

const MIN_HINT: Duration = 30 * SECOND;
const MAX_HINT: Duration = 6 * HOUR;
/** A server that asks for a few minutes again and again does not keep its word: then the waits grow all the same. */
const HINTS_OBEYED = 5;

/** What is added to a wait that somebody else chose: up to half of it, within these. */
const MIN_SPREAD: Duration = 30 * SECOND;
const MAX_SPREAD: Duration = 30 * MINUTE;
/** In mode `fixed` periods spread by a fifth, days by an hour. */
const PERIOD_SPREAD = 0.2;
const DAY_SPREAD: Duration = HOUR;

/** The last attempts lie so long before the end, by the length of the whole; at the most, and at the least. */
const MARGIN_SHARE = 0.02;
const MAX_MARGIN: Duration = MINUTE;
const MIN_MARGIN: Duration = SECOND;
/** They spread over so much before that. */
const LAST_CALL_SHARE = 0.05;
const MAX_LAST_CALL: Duration = 10 * MINUTE;
const MIN_LEAD: Duration = SECOND / 2;

type RetryRequest = {
  readonly retries: Retries;
  /** How many attempts were made, 1 after the first. */
  readonly attempt: number;
  /** Of this message; where that is not known, the start of its delivery. */
  readonly firstAttemptAt: Instant;
  readonly now: Instant;
  readonly validUntil: Instant;
  /** What the reply asked for (`parseRetryHint`), if anything. */
  readonly hint: Duration | null;
  /** In [0, 1). */
  readonly random: number;
};

type RetryPlan = { readonly kind: "retry"; readonly at: Instant } | { readonly kind: "expired" };

/** From the settings of a delivery; older ones say nothing. */
export function readRetries(
  stored: { mode: "adaptive" } | { mode: "fixed"; count: number; period: string } | undefined,
): Retries {
  if (stored?.mode !== "fixed") return { mode: "adaptive" };
  return { mode: "fixed", count: stored.count, period: parseDuration(stored.period) ?? HOUR };
}

export function planRetry(request: RetryRequest): RetryPlan {
  return request.retries.mode === "fixed" ? planFixed(request, request.retries) : planAdaptive(request);
}

function planAdaptive(request: RetryRequest): RetryPlan {
  const { now, validUntil, random } = request;
  const length = validUntil - Math.min(request.firstAttemptAt, now);
  const last = validUntil - clamp(length * MARGIN_SHARE, MIN_MARGIN, MAX_MARGIN);
  const at = now + adaptiveWait(request);
  if (at <= last) return { kind: "retry", at: Math.round(at) };
  const lastCall = Math.min(length * LAST_CALL_SHARE, MAX_LAST_CALL);
  // Whoever was asked during the last call is not asked once more.
  if (now + MIN_LEAD > last - lastCall) return { kind: "expired" };
  // Rounded down: the end of the validity period is a promise, the wait is not.
  return { kind: "retry", at: Math.floor(last - lastCall * random) };
}

function adaptiveWait({ attempt, hint, random }: RetryRequest): Duration {
  const [shortest, longest] = WAITS[attempt - 1] ?? LAST_WAIT;
  const planned = shortest + (longest - shortest) * random;
  if (hint === null) return planned;
  const asked = obeyed(hint, random);
  return attempt <= HINTS_OBEYED ? asked : Math.max(asked, planned);
}

function planFixed(request: RetryRequest, { count, period }: Extract<Retries, { mode: "fixed" }>): RetryPlan {
  const { attempt, now, validUntil, hint, random } = request;
  // A clock that was set back makes no second first day.
  const first = Math.min(request.firstAttemptAt, now);
  const soonest = now + Math.max(period, hint === null ? 0 : obeyed(hint, random));
  const sameDay = soonest + period * PERIOD_SPREAD * random;
  const nextDay = first + (Math.floor((now - first) / DAY) + 1) * DAY;
  const isFirstDay = attempt <= count && sameDay < first + DAY;
  const at = Math.ceil(isFirstDay ? sameDay : Math.max(soonest, nextDay) + DAY_SPREAD * random);
  return at < validUntil ? { kind: "retry", at } : { kind: "expired" };
}

/** Never sooner than what was asked for, except for what nobody can mean. */
function obeyed(hint: Duration, random: number): Duration {
  const asked = clamp(hint, MIN_HINT, MAX_HINT);
  return asked + random * clamp(asked / 2, MIN_SPREAD, MAX_SPREAD);
}

function clamp(value: number, low: number, high: number): number {
  return Math.min(Math.max(value, low), high);
}
