/** What can be said against a rule about people when it is saved: what it names must be there, and its days must make sense. */
import type { TypologyRuleInput } from "../../contract/typologies.ts";
import type { ExclusionRule } from "../../contract/index.ts";
import { lineProblems } from "../../core/population/capacity.ts";
import type { Queryable } from "../../platform/db.ts";
import type { FieldError } from "../../platform/errors.ts";
import { checkChoice } from "../segments/index.ts";

type PopulationRule = Extract<TypologyRuleInput, { kind: "filtering" | "pressure" | "capacity" }>;

const LINE_WORDS = {
  "ends-before-it-begins": "The period ends before it begins",
  overlaps: "The period overlaps an earlier one",
} as const;

export async function checkPopulationRule(
  db: Queryable,
  rule: PopulationRule,
  pointer: string,
): Promise<readonly FieldError[]> {
  switch (rule.kind) {
    case "filtering":
      return checkChoice(db, rule.exclude, `${pointer}/exclude`);
    case "pressure":
      return checkChoices(db, choicesOf(rule), pointer);
    case "capacity":
      return lineProblems(rule.lines).map(({ index, code }) => ({
        pointer: `${pointer}/lines/${index}/to`,
        code,
        message: LINE_WORDS[code],
      }));
  }
}

function choicesOf({ recipients, threshold }: Extract<PopulationRule, { kind: "pressure" }>) {
  const choices: [place: string, choice: ExclusionRule][] =
    recipients === undefined ? [] : [["recipients", recipients]];
  if (typeof threshold === "object" && "cases" in threshold) {
    for (const [index, { segment }] of threshold.cases.entries()) {
      choices.push([`threshold/cases/${index}`, { segment }]);
    }
  }
  return choices;
}

async function checkChoices(
  db: Queryable,
  choices: readonly (readonly [string, ExclusionRule])[],
  pointer: string,
): Promise<FieldError[]> {
  const errors: FieldError[] = [];
  for (const [place, choice] of choices) errors.push(...(await checkChoice(db, choice, `${pointer}/${place}`)));
  return errors;
}
