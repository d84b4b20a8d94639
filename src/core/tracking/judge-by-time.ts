/**
 * What the time of a reaction says about copies that are made before their original leaves: while nobody but the archive can have
 * the message, whoever reacts to it has the copy. Only what is certain counts: a recipient's reaction that is taken for the
 * archive's is lost to the figures.
 */
import type { Duration, Instant } from "../time.ts";
import { SECOND } from "../time.ts";

/** An attempt that went as far as the message's final dot. */
export type WireTime = {
  readonly accepted: boolean;
  /** From its first command to the reply. Null: not known. */
  readonly from: Instant | null;
  readonly to: Instant;
};

export type TimeFacts = {
  readonly at: Instant;
  /** Some attempt ended without its reply: its receiver may have the message, since nobody knows when. */
  readonly inDoubt: boolean;
  /** A sender holds the part: what became of its last attempts may not be known yet. */
  readonly held: boolean;
  readonly attempts: readonly WireTime[];
};

/** `open`: what is known now decides nothing, later it will. `any`: the message may be elsewhere too, so the time says nothing. */
export type TimeVerdict = "copy" | "any" | "open";

/** The clocks of two machines may differ by as much. */
export const CLOCK_SKEW: Duration = 10 * SECOND;

export function judgeByTime({ at, inDoubt, held, attempts }: TimeFacts): TimeVerdict {
  if (inDoubt || attempts.some((attempt) => mayShow(attempt, at))) return "any";
  // Attempts come one after the other: with an accepted one, all before it are known.
  if (attempts.some(({ accepted }) => accepted)) return "copy";
  return held ? "open" : "copy";
}

/** What was accepted may be seen since its attempt began. What was refused was seen by the server alone, while it made up its mind. */
function mayShow({ accepted, from, to }: WireTime, at: Instant): boolean {
  const begun = from === null || at >= from - CLOCK_SKEW;
  return begun && (accepted || at <= to + CLOCK_SKEW);
}
