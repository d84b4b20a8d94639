/** What is wrong with an operator's bounce rule: by itself, which is refused, and among the others, which is only told. */
import type { BounceRuleInput } from "../../contract/reply-texts.ts";
import { lintRules, type RuleProblem } from "../../core/bounce/lint-rules.ts";
import { compileRules, qualify } from "../../core/bounce/qualify.ts";
import { readReply } from "../../core/bounce/read-reply.ts";
import type { Rule, RuleSet } from "../../core/bounce/rule.ts";
import { appError, type FieldError } from "../../platform/errors.ts";
import type { RuleRow as Row } from "../../platform/ordered-rules.ts";

export type RuleRow = Row<BounceRuleInput>;
type NamedRule = Pick<RuleRow, "name" | "rule">;
export type RuleWarning = { pointer: string; message: string };

/** As core knows it: what is null is left out. */
export function toRule({ name, rule }: NamedRule): Rule {
  const { stage, code, enhanced, text, notText, mx, verdict, source, examples } = rule;
  const { action, ...rest } = verdict;
  return {
    file: "operator",
    name,
    ...(stage && { stage }),
    ...(code && { code }),
    ...(enhanced && { enhanced }),
    ...(text && { text }),
    ...(notText && { notText }),
    ...(mx && { mx }),
    verdict: { ...rest, ...(action && { action }) },
    source,
    examples: examples.map((example) => ({
      reply: example.reply,
      stage: example.stage,
      ...(example.mx !== null && { mx: example.mx }),
    })),
  };
}

/** Throws `invalid-input` with every problem, each with its place. `words`: the lists that patterns may name. */
export function checkRule(input: BounceRuleInput, others: readonly RuleRow[], shipped: RuleSet): BounceRuleInput {
  const { name, enabled: _, ...fields } = input;
  // MX hosts are compared as they are written in small letters; DNS writes the dot at the end, people and other programs do not.
  const rule = { ...fields, mx: fields.mx?.map((host) => host.toLowerCase().replace(/\.$/, "")) ?? null };
  const problems = lintRules({ words: shipped.words, rules: [toRule({ name, rule })] });
  const errors = [...nameErrors(name, others, shipped), ...problems.map(errorOf)];
  if (errors.length > 0) {
    const detail = errors.map(({ pointer, message }) => `${pointer || "rule"}: ${message}`).join("; ");
    throw appError("invalid-input", { detail }, errors);
  }
  return { ...input, ...rule };
}

function errorOf({ pointer = "", detail }: RuleProblem): FieldError {
  return { pointer, code: "invalid", message: detail };
}

function nameErrors(name: string, others: readonly RuleRow[], shipped: RuleSet): FieldError[] {
  const isTaken = others.some((other) => other.name === name);
  if (isTaken) return [{ pointer: "/name", code: "taken", message: `There is a bounce rule "${name}" already` }];
  const file = shipped.rules.find((rule) => rule.name === name)?.file;
  if (file === undefined) return [];
  return [{ pointer: "/name", code: "taken", message: `A shipped rule has the name "${name}" (${file})` }];
}

/** For each enabled rule, in order, those of its examples that an earlier rule takes. */
export function warningsOf(rows: readonly RuleRow[], shipped: RuleSet): Map<number, RuleWarning[]> {
  const enabled = rows.filter((row) => row.enabled);
  if (enabled.length === 0) return new Map();
  const compiled = compileRules({ words: shipped.words, rules: enabled.map(toRule) });
  return new Map(
    enabled.map((row) => [
      row.id,
      row.rule.examples.flatMap(({ reply, stage, mx }, i) => {
        const { code, enhanced } = readReply(reply);
        const reached = qualify(compiled, { stage, code, enhanced, text: reply, mx: mx?.toLowerCase() ?? null }).rule;
        if (reached === row.name) return [];
        const message = `The rule "${reached}" before it takes this example. Put the rule further up.`;
        return [{ pointer: `/examples/${i}`, message }];
      }),
    ]),
  );
}
