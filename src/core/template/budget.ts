/**
 * How much work one part of one message may cost. Operators think of a time; what is counted is work, because the bytes of
 * a message must not depend on how busy a machine is (ADR 0002).
 */

/** A limit was passed or a filter refused its value. Thrown inside a rendering, a value beyond its border. */
export class RenderFailure extends Error {}

export type Budget = {
  /** Tags, outputs and texts rendered inside loops and other blocks of one part. */
  readonly steps: number;
  /** Characters and array items that filters and ranges of one part may produce. */
  readonly memory: number;
};

/** The time that the two figures below stand for, in milliseconds. */
const USUAL_TIME = 5000;
const USUAL: Budget = { steps: 200_000, memory: 8_000_000 };
/** However long an operator allows: several messages are in the making at once. */
const MOST_MEMORY = 64_000_000;

/** The limits of a personalisation timeout in milliseconds; 0: no limit of steps, those of memory and output stay. */
export function budgetFor(timeoutMs: number): Budget {
  if (timeoutMs === 0) return { steps: Number.POSITIVE_INFINITY, memory: USUAL.memory };
  const share = Math.max(1, timeoutMs) / USUAL_TIME;
  return { steps: Math.ceil(USUAL.steps * share), memory: Math.min(Math.ceil(USUAL.memory * share), MOST_MEMORY) };
}

/** Stands in for the engine's own limiter of memory or time. */
export function createLimiter(amount: number, refusal: string): { use(count: unknown): void; check(): void } {
  let left = amount;
  const spend = (count: number) => {
    if (count > 0) left -= count;
    if (left < 0) throw new RenderFailure(refusal);
  };
  // `check` is called once for every step with the time of day, which is not looked at
  return { use: (count) => spend(Number(count)), check: () => spend(1) };
}
