/** The rules by which answers are judged now: the operators' before the shipped ones. Made anew when an operator changes them. */
import { type CompiledRules, compileRules } from "../../core/bounce/qualify.ts";
import type { RuleSet } from "../../core/bounce/rule.ts";
import type { Queryable } from "../../platform/db.ts";
import { loadOperatorBounceRules } from "./operator-rules.ts";

type RuleBook = {
  current(): CompiledRules;
  /** Reads what operators changed; costs next to nothing when they changed nothing. Rejects when the database is away: the rules stay. */
  refresh(): Promise<void>;
};

export async function openRuleBook(db: Queryable, shipped: RuleSet): Promise<RuleBook> {
  let known = "[]";
  let compiled = compileRules(shipped);
  /** One at a time, so that an older answer never comes after a newer one. */
  let reading: Promise<void> = Promise.resolve();
  const read = async () => {
    const operator = await loadOperatorBounceRules(db);
    const text = JSON.stringify(operator);
    if (text === known) return;
    compiled = compileRules({ words: shipped.words, rules: [...operator, ...shipped.rules] });
    known = text;
  };
  const refresh = () => (reading = reading.catch(() => {}).then(read));
  await refresh();
  return { current: () => compiled, refresh };
}
