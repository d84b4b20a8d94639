/**
 * The pattern language of bounce rules. A pattern is a run of words: `user unknown`. A word may end in `*`
 * (`blacklist*`), offer alternatives (`user|recipient`) or name a list (`$mailbox`); a lone `*` skips up to six words; `&`
 * joins runs that must all occur, in any order. A list may hold runs of several words too; then it stands alone between `&`, and
 * any of them will do. Not regular expressions, on purpose: `pattern-index.ts` finds all patterns at once, at a bounded cost for each word.
 */
import { splitWords } from "./words.ts";

const MAX_GAPS = 3;
export const MIN_PREFIX = 3;

export type Word = { readonly kind: "word"; readonly exact: ReadonlySet<string>; readonly prefixes: readonly string[] };
export type Element = Word | { readonly kind: "gap" };
export type Run = readonly Element[];
export type WordLists = Readonly<Record<string, readonly string[]>>;

/** What is wrong with a pattern or a word list; thrown by parsing, reported by the linter. */
export class PatternError extends Error {}

function readAlternative(
  text: string,
  lists: WordLists,
  seen: readonly string[],
): { exact: string[]; prefixes: string[] } {
  if (text.startsWith("$")) return readList(text.slice(1), lists, seen);
  const isPrefix = text.endsWith("*");
  const words = splitWords(text);
  const [word] = words;
  if (word === undefined || words.length > 1) throw new PatternError(`"${text}" is not one word`);
  if (isPrefix && word.length < MIN_PREFIX) throw new PatternError(`"${text}" is too short for a prefix`);
  return isPrefix ? { exact: [], prefixes: [word] } : { exact: [word], prefixes: [] };
}

function readList(name: string, lists: WordLists, seen: readonly string[]): { exact: string[]; prefixes: string[] } {
  const members = Object.hasOwn(lists, name) ? lists[name] : undefined;
  if (members === undefined) throw new PatternError(`there is no word list $${name}`);
  if (seen.includes(name)) throw new PatternError(`word list $${name} contains itself`);
  const parts = members.map((member) => readAlternative(member, lists, [...seen, name]));
  return { exact: parts.flatMap((p) => p.exact), prefixes: parts.flatMap((p) => p.prefixes) };
}

function readElements(token: string, lists: WordLists): Element[] {
  if (token === "*") return [{ kind: "gap" }];
  const alternatives = token.split("|");
  if (alternatives.length === 1 && !token.startsWith("$") && !token.endsWith("*")) {
    const words = splitWords(token);
    if (words.length === 0) throw new PatternError(`"${token}" has no letter or digit`);
    return words.map((word) => ({ kind: "word", exact: new Set([word]), prefixes: [] }));
  }
  const parts = alternatives.map((alternative) => readAlternative(alternative, lists, []));
  return [{ kind: "word", exact: new Set(parts.flatMap((p) => p.exact)), prefixes: parts.flatMap((p) => p.prefixes) }];
}

export function readRun(text: string, lists: WordLists): Run {
  const run = text
    .split(" ")
    .filter(Boolean)
    .flatMap((token) => readElements(token, lists));
  if (run.length === 0) throw new PatternError("a pattern without words");
  if (run[0]?.kind === "gap" || run.at(-1)?.kind === "gap") throw new PatternError(`"${text}" begins or ends with *`);
  if (run.some((element, i) => element.kind === "gap" && run[i + 1]?.kind === "gap")) {
    throw new PatternError(`"${text}" has two * in a row`);
  }
  if (run.filter((element) => element.kind === "gap").length > MAX_GAPS) {
    throw new PatternError(`"${text}" has more than ${MAX_GAPS} *`);
  }
  return run;
}

/** The runs of a list that stands alone and holds more than single words; null for every other part of a pattern. */
export function phrasesOf(part: string, lists: WordLists): readonly string[] | null {
  const members = /^\$[^\s|]+$/.test(part) && Object.hasOwn(lists, part.slice(1)) ? lists[part.slice(1)] : undefined;
  return members?.some((member) => !member.startsWith("$") && splitWords(member).length > 1) ? members : null;
}

/** The runs of a pattern; throws `PatternError`. */
export function readPattern(pattern: string, lists: WordLists): readonly Run[] {
  const parts = pattern.split("&").map((part) => part.trim());
  return parts.flatMap((part) => (phrasesOf(part, lists) ?? [part]).map((text) => readRun(text, lists)));
}
