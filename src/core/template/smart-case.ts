/**
 * Proper nouns as people write them, from a column in capitals or in none: `JEAN-PIERRE o'neil mcdonald` is
 * `Jean-Pierre O'Neil McDonald`. A word that has capitals inside already (`DiCaprio`) is left as it is.
 */

/** Between two names these are not capitals: `Ludwig van Beethoven`. */
const PARTICLES = new Set(
  "af al auf av bin da das de del della den der des di do dos du e el ibn la las le los of ter und van von y zu zum zur".split(
    " ",
  ),
);
/** Of a ruler or a grandson; longer ones are rarer than names that look like them. */
const NUMERALS = new Set(["ii", "iii", "iv", "vii", "viii"]);
const BLANKS = /(\s+)/;
/** Most words, without anything between names. */
const PLAIN = /^[A-Za-z]+$/;
/** Letters with their marks; what lies between them (hyphens, apostrophes, dots) parts a word into names. */
const NAMES = /[\p{L}\p{M}\p{Nd}]+/gu;
const APOSTROPHES = "'’ʼ`";

export function smartCase(text: string): string {
  const parts = text.split(BLANKS);
  const first = parts[0] === "" ? 2 : 0;
  const last = parts.length - 1 - (parts.at(-1) === "" ? 2 : 0);
  let out = "";
  for (let i = 0; i < parts.length; i++) {
    const part = parts[i] ?? "";
    // blanks are at the odd places
    if (i % 2 === 1 || part === "") out += part;
    else out += caseWord(part, i > first, i === last);
  }
  return out;
}

/** `later`: not the first word. */
function caseWord(word: string, later: boolean, last: boolean): string {
  if (later) {
    const lower = lowerCase(word);
    if (!last && PARTICLES.has(lower)) return lower;
    if (last && NUMERALS.has(lower)) return word.toUpperCase();
  }
  return PLAIN.test(word) ? caseName(word) : caseParts(word);
}

function caseParts(word: string): string {
  let before: { readonly name: string; readonly end: number } | null = null;
  return word.replace(NAMES, (name, start: number) => {
    const gap: string = before === null ? "" : word.slice(before.end, start);
    // `o'neil`, `d'artagnan`, but not `john's`
    const suffix =
      before !== null && gap.length === 1 && APOSTROPHES.includes(gap) && (before.name.length > 1 || name.length < 2);
    before = { name, end: start + name.length };
    return suffix ? lowerCase(name) : caseName(name);
  });
}

function caseName(name: string): string {
  const lower = lowerCase(name);
  const first = String.fromCodePoint(name.codePointAt(0) ?? 0);
  const rest = name.slice(first.length);
  // capitals and small letters after the first one: somebody wrote it so
  if (rest !== rest.toUpperCase() && rest !== lowerCase(rest)) return capital(first) + rest;
  const scottish = lower.startsWith("mc") ? /^mc(\p{L})(\p{L}.*)$/su.exec(lower) : null;
  if (scottish !== null) return `Mc${capital(scottish[1] ?? "")}${scottish[2] ?? ""}`;
  return capital(first) + lower.slice(lowerCase(first).length);
}

/** The dotted capital I of Turkish becomes a plain i, not an i with a second dot. */
function lowerCase(text: string): string {
  return text.replaceAll("İ", "i").toLowerCase();
}

/** Of one letter; `ß` and ligatures become a capital and a small letter. */
function capital(letter: string): string {
  const upper = letter.toUpperCase();
  if (upper.length === 1) return upper;
  const [first = ""] = upper;
  return first + lowerCase(upper.slice(first.length));
}
