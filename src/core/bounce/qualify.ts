/**
 * Judges one answer of a receiving server by ordered rules: who is meant, how bad it is, what to do next. Pure and linear.
 * The basic code wins over the class of the enhanced code when they disagree (Gmail sends `421 5.7.32`). An answer that no
 * rule knows is `not-defined` and tried again; a person may qualify it later.
 */
import { assertNever } from "../never.ts";
import type { Outcome, Trouble } from "../smtp/outcome.ts";
import { replyText } from "../smtp/outcome.ts";
import { findFittedRuns, fitWords, type Pattern, type PatternIndex, PatternIndexBuilder } from "./pattern.ts";
import { readStage } from "./read-reply.ts";
import {
  ANSWER_STAGES,
  type AnswerStage,
  codeClass,
  matchesCode,
  matchesEnhanced,
  type Rule,
  type RuleSet,
} from "./rule.ts";
import type { Answer, Verdict } from "./verdict.ts";
import { VerdictCache } from "./verdict-cache.ts";
import { splitWords } from "./words.ts";

type CompiledRule = {
  readonly number: number;
  readonly rule: Rule;
  readonly text: readonly Pattern[] | null;
  readonly notText: readonly Pattern[] | null;
};

/** Rules ready for use. Made once, shared by all sessions. */
export type CompiledRules = {
  readonly index: PatternIndex;
  /** For each run of words the numbers of the rules whose text needs it: most rules are out before they are looked at. */
  readonly rulesOfRun: readonly (readonly number[])[];
  readonly size: number;
  /** For each stage and class of code (0 when unknown) the rules that can apply, in order. */
  readonly candidates: ReadonlyMap<string, readonly CompiledRule[]>;
  /** Verdicts on answers that were the same to the rules. Servers repeat themselves. */
  readonly cache: VerdictCache;
};

const CLASSES = [0, 4, 5] as const;

/** Rules must have passed the linter; a pattern that cannot be read throws. */
export function compileRules(set: RuleSet): CompiledRules {
  const builder = new PatternIndexBuilder(set.words);
  const compiled = set.rules.map((rule, number) => ({
    number,
    rule,
    text: rule.text?.map((pattern) => builder.add(pattern)) ?? null,
    notText: rule.notText?.map((pattern) => builder.add(pattern)) ?? null,
  }));
  const candidates = new Map<string, CompiledRule[]>();
  for (const stage of ANSWER_STAGES) {
    for (const digit of CLASSES) {
      candidates.set(
        `${stage}${digit}`,
        compiled.filter(({ rule }) => canApply(rule, stage, digit)),
      );
    }
  }
  const index = builder.build();
  const rulesOfRun = index.runs.map((): number[] => []);
  for (const { number, text } of compiled) {
    for (const run of new Set(text?.flatMap((pattern) => pattern.runs))) rulesOfRun[run]?.push(number);
  }
  return { index, rulesOfRun, size: compiled.length, candidates, cache: new VerdictCache() };
}

function canApply(rule: Rule, stage: AnswerStage, digit: number): boolean {
  if (rule.stage && !rule.stage.includes(stage)) return false;
  if (rule.code && !rule.code.some((pattern) => codeClass(pattern) === digit)) return false;
  return !rule.enhanced || digit === 0 || rule.enhanced.some((p) => p.startsWith("x") || codeClass(p) === digit);
}

/** An answer that came by mail is judged by the stage that its text tells, where it tells one. */
export function qualify(compiled: CompiledRules, answer: Answer): Verdict {
  const words = splitWords(answer.text);
  const stage = answer.stage === "async" ? (readStage(answer.text, words) ?? "async") : answer.stage;
  const { fits, key } = fitWords(compiled.index, words);
  const place = `${stage} ${answer.code} ${answer.enhanced} ${answer.mx}${key}`;
  const known = compiled.cache.get(place);
  if (known) return known;
  const verdict = firstVerdict(compiled, { ...answer, stage }, findFittedRuns(compiled.index, fits));
  compiled.cache.set(place, verdict);
  return verdict;
}

function firstVerdict(
  compiled: CompiledRules,
  answer: Omit<Answer, "text">,
  { marks, numbers }: ReturnType<typeof findFittedRuns>,
): Verdict {
  const digit = answerClass(answer);
  const code = answer.code === null ? `${digit}xx` : String(answer.code);
  const enhanced = answer.enhanced === null ? null : `${digit}${answer.enhanced.slice(1)}`;
  const has = (pattern: Pattern) => pattern.runs.every((run) => marks[run] === 1);
  const touched = new Uint8Array(compiled.size);
  for (const run of numbers) for (const rule of compiled.rulesOfRun[run] ?? []) touched[rule] = 1;
  for (const { number, rule, text, notText } of compiled.candidates.get(`${answer.stage}${digit}`) ?? []) {
    if (text && touched[number] !== 1) continue;
    if (rule.code && !rule.code.some((pattern) => matchesCode(pattern, code))) continue;
    if (rule.enhanced && !rule.enhanced.some((p) => enhanced !== null && matchesEnhanced(p, enhanced))) continue;
    if (rule.mx && !rule.mx.some((suffix) => isUnder(answer.mx, suffix))) continue;
    if (text && !text.some(has)) continue;
    if (notText?.some(has)) continue;
    const { verdict, name } = rule;
    return { ...verdict, action: verdict.action ?? (digit === 5 ? "fail" : "retry"), rule: name };
  }
  return { type: "not-defined", reason: "not-defined", action: "retry", scope: "message", rule: "default-unknown" };
}

function answerClass(answer: Pick<Answer, "code" | "enhanced">): number {
  if (answer.code !== null) return Math.floor(answer.code / 100) === 5 ? 5 : 4;
  if (answer.enhanced?.startsWith("5")) return 5;
  return answer.enhanced?.startsWith("4") ? 4 : 0;
}

function isUnder(host: string | null, suffix: string): boolean {
  return host !== null && (host === suffix || host.endsWith(`.${suffix}`));
}

/** The verdict on an attempt that did not succeed; `mx` is the host that was talked to. */
export function qualifyOutcome(
  compiled: CompiledRules,
  outcome: Exclude<Outcome, { kind: "accepted" }>,
  mx: string | null,
): Verdict {
  switch (outcome.kind) {
    case "refused": {
      const { code, enhanced } = outcome.reply;
      const text = replyText(outcome.reply);
      return qualify(compiled, { stage: outcome.stage, code, enhanced, text, mx });
    }
    case "lost":
      return qualifyTrouble(outcome.trouble);
    default:
      return assertNever(outcome);
  }
}

function qualifyTrouble(trouble: Trouble): Verdict {
  const rule = `default-${trouble}`;
  switch (trouble) {
    case "dns":
      return { type: "soft", reason: "unreachable", action: "retry", scope: "domain", rule };
    case "no-such-domain":
      // Soft as with the incumbent (a domain may come back), but there is nobody to try again within one delivery.
      return { type: "soft", reason: "invalid-domain", action: "fail", scope: "domain", rule };
    case "unreachable":
    case "timeout":
    case "closed":
    case "garbage":
    case "tls":
      return { type: "soft", reason: "unreachable", action: "retry", scope: "domain", rule };
    case "smtputf8":
    case "too-large":
      return { type: "ignored", reason: "refused", action: "fail", scope: "message", rule };
    default:
      return assertNever(trouble);
  }
}
