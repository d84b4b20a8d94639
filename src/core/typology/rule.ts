/** The words of control rules, each once. */

/**
 * When a rule is looked at: before the target is computed; when it is known; when messages could be made; when everything is
 * prepared. An error in the first phase ends the analysis there; any other keeps the delivery from being prepared.
 */
export const PHASES = ["before-target", "after-target", "before-personalisation", "end"] as const;
export type Phase = (typeof PHASES)[number];

/** From the least on. */
export const LEVELS = ["info", "warning", "error"] as const;
export type Level = (typeof LEVELS)[number];

/** Whether what is known in `from` is known in `phase`. */
export function isKnownIn(from: Phase, phase: Phase): boolean {
  return PHASES.indexOf(from) <= PHASES.indexOf(phase);
}

export function isAtLeast(level: Level, least: Level): boolean {
  return LEVELS.indexOf(level) >= LEVELS.indexOf(least);
}

/** The gravest of them; null: nothing was said. */
export function worstLevel(items: readonly { readonly level: Level }[]): Level | null {
  return LEVELS.toReversed().find((level) => items.some((item) => item.level === level)) ?? null;
}
