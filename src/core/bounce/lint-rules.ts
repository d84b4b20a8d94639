/**
 * Checks a rule set as a whole: names, codes, patterns, and that every example reaches its own rule and no earlier one.
 * An empty answer means that `compileRules` will accept the set and that no rule is dead.
 */
import { PatternError, readPattern } from "./pattern.ts";
import { compileRules, qualify } from "./qualify.ts";
import { readReply } from "./read-reply.ts";
import { type AnswerStage, isCodePattern, isEnhancedPattern, type Rule, type RuleSet } from "./rule.ts";

export type RuleProblem = {
  readonly file: string;
  readonly rule: string | null;
  readonly detail: string;
  /** JSON pointer to what is wrong within the rule; left out: the rule as a whole. */
  readonly pointer?: string;
};

/** Before RCPT nothing was said about the address (RFC 5321 §3.3): no rule may blame it there. */
const ADDRESS_STAGES: ReadonlySet<AnswerStage> = new Set(["rcpt", "data", "dot", "async"]);

export function lintRules(set: RuleSet): RuleProblem[] {
  const problems = [...lintNames(set.rules), ...set.rules.flatMap((rule) => lintConditions(rule, set))];
  // Examples can only be tried once every rule can be compiled.
  return problems.length > 0 ? problems : [...lintShadows(set.rules), ...lintExamples(set)];
}

function problem(rule: Rule, detail: string, pointer = ""): RuleProblem {
  return { file: rule.file, rule: rule.name, detail, ...(pointer !== "" && { pointer }) };
}

function lintNames(rules: readonly Rule[]): RuleProblem[] {
  const seen = new Map<string, Rule>();
  const problems: RuleProblem[] = [];
  for (const rule of rules) {
    const earlier = seen.get(rule.name);
    if (earlier) problems.push(problem(rule, `the name is taken by a rule in ${earlier.file}`, "/name"));
    else seen.set(rule.name, rule);
    if (rule.name.startsWith("default-")) {
      problems.push(problem(rule, "names with default- belong to the program", "/name"));
    }
  }
  return problems;
}

function lintConditions(rule: Rule, set: RuleSet): RuleProblem[] {
  const problems: RuleProblem[] = [];
  for (const [i, code] of (rule.code ?? []).entries()) {
    if (!isCodePattern(code)) {
      problems.push(problem(rule, `code "${code}" is not like 550, 55x or 5xx`, `/code/${i}`));
    }
  }
  for (const [i, enhanced] of (rule.enhanced ?? []).entries()) {
    if (!isEnhancedPattern(enhanced)) {
      problems.push(problem(rule, `enhanced "${enhanced}" is not like 5.1.1 or x.7.*`, `/enhanced/${i}`));
    }
  }
  problems.push(...lintPatterns(rule, "text", set), ...lintPatterns(rule, "notText", set));
  for (const key of ["stage", "code", "enhanced", "text", "notText", "mx"] as const) {
    const entries: readonly string[] = rule[key] ?? [];
    for (const [i, entry] of entries.entries()) {
      if (entries.indexOf(entry) < i) problems.push(problem(rule, `"${entry}" is given twice`, `/${key}/${i}`));
    }
  }
  if (!rule.stage && !rule.code && !rule.enhanced && !rule.text && !rule.mx) {
    problems.push(problem(rule, "no condition: it would take every answer"));
  }
  const { type, scope } = rule.verdict;
  if (type === "hard" && scope !== "address")
    problems.push(problem(rule, "type hard with another scope than address", "/verdict/scope"));
  if (scope === "address" && !rule.stage?.every((stage) => ADDRESS_STAGES.has(stage))) {
    problems.push(problem(rule, "speaks of the address, so stage must be some of rcpt, data, dot, async", "/stage"));
  }
  if (rule.examples.length === 0) problems.push(problem(rule, "no example", "/examples"));
  return problems;
}

function lintPatterns(rule: Rule, key: "text" | "notText", { words }: RuleSet): RuleProblem[] {
  return (rule[key] ?? []).flatMap((pattern, i) => {
    try {
      readPattern(pattern, words);
      return [];
    } catch (error) {
      if (!(error instanceof PatternError)) throw error;
      return [problem(rule, `pattern "${pattern}": ${error.message}`, `/${key}/${i}`)];
    }
  });
}

/** A rule is dead when an earlier one asks for less of everything; that is visible without examples. */
function lintShadows(rules: readonly Rule[]): RuleProblem[] {
  return rules.flatMap((rule, i) => {
    const earlier = rules.slice(0, i).find((other) => covers(other, rule));
    return earlier ? [problem(rule, `can never be reached: ${earlier.name} takes all its answers`)] : [];
  });
}

function covers(earlier: Rule, later: Rule): boolean {
  if (earlier.notText) return false;
  return (["stage", "code", "enhanced", "text", "mx"] as const).every((key) => {
    const wide: readonly string[] | undefined = earlier[key];
    const narrow: readonly string[] | undefined = later[key];
    return wide === undefined || (narrow?.every((entry) => wide.includes(entry)) ?? false);
  });
}

function lintExamples(set: RuleSet): RuleProblem[] {
  const compiled = compileRules(set);
  return set.rules.flatMap((rule) =>
    rule.examples.flatMap(({ reply, stage, mx }, i) => {
      const { code, enhanced } = readReply(reply);
      const reached = qualify(compiled, { stage, code, enhanced, text: reply, mx: mx ?? null }).rule;
      return reached === rule.name ? [] : [problem(rule, `example "${reply}" reaches ${reached}`, `/examples/${i}`)];
    }),
  );
}
