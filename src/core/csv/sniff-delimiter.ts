/**
 * Which character separates the columns: the one that the header line has most of outside quotes. A first line `sep=;`,
 * which Excel writes and reads, decides instead and is no data.
 */

export type Delimiter = "," | ";" | "\t" | "|";

export type DelimiterResult = {
  readonly delimiter: Delimiter;
  /** Characters before the header that are no data. */
  readonly skip: number;
};

/** In the order of preference when a header has as many of one as of another. */
const DELIMITERS: readonly Delimiter[] = [",", ";", "\t", "|"];

export function sniffDelimiter(sample: string): DelimiterResult {
  const hint = /^"?sep=([,;\t|])"?(?:\r\n|\r|\n)/i.exec(sample);
  if (hint) return { delimiter: hint[1] as Delimiter, skip: hint[0].length };
  const counts = countOutsideQuotes(sample);
  let best: Delimiter = ",";
  for (const delimiter of DELIMITERS) {
    if ((counts.get(delimiter) ?? 0) > (counts.get(best) ?? 0)) best = delimiter;
  }
  return { delimiter: best, skip: 0 };
}

function countOutsideQuotes(sample: string): Map<string, number> {
  const counts = new Map<string, number>();
  let quoted = false;
  let started = false;
  for (const char of sample) {
    if (char === '"') quoted = !quoted;
    if (quoted) continue;
    if (char === "\n" || char === "\r") {
      if (started) break;
      continue;
    }
    started = true;
    counts.set(char, (counts.get(char) ?? 0) + 1);
  }
  return counts;
}
