/**
 * When to try an owed copy again: soon at first, then hourly, as long as the limit allows; what the archive's reply asks for comes first.
 * The validity period of the delivery has no say: the message may be long gone when its copy is taken.
 */
import { type Duration, HOUR, type Instant, MINUTE, SECOND } from "../time.ts";

const WAITS: readonly Duration[] = [5 * SECOND, 30 * SECOND, 2 * MINUTE, 10 * MINUTE];
const LAST_WAIT: Duration = HOUR;
/** Copies refused together do not come back together. */
const JITTER = 0.1;

const MIN_HINT: Duration = SECOND;
const MAX_HINT: Duration = 6 * HOUR;

export type CopyPlanRequest = {
  /** How many attempts were made, 1 after the first. */
  readonly attempt: number;
  readonly now: Instant;
  /** When the copy was first due. */
  readonly dueSince: Instant;
  readonly giveUpAfter: Duration;
  /** What the reply asked for (`parseRetryHint`), if anything. */
  readonly hint: Duration | null;
  /** In [0, 1). */
  readonly random: number;
};

export type CopyPlan = { readonly kind: "retry"; readonly at: Instant } | { readonly kind: "given-up" };

/** The last attempt lies at the limit itself, never beyond it. */
export function planCopy({ attempt, now, dueSince, giveUpAfter, hint, random }: CopyPlanRequest): CopyPlan {
  const limit = dueSince + giveUpAfter;
  if (now >= limit) return { kind: "given-up" };
  const wait = hint === null ? plannedWait(attempt, random) : Math.min(MAX_HINT, Math.max(MIN_HINT, hint));
  return { kind: "retry", at: Math.round(Math.min(now + wait, limit)) };
}

function plannedWait(attempt: number, random: number): Duration {
  return (WAITS[attempt - 1] ?? LAST_WAIT) * (1 + JITTER * (2 * random - 1));
}
