/** Which of the known phrases a piece of text has, in the time of reading its words once. */
import { findRuns, PatternIndexBuilder } from "../../bounce/pattern-index.ts";
import { splitWords } from "../../bounce/words.ts";
import { PHRASES, type Phrase } from "./phrase-tables.ts";

const { index, phraseOfRun } = compile();

function compile() {
  const builder = new PatternIndexBuilder({});
  const phraseOfRun = new Map<number, Set<Phrase>>();
  for (const phrase of Object.keys(PHRASES) as Phrase[]) {
    for (const pattern of PHRASES[phrase]) {
      for (const run of builder.add(pattern).runs) {
        const known = phraseOfRun.get(run);
        if (known === undefined) phraseOfRun.set(run, new Set([phrase]));
        else known.add(phrase);
      }
    }
  }
  return { index: builder.build(), phraseOfRun };
}

/** Of a text of up to 4,000 characters; what is longer is cut. */
export function phrasesOf(text: string): ReadonlySet<Phrase> {
  const found = new Set<Phrase>();
  for (const run of findRuns(index, splitWords(text)).numbers) {
    for (const phrase of phraseOfRun.get(run) ?? []) found.add(phrase);
  }
  return found;
}
