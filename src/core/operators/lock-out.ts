/**
 * Failures to sign in lock the account and the address they came from, longer each time. Names that nobody has lock in the same
 * way, so that a lock tells nothing about who exists.
 */
import { DAY, HOUR, MINUTE, type Instant } from "../time.ts";

export type Failures = {
  readonly failures: number;
  readonly failedAt: Instant;
  readonly lockedUntil: Instant | null;
};

export const NO_FAILURES: Failures = { failures: 0, failedAt: 0, lockedUntil: null };

/** How many failures are free, the first lock, and the longest; it doubles from one to the next. */
export type LockPolicy = { readonly free: number; readonly first: number; readonly longest: number };

export const ACCOUNT_POLICY: LockPolicy = { free: 5, first: MINUTE, longest: HOUR };
/** Many people may share an address. */
export const ADDRESS_POLICY: LockPolicy = { free: 20, first: MINUTE, longest: HOUR };

/** So long without a failure, and all are forgotten. */
const FORGET = DAY;

export function isLocked({ lockedUntil }: Failures, now: Instant): boolean {
  return lockedUntil !== null && lockedUntil > now;
}

/** Not to be called while locked: attempts during a lock are refused unseen, and count for nothing. */
export function afterFailure(before: Failures, policy: LockPolicy, now: Instant): Failures {
  const failures = (now - before.failedAt > FORGET ? 0 : before.failures) + 1;
  const beyond = failures - policy.free;
  if (beyond < 0) return { failures, failedAt: now, lockedUntil: null };
  const length = Math.min(policy.longest, policy.first * 2 ** Math.min(beyond, 20));
  return { failures, failedAt: now, lockedUntil: now + length };
}
