/**
 * The pattern language of bounce rules, and its matcher. A pattern is a run of words: `user unknown`. A word may end in `*`
 * (`blacklist*`), offer alternatives (`user|recipient`) or name a list (`$mailbox`); a lone `*` skips up to six words; `&`
 * joins runs that must all occur, in any order. A list may hold runs of several words too; then it stands alone between `&`, and
 * any of them will do. Not regular expressions, on purpose: every pattern is found from its rarest word by a table, so the cost of a
 * reply is its number of words times a bound, whatever anybody writes.
 */
import { splitWords } from "./words.ts";

const GAP_WORDS = 6;
const MAX_GAPS = 3;
const MIN_PREFIX = 3;

type Word = { readonly kind: "word"; readonly exact: ReadonlySet<string>; readonly prefixes: readonly string[] };
type Element = Word | { readonly kind: "gap" };
type Run = readonly Element[];
/** Where in which run a word is looked for. */
type Anchor = { readonly run: number; readonly at: number };

/** In a run of numbers: up to six words between. All others are numbers of elements. */
const GAP = -1;

type WordLists = Readonly<Record<string, readonly string[]>>;

/** A pattern of which every run, or group of runs, must be among those found. */
export type Pattern = { readonly runs: readonly number[] };

export type PatternIndex = {
  /** Numbers of elements, or `GAP`. */
  readonly runs: readonly (readonly number[])[];
  /** For each run the groups that it is one of. A group has a number like a run, and no elements. */
  readonly groupsOf: readonly (readonly number[])[];
  /** For each element the runs that are looked for from it. */
  readonly anchors: readonly (readonly Anchor[])[];
  /** For each word that stands in a pattern the elements it fits. */
  readonly exact: ReadonlyMap<string, readonly number[]>;
  /** Elements with prefixes, by the first letters of the prefix. */
  readonly prefixes: ReadonlyMap<string, readonly { readonly prefix: string; readonly element: number }[]>;
};

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

function readRun(text: string, lists: WordLists): Run {
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
function phrasesOf(part: string, lists: WordLists): readonly string[] | null {
  const members = /^\$[^\s|]+$/.test(part) && Object.hasOwn(lists, part.slice(1)) ? lists[part.slice(1)] : undefined;
  return members?.some((member) => !member.startsWith("$") && splitWords(member).length > 1) ? members : null;
}

/** The runs of a pattern; throws `PatternError`. */
export function readPattern(pattern: string, lists: WordLists): readonly Run[] {
  const parts = pattern.split("&").map((part) => part.trim());
  return parts.flatMap((part) => (phrasesOf(part, lists) ?? [part]).map((text) => readRun(text, lists)));
}

/** The element from which the run is looked for: the one whose words the fewest other runs have too. */
function chooseAnchor(run: Run, uses: ReadonlyMap<string, number>): number {
  let best = 0;
  let bestCost = Number.POSITIVE_INFINITY;
  for (const [i, element] of run.entries()) {
    if (element.kind === "gap") continue;
    const cost = wordsOf(element).reduce((sum, word) => sum + (uses.get(word) ?? 0), 0);
    if (cost < bestCost) [best, bestCost] = [i, cost];
  }
  return best;
}

function wordsOf(element: Element): readonly string[] {
  return element.kind === "word" ? [...element.exact, ...element.prefixes] : [];
}

export class PatternIndexBuilder {
  readonly #lists: WordLists;
  readonly #runs: Run[] = [];
  readonly #known = new Map<string, number>();
  readonly #groups: { readonly group: number; readonly members: readonly number[] }[] = [];

  constructor(lists: WordLists) {
    this.#lists = lists;
  }

  /** Throws `PatternError`. */
  add(pattern: string): Pattern {
    return { runs: pattern.split("&").map((part) => this.#addPart(part.trim())) };
  }

  build(): PatternIndex {
    const uses = new Map<string, number>();
    for (const word of this.#runs.flatMap((run) => run.flatMap(wordsOf))) uses.set(word, (uses.get(word) ?? 0) + 1);
    const elements = new ElementNumbers();
    const runs = this.#runs.map((run) => run.map((element) => elements.numberOf(element)));
    const anchors: Anchor[][] = elements.all.map(() => []);
    for (const [number, run] of this.#runs.entries()) {
      const at = chooseAnchor(run, uses);
      anchors[runs[number]?.[at] ?? GAP]?.push({ run: number, at });
    }
    const groupsOf = runs.map((): number[] => []);
    for (const { group, members } of this.#groups) for (const member of new Set(members)) groupsOf[member]?.push(group);
    return { runs, groupsOf, anchors, ...elements.tables() };
  }

  #addPart(text: string): number {
    const phrases = phrasesOf(text, this.#lists);
    const known = phrases === null ? undefined : this.#known.get(text);
    if (phrases === null || known !== undefined) return known ?? this.#addRun(text);
    const members = phrases.map((phrase) => this.#addRun(phrase));
    const group = this.#runs.push([]) - 1;
    this.#groups.push({ group, members });
    this.#known.set(text, group);
    return group;
  }

  #addRun(text: string): number {
    const known = this.#known.get(text);
    if (known !== undefined) return known;
    const number = this.#runs.push(readRun(text, this.#lists)) - 1;
    this.#known.set(text, number);
    return number;
  }
}

/** Elements with the same words are one: most patterns name the same few lists. */
class ElementNumbers {
  readonly all: Word[] = [];
  readonly #numbers = new Map<string, number>();

  numberOf(element: Element): number {
    if (element.kind === "gap") return GAP;
    const key = `${[...element.exact].join(" ")}|${element.prefixes.join(" ")}`;
    const known = this.#numbers.get(key);
    if (known !== undefined) return known;
    const number = this.all.push(element) - 1;
    this.#numbers.set(key, number);
    return number;
  }

  tables(): Pick<PatternIndex, "exact" | "prefixes"> {
    const exact = new Map<string, number[]>();
    const prefixes = new Map<string, { prefix: string; element: number }[]>();
    for (const [element, word] of this.all.entries()) {
      for (const member of word.exact) push(exact, member, element);
      for (const prefix of word.prefixes) push(prefixes, prefix.slice(0, MIN_PREFIX), { prefix, element });
    }
    for (const [word, fitting] of exact)
      exact.set(word, [...new Set([...fitting, ...fittingPrefixes(prefixes, word)])]);
    return { exact, prefixes };
  }
}

function push<K, V>(map: Map<K, V[]>, key: K, value: V): void {
  const list = map.get(key);
  if (list) list.push(value);
  else map.set(key, [value]);
}

/** The elements that a word fits. */
type Fit = readonly number[];

/** Of a word that no pattern knows. */
const NO_FIT: Fit = [];

function fittingPrefixes(prefixes: PatternIndex["prefixes"], word: string): Fit {
  const near = word.length < MIN_PREFIX ? undefined : prefixes.get(word.slice(0, MIN_PREFIX));
  if (near === undefined) return NO_FIT;
  const found = near.filter(({ prefix }) => word.startsWith(prefix)).map(({ element }) => element);
  return found.length === 0 ? NO_FIT : [...new Set(found)];
}

/** A text as patterns see it. Texts with the same `key` are the same to them. */
type FittedWords = { readonly fits: readonly Fit[]; readonly key: string };

export function fitWords({ exact, prefixes }: PatternIndex, words: readonly string[]): FittedWords {
  const fits: Fit[] = [];
  let key = "";
  for (const word of words) {
    const fit = exact.get(word) ?? fittingPrefixes(prefixes, word);
    fits.push(fit);
    key += fit === NO_FIT ? " ." : ` ${word}`;
  }
  return { fits, key };
}

/** Whether the elements from `at` on, walking by `step`, fit the words from `position` on. */
function follows(run: readonly number[], at: number, step: 1 | -1, fits: readonly Fit[], position: number): boolean {
  const element = run[at];
  if (element === undefined) return true;
  if (element === GAP) {
    for (let skip = 0; skip <= GAP_WORDS; skip++) {
      if (follows(run, at + step, step, fits, position + skip * step)) return true;
    }
    return false;
  }
  return (fits[position]?.includes(element) ?? false) && follows(run, at + step, step, fits, position + step);
}

type FoundRuns = {
  /** 1 for each run or group, by number, that occurs. */
  readonly marks: Uint8Array;
  readonly numbers: readonly number[];
};

/** The runs that occur in fitted words, and their groups. */
export function findFittedRuns({ runs, groupsOf, anchors }: PatternIndex, fits: readonly Fit[]): FoundRuns {
  const marks = new Uint8Array(runs.length);
  const numbers: number[] = [];
  for (let position = 0; position < fits.length; position++) {
    for (const element of fits[position] ?? NO_FIT) {
      for (const { run: number, at } of anchors[element] ?? []) {
        const run = runs[number];
        if (marks[number] === 1 || run === undefined) continue;
        if (follows(run, at + 1, 1, fits, position + 1) && follows(run, at - 1, -1, fits, position - 1)) {
          marks[number] = 1;
          numbers.push(number);
          for (const group of groupsOf[number] ?? NO_FIT) {
            if (marks[group] === 1) continue;
            marks[group] = 1;
            numbers.push(group);
          }
        }
      }
    }
  }
  return { marks, numbers };
}

/** The runs that occur in the words. */
export function findRuns(index: PatternIndex, words: readonly string[]): FoundRuns {
  return findFittedRuns(index, fitWords(index, words).fits);
}
