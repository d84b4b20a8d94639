/** Where in a rule file something stands: the TOML parser tells lines of syntax errors only. Lines count from 1. */

/** The lines at which rules begin, in their order. */
export function linesOfRules(text: string): number[] {
  return text.split("\n").flatMap((line, i) => (isHead(line) ? [i + 1] : []));
}

function isHead(line: string): boolean {
  return /^\s*\[\[rule\]\]/.test(line);
}

/** The line of a key or table: of the rule that begins at `from`, or of the file from there. That line itself when it is not there. */
export function lineOfKey(text: string, from: number, key: string): number {
  const lines = text.split("\n");
  const at = lines.findIndex((line, i) => i >= from - 1 && keyOf(line) === key);
  const isRule = isHead(lines[from - 1] ?? "");
  const next = isRule ? lines.findIndex((line, i) => i >= from && isHead(line)) : -1;
  return at < 0 || (next >= 0 && at > next) ? from : at + 1;
}

function keyOf(line: string): string | null {
  const trimmed = line.trimStart();
  return /^\[{1,2}([^\]]*)\]/.exec(trimmed)?.[1] ?? /^([\w-]+)\s*=/.exec(trimmed)?.[1] ?? null;
}
