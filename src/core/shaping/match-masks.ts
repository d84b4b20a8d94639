/**
 * Masks compared with masks, for those who write rules: is one wider than another, is there a host that both match? Masks are
 * those of `matchesMask`: `*` any characters, also none; `?` one.
 */

/**
 * Whether every host that `narrow` matches is matched by `wide`. Yes is certain; a few odd pairs (`?*` and `*a`) are answered
 * with no although they are covered. Linear, as `matchesMask`, with the wildcards of `narrow` as letters of their own.
 */
export function coversMask(wide: string, narrow: string): boolean {
  const pattern = tidied(wide);
  const subject = tidied(narrow);
  let p = 0;
  let s = 0;
  let star = -1;
  let retry = 0;
  while (s < subject.length) {
    if (pattern[p] === "*") {
      star = p++;
      retry = s;
    } else if (p < pattern.length && fits(pattern[p], subject[s])) {
      p++;
      s++;
    } else if (star >= 0) {
      p = star + 1;
      s = ++retry;
    } else {
      return false;
    }
  }
  while (pattern[p] === "*") p++;
  return p === pattern.length;
}

function fits(wanted: string | undefined, given: string | undefined): boolean {
  return wanted === given || (wanted === "?" && given !== "*");
}

/** Lower case, and runs of wildcards in one order: `*?*` is `?*`. */
function tidied(mask: string): string {
  return mask.toLowerCase().replace(/[*?]{2,}/g, (run) => {
    const marks = run.replaceAll("*", "");
    return marks.length === run.length ? run : `${marks}*`;
  });
}

/** A host name that both masks match, as short as can be; null when there is none. Exact; the cost is the product of the lengths. */
export function commonHost(one: string, other: string): string | null {
  const a = one.toLowerCase();
  const b = other.toLowerCase();
  if (!endsAlike(a, b)) return null;
  /** By the number of characters of `b` that are used up: the shortest host so far that uses up those of `a` too. */
  let row: (string | null)[] = Array.from({ length: b.length + 1 }, () => null);
  row[0] = "";
  row = skipStars(row, b);
  for (const mark of a) row = skipStars(nextRow(row, mark, b), b);
  return row[b.length] ?? null;
}

/** Most masks are told apart by their last letters. */
function endsAlike(a: string, b: string): boolean {
  for (let i = 1; i <= Math.min(a.length, b.length); i++) {
    const [one, other] = [a.at(-i), b.at(-i)];
    if (one === "*" || other === "*") return true;
    if (one !== "?" && other !== "?" && one !== other) return false;
  }
  return true;
}

/** `mark`, the next character of one mask, against every place of the other. */
function nextRow(row: readonly (string | null)[], mark: string, b: string): (string | null)[] {
  if (mark === "*") {
    // It takes nothing, or whatever the other mask wants next.
    const next = [...row];
    for (let i = 0; i < b.length; i++) {
      const before = next[i] ?? null;
      if (before !== null && b[i] !== "*") next[i + 1] = shorter(next[i + 1] ?? null, before + letterOf(b[i], mark));
      else if (before !== null) next[i + 1] = shorter(next[i + 1] ?? null, before);
    }
    return next;
  }
  return row.map((_, i) => {
    const before = row[i - 1] ?? null;
    const both = before !== null && meets(mark, b[i - 1]) ? before + letterOf(b[i - 1], mark) : null;
    const here = row[i] ?? null;
    // A `*` of the other mask that was reached takes this character as well.
    const taken = here !== null && b[i - 1] === "*" ? here + letterOf("?", mark) : null;
    return shorter(both, taken);
  });
}

/** A `*` may also take nothing. */
function skipStars(row: readonly (string | null)[], b: string): (string | null)[] {
  const next = [...row];
  for (let i = 0; i < b.length; i++) if (b[i] === "*") next[i + 1] = shorter(next[i + 1] ?? null, next[i] ?? null);
  return next;
}

function meets(mark: string, other: string | undefined): boolean {
  return other !== "*" && (mark === "?" || other === "?" || mark === other);
}

/** The character for a place where two marks meet, at least one of which may be a wildcard. */
function letterOf(other: string | undefined, mark: string): string {
  if (mark !== "?" && mark !== "*") return mark;
  return other === undefined || other === "?" || other === "*" ? "x" : other;
}

function shorter(one: string | null, other: string | null): string | null {
  if (one === null || other === null) return one ?? other;
  return other.length < one.length ? other : one;
}

/** `*` any characters, `?` one character; case does not matter. Linear: greedy match with one point of return. */
export function matchesMask(mask: string, text: string): boolean {
  const pattern = mask.toLowerCase();
  const subject = text.toLowerCase();
  let p = 0;
  let s = 0;
  let star = -1;
  let retry = 0;
  while (s < subject.length) {
    if (p < pattern.length && (pattern[p] === "?" || pattern[p] === subject[s])) {
      p++;
      s++;
    } else if (pattern[p] === "*") {
      star = p++;
      retry = s;
    } else if (star >= 0) {
      p = star + 1;
      s = ++retry;
    } else {
      return false;
    }
  }
  while (pattern[p] === "*") p++;
  return p === pattern.length;
}
