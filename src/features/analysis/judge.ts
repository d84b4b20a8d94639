/** What the typology of a delivery makes of its analysis: levels of the checks, and the operator's own control rules. */
import type { ChecklistItem } from "../../contract/index.ts";
import { formatInstant, type Instant } from "../../core/time.ts";
import { applyBuiltIn, isActive } from "../../core/typology/apply-built-in.ts";
import { judgeRule } from "../../core/typology/control-rule.ts";
import type { Phase } from "../../core/typology/rule.ts";
import type { ReadContent } from "../content/index.ts";
import { type Counts, type ChosenTypology, factsOf, type JudgedDelivery } from "../typologies/index.ts";

export type Judge = {
  /** What the checks of the program say, as the typology has them. */
  readonly checks: (items: readonly ChecklistItem[]) => ChecklistItem[];
  /** What operators' own rules of a phase say. */
  readonly rules: (phase: Phase, counts: Counts | null) => ChecklistItem[];
  /** Whether a rule that comes with the program is looked at. */
  readonly asks: (rule: string) => boolean;
};

export function createJudge(
  typology: ChosenTypology,
  delivery: JudgedDelivery,
  content: ReadContent,
  now: () => Instant,
): Judge {
  const stamp = (items: readonly ChecklistItem[]) => items.map((item) => ({ ...item, at: formatInstant(now()) }));
  return {
    checks: (items) => stamp(applyBuiltIn(items, typology.builtIn)),
    asks: (rule) => isActive(rule, typology.builtIn),
    rules: (phase, counts) => {
      const rules = typology.control.filter((rule) => rule.phase === phase);
      if (rules.length === 0) return [];
      const facts = factsOf(delivery, content, counts, now());
      const found = rules.flatMap((rule) => judgeRule(rule, facts) ?? []);
      // Of content with errors not everything is known: the errors say enough.
      return stamp(content.kind === "errors" ? found.filter(({ id }) => id !== "control-rule-failed") : found);
    },
  };
}

/** A delivery whose typology was deleted meanwhile is analysed by the platform's, and says so. */
export function insteadItems({ isInstead, name }: ChosenTypology): ChecklistItem[] {
  if (!isInstead) return [];
  const detail = `The one that the delivery names is gone; "${name}" counts instead. Choose one.`;
  return [
    { id: "typology-missing", level: "warning", title: "The typology of the delivery is not there any more", detail },
  ];
}
