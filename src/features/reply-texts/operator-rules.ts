/** Operators' bounce rules: how they are made and changed, and what senders read of them. */
import type { BounceRuleInput } from "../../contract/reply-texts.ts";
import type { Given } from "../../contract/given.ts";
import type { Rule, RuleSet } from "../../core/bounce/rule.ts";
import type { Instant } from "../../core/time.ts";
import type { Db, Queryable } from "../../platform/db.ts";
import { OrderedRules } from "../../platform/ordered-rules.ts";
import { checkRule, type RuleRow, toRule } from "./check-rule.ts";

export type RuleDeps = { readonly db: Db; readonly now: () => Instant; readonly shipped: RuleSet };

export const bounceRules = new OrderedRules<BounceRuleInput>("bounce_rules", "bounce rule");

/** Those in use, in their order. They come before those of files. */
export async function loadOperatorBounceRules(db: Queryable): Promise<Rule[]> {
  return (await bounceRules.list(db)).filter(({ enabled }) => enabled).map(toRule);
}

/** The new rule, with the others: it comes last. */
export function createRule({ db, now, shipped }: RuleDeps, input: BounceRuleInput) {
  return bounceRules.create(db, (known) => checkRule(input, known, shipped), now());
}

/** Fields left out stay. */
export function changeRule(
  { db, now, shipped }: RuleDeps,
  id: number,
  change: Given<BounceRuleInput>,
  seen: number | "none" | null,
): Promise<RuleRow[]> {
  const given = Object.fromEntries(Object.entries(change).filter(([, value]) => value !== undefined));
  const make = ({ name, enabled, rule }: RuleRow, others: readonly RuleRow[]) =>
    checkRule({ name, enabled, ...rule, ...given }, others, shipped);
  return bounceRules.change(db, id, seen, make, now());
}
