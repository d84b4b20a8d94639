/** Corpora of labelled replies and mails, where they lie beside the repository: every row right, or listed with the reason why not. */
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { loadRules } from "../src/features/bounces/index.ts";
import { DEFAULT_CORPORA, judgeCorpora, readDoubtfulLabels } from "./qualify-corpora.ts";

const keyOf = ({ corpus, id }: { corpus: string; id: string }) => `${corpus} ${id}`;

it("doubtful labels are listed once, each with a reason", () => {
  const keys = readDoubtfulLabels().map(keyOf);
  expect(new Set(keys).size).toBe(keys.length);
});

const isThere = existsSync(DEFAULT_CORPORA);

// They are no part of the repository.
describe.skipIf(!isThere)(`the corpora in ${DEFAULT_CORPORA}${isThere ? "" : ": skipped, they are not there"}`, () => {
  it("every row is judged as labelled, or its label is listed as doubtful", { timeout: 60_000 }, async () => {
    const rules = await loadRules(fileURLToPath(new URL("../rules/bounces", import.meta.url)));
    const { replies, mails, wrong, known } = await judgeCorpora(rules, DEFAULT_CORPORA);
    const doubtful = new Set(readDoubtfulLabels().map(keyOf));
    expect(wrong.map(keyOf).filter((key) => !doubtful.has(key))).toEqual([]);
    expect([...doubtful].filter((key) => !known.has(key))).toEqual([]);
    expect(replies?.falseHard).toBeLessThanOrEqual(0.01);
    expect(mails["bounce-sisimai"]?.falseHard).toBeLessThanOrEqual(0.01);
  });
});
