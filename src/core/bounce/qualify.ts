/**
 * Judges one answer of a receiving server by ordered rules: who is meant, how bad it is, what to do next. Pure and linear.
 * The basic code wins over the class of the enhanced code when they disagree (Gmail sends `421 5.7.32`). An answer that no
 * rule knows is `not-defined` and tried again; a person may qualify it later.
 */
import { assertNever } from "../never.ts";
import type { Outcome, Trouble } from "../smtp/outcome.ts";
import { replyText } from "../smtp/outcome.ts";
import { findFittedRuns, fitWords, type Pattern, type PatternIndex, PatternIndexBuilder } from "./pattern-index.ts";
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
  readonly hasText: boolean;
  readonly notText: readonly Pattern[];
  /** Places (`placeOf`) where it can apply. */
  readonly places: ReadonlySet<number>;
};

/** A rule whose text holds when `others` are found too. */
type Claim = { readonly rule: CompiledRule; readonly others: readonly number[] };

/** Rules ready for use. Made once, shared by all sessions. */
export type CompiledRules = {
  readonly index: PatternIndex;
  /** For each run of words the patterns that are looked at when it is found: most rules are out before they are looked at. */
  readonly claims: readonly (readonly Claim[])[];
  /** For each place the rules without a text, in order. */
  readonly textless: readonly (readonly CompiledRule[])[];
  /** Lent to the search for runs, all zeros before and after. */
  readonly marks: Uint8Array;
  /** Verdicts on answers that were the same to the rules. Servers repeat themselves. */
  readonly cache: VerdictCache;
};

/** First digits of codes, 0 when unknown. */
const CLASSES = [0, 4, 5];

/** A number for each stage and class. */
function placeOf(stage: AnswerStage, digit: number): number {
  return ANSWER_STAGES.indexOf(stage) * CLASSES.length + CLASSES.indexOf(digit);
}

/** Rules must have passed the linter; a pattern that cannot be read throws. */
export function compileRules(set: RuleSet): CompiledRules {
  const builder = new PatternIndexBuilder(set.words);
  const compiled = set.rules.map((rule, number) => ({
    number,
    rule,
    hasText: rule.text !== undefined,
    text: rule.text?.map((pattern) => builder.add(pattern)) ?? [],
    notText: rule.notText?.map((pattern) => builder.add(pattern)) ?? [],
    places: new Set(placesOf(rule)),
  }));
  const index = builder.build();
  const users = new Map<number, number>();
  for (const run of compiled.flatMap(({ text }) => text.flatMap(({ runs }) => runs)))
    users.set(run, (users.get(run) ?? 0) + 1);
  const claims = Array.from({ length: index.size }, (): Claim[] => []);
  for (const rule of compiled) {
    for (const { runs } of rule.text) {
      const [rarest = 0, ...others] = runs.toSorted((a, b) => (users.get(a) ?? 0) - (users.get(b) ?? 0));
      claims[rarest]?.push({ rule, others });
    }
  }
  const textless = ANSWER_STAGES.flatMap((stage) => CLASSES.map((digit) => placeOf(stage, digit))).map((place) =>
    compiled.filter(({ hasText, places }) => !hasText && places.has(place)),
  );
  return { index, claims, textless, marks: new Uint8Array(index.size), cache: new VerdictCache() };
}

function placesOf(rule: Rule): number[] {
  return ANSWER_STAGES.flatMap((stage) =>
    CLASSES.filter((digit) => canApply(rule, stage, digit)).map((digit) => placeOf(stage, digit)),
  );
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
  const { marks } = compiled;
  const found = findFittedRuns(compiled.index, fits, marks);
  const verdict = firstVerdict(compiled, { ...answer, stage }, found);
  for (const run of found) marks[run] = 0;
  compiled.cache.set(place, verdict);
  return verdict;
}

function firstVerdict(
  { claims, textless, marks }: CompiledRules,
  answer: Omit<Answer, "text">,
  found: readonly number[],
): Verdict {
  const digit = answerClass(answer);
  const place = placeOf(answer.stage, digit);
  const conditions = {
    code: answer.code === null ? `${digit}xx` : String(answer.code),
    enhanced: answer.enhanced === null ? null : `${digit}${answer.enhanced.slice(1)}`,
    mx: answer.mx,
    marks,
  };
  let first: CompiledRule | null = null;
  for (const run of found) {
    for (const { rule, others } of claims[run] ?? []) {
      if (first !== null && first.number <= rule.number) continue;
      if (rule.places.has(place) && hasAll(others, marks) && applies(rule, conditions)) first = rule;
    }
  }
  for (const rule of textless[place] ?? []) {
    if (first !== null && first.number < rule.number) break;
    if (applies(rule, conditions)) first = rule;
  }
  if (first === null)
    return { type: "not-defined", reason: "not-defined", action: "retry", scope: "message", rule: "default-unknown" };
  const { verdict, name } = first.rule;
  return { ...verdict, action: verdict.action ?? (digit === 5 ? "fail" : "retry"), rule: name };
}

type Conditions = {
  readonly code: string;
  readonly enhanced: string | null;
  readonly mx: string | null;
  readonly marks: Uint8Array;
};

function hasAll(runs: readonly number[], marks: Uint8Array): boolean {
  for (const run of runs) if (marks[run] !== 1) return false;
  return true;
}

/** Whether a rule applies whose text, where it has one, was found. */
function applies({ rule, notText }: CompiledRule, { code, enhanced, mx, marks }: Conditions): boolean {
  if (rule.code && !rule.code.some((pattern) => matchesCode(pattern, code))) return false;
  if (rule.enhanced && !rule.enhanced.some((p) => enhanced !== null && matchesEnhanced(p, enhanced))) return false;
  if (rule.mx && !rule.mx.some((suffix) => isUnder(mx, suffix))) return false;
  for (const { runs } of notText) if (hasAll(runs, marks)) return false;
  return true;
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
