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
const WORDS = /\S+/g;
/** Letters with their marks; what lies between them (hyphens, apostrophes, dots) parts a word into names. */
const NAMES = /[\p{L}\p{M}\p{Nd}]+/gu;
const APOSTROPHES = "'’ʼ`";

export function smartCase(text: string): string {
  const words = [...text.matchAll(WORDS)];
  const last = words.length - 1;
  let index = -1;
  return text.replace(WORDS, (word) => {
    index++;
    const lower = lowerCase(word);
    if (index > 0 && index < last && PARTICLES.has(lower)) return lower;
    if (index > 0 && index === last && NUMERALS.has(lower)) return word.toUpperCase();
    return caseWord(word);
  });
}

function caseWord(word: string): string {
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
  const [first = ""] = name;
  const rest = name.slice(first.length);
  // capitals and small letters after the first one: somebody wrote it so
  if (rest !== rest.toUpperCase() && rest !== lowerCase(rest)) return capital(first) + rest;
  const scottish = /^mc(\p{L})(\p{L}.*)$/su.exec(lower);
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
  const [first = ""] = upper;
  return first + lowerCase(upper.slice(first.length));
}
