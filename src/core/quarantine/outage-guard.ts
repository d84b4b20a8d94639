/**
 * When "user unknown" is not to be believed: a provider whose directory is away says it to everybody. The sender's breaker
 * (core/shaping/breakers.ts) stops sending within seconds; this looks at hours, over all senders and at what comes later by mail, and
 * leaves the decision to a person: addresses are held, and mail to them goes on.
 */
export type Answers = { readonly answers: number; readonly unknown: number };

export type GuardPolicy = {
  readonly enabled: boolean;
  /** So many times the usual share is far above it. */
  readonly factor: number;
  /** Unknown users of the last hours below which nothing is concluded. */
  readonly least: number;
};

/** Below this share nobody is held, however rare unknown users were. */
const LEAST_SHARE = 0.1;
/** Answers from which on a usual share is known. */
const KNOWN_FROM = 1000;
/** Where none is known, it takes an outage that spares hardly anybody: a bad list would look like a milder one. */
const UNKNOWN_PROVIDER = { answers: 200, share: 0.95 };

/** `recent`: the last hours; `usual`: the weeks before. Answers are acceptances and final refusals of recipients. */
export function isFarAboveUsual(recent: Answers, usual: Answers, { enabled, factor, least }: GuardPolicy): boolean {
  if (!enabled || recent.unknown < least || recent.answers <= 0) return false;
  const share = recent.unknown / recent.answers;
  if (usual.answers < KNOWN_FROM) {
    return recent.answers >= UNKNOWN_PROVIDER.answers && share >= UNKNOWN_PROVIDER.share;
  }
  return share >= Math.max(LEAST_SHARE, Math.min(UNKNOWN_PROVIDER.share, (factor * usual.unknown) / usual.answers));
}
