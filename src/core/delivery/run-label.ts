/** Labels of the runs of a recurring delivery: words in braces stand for the date of the run. */

export const LABEL_WORDS = ["{date}", "{year}", "{month}", "{day}", "{time}"] as const;

const WORD = /\{[^{}]{0,40}\}/g;
const LABEL_MAX = 500;

/** The first that stands for nothing; null: all do. */
export function findUnknownWord(pattern: string): string | null {
  const known: readonly string[] = LABEL_WORDS;
  return (pattern.match(WORD) ?? []).find((word) => !known.includes(word)) ?? null;
}

/** `local`: what the clocks show, `2026-11-27T09:00:00`. */
export function labelOfRun(pattern: string, local: string): string {
  const words: Record<string, string> = {
    "{date}": local.slice(0, 10),
    "{year}": local.slice(0, 4),
    "{month}": local.slice(5, 7),
    "{day}": local.slice(8, 10),
    "{time}": local.slice(11, 16),
  };
  return pattern.replace(WORD, (word) => words[word] ?? word).slice(0, LABEL_MAX);
}
