/** A rule in plain words, as whoever reads it would say it. */
import type { TFunction } from "i18next";

import { type Choice, countConditions, idOf, kindOf, opened, type Tree, treeOf } from "./choice-model.ts";
import {
  type CapacityDraft,
  type ControlDraft,
  hasForm,
  isFor,
  type Line,
  natureOf,
  type OwnDraft,
  type PressureDraft,
} from "./rule-draft.ts";
import { missingIn } from "./rule-errors.ts";

export type Wording = {
  t: TFunction;
  int: (value: number) => string;
  /** Of a segment, list, file, service or delivery; its id where nobody knows it. */
  nameOf: (kind: Exclude<ReturnType<typeof kindOf>, "tree">, id: string) => string;
};

/** Null: something in it is missing still, or only JSON shows it. */
export function ruleWords(rule: OwnDraft, wording: Wording): string | null {
  if (!hasForm(rule) || missingIn(rule).some(({ path }) => path !== "name")) return null;
  const { t } = wording;
  const nature = rule.kind === "control" ? "all" : natureOf(rule);
  const only = nature === "all" ? [] : [t(`typologyRule.say.only.${nature}`)];
  switch (rule.kind) {
    case "control":
      return controlWords(rule, wording);
    case "filtering":
      return [filteringWords(rule.exclude, wording), ...only].join(" ");
    case "pressure":
      return pressureWords(rule, wording).join(" ");
    case "capacity":
      return [...capacityWords(rule, wording), ...only].join(" ");
  }
}

const controlWords = ({ level, phase, expression }: ControlDraft, { t }: Wording) =>
  t("typologyRule.say.control", {
    level: t(`typologies.levels.${level}`),
    phase: t(`typologies.phase.${phase}`),
    expression,
  });

function filteringWords(exclude: Choice, wording: Wording): string {
  const { others, inner } = opened(exclude);
  return wording.t(`typologyRule.say.${others ? "keep" : "exclude"}`, { who: whoIs(inner, wording) });
}

/** "people in the segment …" */
function whoIs(choice: Choice, { t, nameOf }: Wording): string {
  const kind = kindOf(choice);
  if (kind === "tree") return whoMeets(treeOf(choice), t);
  const name = nameOf(kind, idOf(choice) ?? "");
  const words = "outcome" in choice ? choice.outcome.map((each) => t(`segments.behaviours.${each}`)).join(", ") : "";
  return t(`typologyRule.say.who.${kind}`, { name, words });
}

function whoMeets(tree: Tree, t: TFunction): string {
  const count = countConditions(tree);
  if (count > 0) return t("typologyRule.say.who.tree", { count });
  return t("and" in tree ? "typologyRule.say.who.everybody" : "typologyRule.say.who.nobody");
}

function pressureWords(rule: PressureDraft, wording: Wording): string[] {
  const { t } = wording;
  const nature = natureOf(rule);
  const isCounted = rule.threshold !== 0;
  const whom = [];
  if (rule.recipients !== undefined) {
    const { others, inner } = opened(rule.recipients);
    const who = whoIs(inner, wording);
    whom.push(t(`typologyRule.say.${isFor(rule.recipients, others) === "others" ? "notFor" : "onlyFor"}`, { who }));
  }
  return [
    mostWords(rule, wording),
    ...(isCounted ? [t(`typologyRule.say.counted.${nature}`)] : []),
    ...(isCounted && (rule.planned ?? true) ? [t("typologyRule.say.planned")] : []),
    ...(nature === "all" ? [] : [t(`typologyRule.say.only.${nature}`)]),
    ...whom,
  ];
}

function mostWords({ threshold, days, grouping }: PressureDraft, wording: Wording): string {
  const { t, int } = wording;
  const length = t("typologyRule.say.days", { count: Number(days), n: int(Number(days)) });
  const unit = grouping ?? "none";
  const span = unit === "none" ? length : t(`typologyRule.say.stretched.${unit}`, { days: length });
  if (typeof threshold !== "object") {
    const count = Number(threshold);
    return count === 0 ? t("typologyRule.say.nothing") : t("typologyRule.say.most", { count, n: int(count), span });
  }
  const otherwise = int(Number(threshold.otherwise));
  if ("attribute" in threshold) {
    return t("typologyRule.say.byAttribute", { span, attribute: threshold.attribute, otherwise });
  }
  const cases = threshold.cases.map((each) =>
    t("typologyRule.say.case", {
      n: int(Number(each.threshold)),
      who: whoIs({ segment: each.segment }, wording),
    }),
  );
  return t("typologyRule.say.byCases", { span, cases: cases.join(", "), otherwise });
}

function capacityWords({ lines, excludeExcess, by }: CapacityDraft, { t, int }: Wording): string[] {
  const direction = by?.direction ?? "descending";
  return [
    linesWords(lines, t, int),
    excludeExcess
      ? by === undefined
        ? t("typologyRule.say.beyondByChance")
        : t(`typologyRule.say.beyond.${direction}`, { attribute: by.attribute })
      : t("typologyRule.say.beyondTold"),
  ];
}

function linesWords(lines: readonly Line[], t: TFunction, int: Wording["int"]): string {
  const from = lines.map((line) => line.from).toSorted()[0] ?? "";
  const to =
    lines
      .map((line) => line.to)
      .toSorted()
      .at(-1) ?? "";
  const n = int(lines.reduce((sum, { messages }) => sum + Number(messages), 0));
  const count = lines.length;
  return count === 1
    ? t("typologyRule.say.line", { n, from, to })
    : t("typologyRule.say.lines", { count, n, from, to });
}
