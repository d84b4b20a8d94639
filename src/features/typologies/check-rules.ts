/** What can be said against the rules of a typology when it is saved. */
import type { ControlRuleInput, TypologyRuleInput } from "../../contract/typologies.ts";
import { BUILT_IN } from "../../core/typology/built-in.ts";
import { readExpression } from "../../core/typology/language/expression.ts";
import { nearNames } from "../../core/template/near-names.ts";
import type { Queryable } from "../../platform/db.ts";
import type { FieldError } from "../../platform/errors.ts";
import { checkPopulationRule } from "./check-population-rule.ts";
import { groundOf } from "./ground.ts";
import type { RuleRow } from "./store.ts";

/** `there`: the rules that the typology has now. */
export async function checkRules(
  db: Queryable,
  rules: readonly TypologyRuleInput[],
  there: readonly RuleRow[],
): Promise<FieldError[]> {
  const errors: FieldError[] = [];
  const seen = new Set<string>();
  for (const [index, rule] of rules.entries()) {
    const pointer = `/rules/${index}`;
    const key = `${rule.kind} ${rule.name.toLowerCase()}`;
    if (seen.has(key)) {
      errors.push({ pointer: `${pointer}/name`, code: "taken", message: `There are two rules "${rule.name}"` });
    }
    seen.add(key);
    errors.push(...checkIdentity(rule, there, pointer), ...(await checkRule(db, rule, pointer)));
  }
  return errors;
}

function checkIdentity(rule: TypologyRuleInput, there: readonly RuleRow[], pointer: string): FieldError[] {
  if (rule.kind === "built-in" || rule.id === undefined) return [];
  if (there.some(({ id, kind }) => String(id) === rule.id && kind === rule.kind)) return [];
  const message = `The typology has no rule ${rule.id} of the kind ${rule.kind}; leave the id out for a new one`;
  return [{ pointer: `${pointer}/id`, code: "not-found", message }];
}

/** Whether its definition can be used: one case for each kind. */
async function checkRule(db: Queryable, rule: TypologyRuleInput, pointer: string): Promise<readonly FieldError[]> {
  switch (rule.kind) {
    case "built-in":
      return checkBuiltIn(rule, pointer);
    case "control":
      return checkExpression(rule, `${pointer}/expression`);
    case "filtering":
    case "pressure":
    case "capacity":
      return checkPopulationRule(db, rule, pointer);
  }
}

function checkBuiltIn(rule: TypologyRuleInput & { kind: "built-in" }, pointer: string): FieldError[] {
  const shipped = BUILT_IN.find(({ id }) => id === rule.name);
  if (shipped === undefined) {
    const near = nearNames(
      rule.name,
      BUILT_IN.map(({ id }) => id),
    );
    const perhaps = near.length === 0 ? "" : `; perhaps ${near.join(", ")}`;
    return [
      { pointer: `${pointer}/name`, code: "not-found", message: `No rule "${rule.name}" comes with Envoi${perhaps}` },
    ];
  }
  if (!shipped.fixed || (rule.active && rule.level === shipped.level)) return [];
  const field = rule.active ? "level" : "active";
  const message = `Without the rule "${rule.name}" no message could be sent: it is always active, at its own level`;
  return [{ pointer: `${pointer}/${field}`, code: "fixed", message }];
}

export function checkExpression(
  { phase, expression }: Pick<ControlRuleInput, "phase" | "expression">,
  pointer: string,
): FieldError[] {
  const read = readExpression(expression, groundOf(phase));
  if (read.kind === "expression") return [];
  return read.problems.map(({ line, column, code, message }) => ({
    pointer,
    code,
    message: `line ${line}, column ${column}: ${message}`,
  }));
}
