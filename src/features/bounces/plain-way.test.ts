/** The index of patterns and rules changes nothing but the speed: the plain way, rule by rule and word by word, says the same. */
import fc from "fast-check";
import { expect, it } from "vitest";
import { type Element, phrasesOf, readRun, type Run } from "../../core/bounce/pattern.ts";
import { compileRules, qualify } from "../../core/bounce/qualify.ts";
import { readReply, readStage } from "../../core/bounce/read-reply.ts";
import { ANSWER_STAGES, matchesCode, matchesEnhanced, type Rule, type RuleSet } from "../../core/bounce/rule.ts";
import type { Answer } from "../../core/bounce/verdict.ts";
import { splitWords } from "../../core/bounce/words.ts";
import { loadRuleSet } from "./load-rules.ts";
import { WILD_ROWS } from "./wild-rows.ts";

function fits(element: Element, word: string): boolean {
  return element.kind === "word" && (element.exact.has(word) || element.prefixes.some((p) => word.startsWith(p)));
}

function standsAt(run: Run, words: readonly string[], position: number): boolean {
  const [element, ...rest] = run;
  if (element === undefined) return true;
  if (element.kind === "gap") return [0, 1, 2, 3, 4, 5, 6].some((skip) => standsAt(rest, words, position + skip));
  const word = words[position];
  return word !== undefined && fits(element, word) && standsAt(rest, words, position + 1);
}

/** Runs are read once: there are thousands. */
class PlainWay {
  readonly #set: RuleSet;
  readonly #runs = new Map<string, readonly Run[]>();

  constructor(set: RuleSet) {
    this.#set = set;
  }

  /** The name of the first rule that applies. */
  qualify(answer: Answer): string {
    const words = splitWords(answer.text);
    const stage = answer.stage === "async" ? (readStage(answer.text, words) ?? "async") : answer.stage;
    const seen = new Map<string, boolean>();
    const has = (pattern: string) => pattern.split("&").every((part) => this.#has(part.trim(), words, seen));
    const first = this.#set.rules.find((rule) => this.#applies(rule, { ...answer, stage }, has));
    return first?.name ?? "default-unknown";
  }

  #has(part: string, words: readonly string[], seen: Map<string, boolean>): boolean {
    const known = seen.get(part);
    if (known !== undefined) return known;
    const runs =
      this.#runs.get(part) ??
      (phrasesOf(part, this.#set.words) ?? [part]).map((text) => readRun(text, this.#set.words));
    this.#runs.set(part, runs);
    const found = runs.some((run) => words.some((_, position) => standsAt(run, words, position)));
    seen.set(part, found);
    return found;
  }

  #applies(rule: Rule, answer: Answer, has: (pattern: string) => boolean): boolean {
    const digit = String(answer.code ?? answer.enhanced ?? 0).charAt(0);
    const code = answer.code === null ? `${digit}xx` : String(answer.code);
    const enhanced = answer.enhanced === null ? null : `${digit}${answer.enhanced.slice(1)}`;
    const host = `.${answer.mx ?? ""}`;
    return (
      (rule.stage?.includes(answer.stage) ?? true) &&
      (rule.code?.some((pattern) => matchesCode(pattern, code)) ?? true) &&
      (rule.enhanced?.some((p) => enhanced !== null && matchesEnhanced(p, enhanced)) ?? true) &&
      (rule.mx?.some((suffix) => host.endsWith(`.${suffix}`)) ?? true) &&
      (rule.text?.some(has) ?? true) &&
      !(rule.notText?.some(has) ?? false)
    );
  }
}

it("the first rule that applies is the same in both ways", async () => {
  const set = await loadRuleSet(new URL("../../../rules/bounces", import.meta.url).pathname);
  const rules = compileRules(set);
  const plain = new PlainWay(set);
  const half = fc.constantFrom(...WILD_ROWS).map(({ text }) => text);
  const answers = fc.record({
    stage: fc.constantFrom(...ANSWER_STAGES),
    // Halves of two replies make what nobody wrote a rule for.
    text: fc.oneof(
      half,
      fc.tuple(half, half).map(([a, b]) => `${a.slice(0, 60)} ${b.slice(-60)}`),
    ),
    mx: fc.constantFrom(null, "mx.google.com", "mx-eu.mail.am0.yahoodns.net", "mx.example.net"),
  });
  fc.assert(
    fc.property(answers, ({ stage, text, mx }) => {
      const { code, enhanced } = readReply(text);
      const answer = { stage, code: code === null || code < 400 ? null : code, enhanced, text, mx };
      expect(qualify(rules, answer).rule).toBe(plain.qualify(answer));
    }),
    { numRuns: 150 },
  );
});
