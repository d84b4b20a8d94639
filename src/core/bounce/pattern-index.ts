/**
 * All patterns of a rule set, found in one walk over the words of a reply. Each word has a number that stands for everything the
 * patterns say of it; a run is looked for from its rarest word only. So the cost of a reply is its number of words times a bound.
 */
import { type Element, MIN_PREFIX, phrasesOf, readRun, type Run, type Word, type WordLists } from "./pattern.ts";

const GAP_WORDS = 6;

/** In a run of numbers: up to six words between. All others are numbers of elements. */
const GAP = -1;

/** A pattern of which every run, or group of runs, must be among those found. */
export type Pattern = { readonly runs: readonly number[] };

/** A run that is looked for around one of its words; `marks` are its number and those of its groups. */
type Trial = {
  readonly run: readonly number[];
  readonly at: number;
  /** Where its next element is: that is looked at before all others. */
  readonly beside: 1 | -1;
  readonly marks: readonly number[];
};

/** What patterns say of a word. Words of which they say the same share it. */
type Fit = {
  /** Numbers of the elements that it fits. */
  readonly elements: readonly number[];
  /** Runs of one word that it is, with their groups. */
  readonly marks: readonly number[];
  readonly trials: readonly Trial[];
};

export type PatternIndex = {
  /** Runs and groups together. */
  readonly size: number;
  /** By number. The first fits nothing. */
  readonly fits: readonly Fit[];
  /** The fit of each word that stands in a pattern. */
  readonly words: ReadonlyMap<string, number>;
  /** Of each prefix, by its first letters, the longest first: a word that stands in no pattern has the fit of the longest prefix that it begins with. */
  readonly prefixes: ReadonlyMap<string, readonly { readonly prefix: string; readonly fit: number }[]>;
};

/** Of a word that no pattern knows. */
const NO_FIT = 0;
const NOTHING: Fit = { elements: [], marks: [], trials: [] };

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
    const marks = runs.map((_, number) => [number]);
    for (const { group, members } of this.#groups) for (const member of new Set(members)) marks[member]?.push(group);
    const trials: Trial[][] = elements.all.map(() => []);
    for (const [number, run] of this.#runs.entries()) {
      const at = chooseAnchor(run, uses);
      const numbers = runs[number] ?? [];
      trials[numbers[at] ?? GAP]?.push({
        run: numbers,
        at,
        beside: at + 1 < numbers.length ? 1 : -1,
        marks: marks[number] ?? [],
      });
    }
    return { size: runs.length, ...fitTables(elements.all, trials) };
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
}

function fitTables(elements: readonly Word[], trials: readonly (readonly Trial[])[]): Omit<PatternIndex, "size"> {
  const exact = new Map<string, number[]>();
  const beginning = new Map<string, number[]>();
  for (const [element, word] of elements.entries()) {
    for (const member of word.exact) push(exact, member, element);
    for (const prefix of word.prefixes) push(beginning, prefix, element);
  }
  const fits: Fit[] = [NOTHING];
  const numbers = new Map([["", NO_FIT]]);
  const numberOf = (fitting: readonly number[]): number => {
    const sorted = [...new Set(fitting)].toSorted((a, b) => a - b);
    const key = sorted.join(" ");
    const number = numbers.get(key) ?? fits.push(makeFit(sorted, trials)) - 1;
    numbers.set(key, number);
    return number;
  };
  const begun = (word: string): number[] =>
    Array.from(word, (_, i) => beginning.get(word.slice(0, i + 1)) ?? []).flat();
  const prefixes = new Map<string, { prefix: string; fit: number }[]>();
  for (const prefix of [...beginning.keys()].toSorted((a, b) => b.length - a.length)) {
    push(prefixes, prefix.slice(0, MIN_PREFIX), { prefix, fit: numberOf(begun(prefix)) });
  }
  const words = new Map([...exact].map(([word, fitting]) => [word, numberOf([...fitting, ...begun(word)])]));
  return { fits, words, prefixes };
}

function makeFit(elements: readonly number[], trials: readonly (readonly Trial[])[]): Fit {
  const all = elements.flatMap((element) => trials[element] ?? []);
  return {
    elements,
    marks: [...new Set(all.filter(({ run }) => run.length === 1).flatMap(({ marks }) => marks))],
    trials: all.filter(({ run }) => run.length > 1),
  };
}

function push<K, V>(map: Map<K, V[]>, key: K, value: V): void {
  const list = map.get(key);
  if (list) list.push(value);
  else map.set(key, [value]);
}

/** A text as patterns see it: the fit of each word. Texts with the same `key` are the same to them. */
type FittedWords = { readonly fits: readonly number[]; readonly key: string };

/** Surrogates would not stay what they are. */
const SURROGATES = { from: 0xd800, count: 0x800 };

export function fitWords({ words: known, prefixes }: PatternIndex, words: readonly string[]): FittedWords {
  const fits: number[] = [];
  let key = "";
  for (const word of words) {
    const fit = known.get(word) ?? fitOfBeginning(prefixes, word);
    fits.push(fit);
    key += String.fromCodePoint(fit < SURROGATES.from ? fit : fit + SURROGATES.count);
  }
  return { fits, key };
}

function fitOfBeginning(prefixes: PatternIndex["prefixes"], word: string): number {
  const near = word.length < MIN_PREFIX ? undefined : prefixes.get(word.slice(0, MIN_PREFIX));
  if (near === undefined) return NO_FIT;
  for (const { prefix, fit } of near) if (word.startsWith(prefix)) return fit;
  return NO_FIT;
}

function has({ elements }: Fit, wanted: number): boolean {
  for (let i = 0; i < elements.length; i++) if (elements[i] === wanted) return true;
  return false;
}

/** Whether the elements from `at` on, walking by `step`, fit the words from `position` on. */
function follows(run: readonly number[], at: number, step: 1 | -1, words: readonly Fit[], position: number): boolean {
  const element = run[at];
  if (element === undefined) return true;
  if (element === GAP) {
    for (let skip = 0; skip <= GAP_WORDS; skip++) {
      if (follows(run, at + step, step, words, position + skip * step)) return true;
    }
    return false;
  }
  const word = words[position];
  return word !== undefined && has(word, element) && follows(run, at + step, step, words, position + step);
}

/**
 * The numbers of the runs and groups that occur in fitted words. `marks` has one place for each and only zeros; those found are 1
 * afterwards.
 */
export function findFittedRuns({ fits: all }: PatternIndex, fits: readonly number[], marks: Uint8Array): number[] {
  const found: number[] = [];
  const words: Fit[] = [];
  for (const number of fits) words.push(all[number] ?? NOTHING);
  for (let position = 0; position < words.length; position++) {
    const { marks: own, trials } = words[position] ?? NOTHING;
    mark(own, marks, found);
    for (const { run, at, beside, marks: numbers } of trials) {
      const neighbour = words[position + beside];
      const wanted = run[at + beside];
      if (wanted !== GAP && (neighbour === undefined || wanted === undefined || !has(neighbour, wanted))) continue;
      if (marks[numbers[0] ?? 0] === 1) continue;
      if (follows(run, at + 1, 1, words, position + 1) && follows(run, at - 1, -1, words, position - 1)) {
        mark(numbers, marks, found);
      }
    }
  }
  return found;
}

function mark(numbers: readonly number[], marks: Uint8Array, found: number[]): void {
  for (const number of numbers) {
    if (marks[number] === 1) continue;
    marks[number] = 1;
    found.push(number);
  }
}

type FoundRuns = {
  /** 1 for each run or group, by number, that occurs. */
  readonly marks: Uint8Array;
  readonly numbers: readonly number[];
};

/** The runs that occur in the words. */
export function findRuns(index: PatternIndex, words: readonly string[]): FoundRuns {
  const marks = new Uint8Array(index.size);
  return { marks, numbers: findFittedRuns(index, fitWords(index, words).fits, marks) };
}
