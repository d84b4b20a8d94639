/** A text as lines within bounds: so many, so long, ends of lines whatever they were. */
import { MAX_CHARS } from "./notice.ts";

const MAX_LINES = 2000;
/** Longer ones, as HTML without blocks makes them, are broken at blanks: what belongs together is near. */
const MAX_LINE = 1000;

export function linesOf(text: string): string[] {
  const lines = text.slice(0, MAX_CHARS).replace(/\r\n?/g, "\n").split("\n", MAX_LINES);
  return lines.every((line) => line.length <= MAX_LINE) ? lines : lines.flatMap(broken).slice(0, MAX_LINES);
}

function broken(line: string): string[] {
  const pieces: string[] = [];
  let rest = line;
  while (rest.length > MAX_LINE) {
    const blank = rest.lastIndexOf(" ", MAX_LINE);
    const end = blank > MAX_LINE / 2 ? blank : MAX_LINE;
    pieces.push(rest.slice(0, end));
    rest = rest.slice(end);
  }
  return [...pieces, rest];
}
