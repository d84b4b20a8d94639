/** Which known names somebody may have meant. */

/** Letters added, removed or changed between two short texts. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const change = (row[j - 1] ?? 0) + (a.charAt(i - 1) === b.charAt(j - 1) ? 0 : 1);
      next.push(Math.min(change, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}

/** The known names nearest to the given one, three at most; none when nothing is near. */
export function nearNames(name: string, known: readonly string[]): string[] {
  const wanted = name.slice(0, 64).toLowerCase();
  return known
    .map((other) => ({ other, far: distance(wanted, other.slice(0, 64).toLowerCase()) }))
    .filter(({ other, far }) => far <= Math.max(2, Math.floor(Math.min(wanted.length, other.length) / 2)))
    .sort((a, b) => a.far - b.far || (a.other < b.other ? -1 : 1))
    .slice(0, 3)
    .map(({ other }) => other);
}
