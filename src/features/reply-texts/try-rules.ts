/** What a change of the operators' rules would have made of the replies of the last days. Nothing is saved. */
import type { BounceRuleInput, TriedRules, TryRules } from "../../contract/reply-texts.ts";
import { compareRules } from "../../core/bounce/compare-rules.ts";
import { compileRules } from "../../core/bounce/qualify.ts";
import { DAY } from "../../core/time.ts";
import { checkRule, type RuleRow, toRule } from "./check-rule.ts";
import { bounceRules, type RuleDeps } from "./operator-rules.ts";
import { loadPastReplies } from "./text-store.ts";

/** The most frequent texts, each by stage: more take too long to wait for. */
const TRIED_MOST = 50_000;

export async function tryRules(deps: RuleDeps, { days, change }: TryRules): Promise<TriedRules> {
  const { db, now, shipped } = deps;
  const known = await bounceRules.list(db);
  const wanted = changed(known, change, deps);
  const replies = await loadPastReplies(db, now() - days * DAY, TRIED_MOST + 1);
  const compiled = (rows: readonly Wanted[]) => {
    const rules = rows.filter(({ enabled }) => enabled).map(toRule);
    return compileRules({ words: shipped.words, rules: [...rules, ...shipped.rules] });
  };
  const { changes, ...sums } = compareRules(compiled(known), compiled(wanted), replies.slice(0, TRIED_MOST));
  return {
    days,
    ...sums,
    truncated: replies.length > TRIED_MOST,
    changes: changes.map((one) => ({ ...one, examples: [...one.examples] })),
  };
}

type Wanted = Pick<RuleRow, "name" | "enabled" | "rule">;

function changed(known: readonly RuleRow[], change: TryRules["change"], { shipped }: RuleDeps): readonly Wanted[] {
  if (change.kind === "order") return bounceRules.inOrder(known, change.ids, "/change/ids");
  if (change.kind === "add") {
    bounceRules.mustHaveRoom(known);
    return [...known, wantedOf(checkRule(change.rule, known, shipped))];
  }
  const row = bounceRules.findSeen(known, Number(change.id), null);
  const others = known.filter((other) => other !== row);
  if (change.kind === "remove") return others;
  const replaced = wantedOf(checkRule(change.rule, others, shipped));
  return known.map((other) => (other === row ? replaced : other));
}

function wantedOf({ name, enabled, ...rule }: BounceRuleInput): Wanted {
  return { name, enabled, rule };
}
