/** From rules as the API has them to rows, and back. */
import type { OwnTypologyRule, TypologyRule, TypologyRuleInput } from "../../contract/typologies.ts";
import { type BuiltInSetting, settingOf, USUAL_ORDER } from "../../core/typology/apply-built-in.ts";
import { BUILT_IN } from "../../core/typology/built-in.ts";
import type { Level } from "../../core/typology/rule.ts";
import type { RuleRow, RuleToSave } from "./store.ts";

type OwnInput = Exclude<TypologyRuleInput, { kind: "built-in" }>;

/** What is as it comes needs no row: a later version that brings it otherwise brings it to all. */
export function rowsOf(rules: readonly TypologyRuleInput[], before: readonly RuleRow[]): RuleToSave[] {
  return rules.flatMap((rule): RuleToSave[] => {
    if (rule.kind !== "built-in") return [ownRow(rule)];
    const { name, level, active, order } = rule;
    const shipped = BUILT_IN.find(({ id }) => id === name);
    const isAsItComes = shipped?.level === level && shipped.active === active && order === USUAL_ORDER;
    if (isAsItComes) return [];
    const id = before.find((row) => row.kind === "built-in" && row.name === name)?.id ?? null;
    return [{ id, kind: "built-in", name, enabled: active, execution_order: order, definition: { level } }];
  });
}

function ownRow({ id, kind, name, active, order, ...definition }: OwnInput): RuleToSave {
  return { id: id === undefined ? null : Number(id), kind, name, enabled: active, execution_order: order, definition };
}

export function builtInSettings(rows: readonly RuleRow[]): ReadonlyMap<string, BuiltInSetting> {
  const changed = rows.filter(({ kind }) => kind === "built-in");
  return new Map(
    changed.map(({ name, enabled, execution_order, definition }) => [
      name,
      { level: definition["level"] as Level, active: enabled, order: execution_order },
    ]),
  );
}

/** All that come with Envoi, then those of operators. */
export function presentRules(rows: readonly RuleRow[]): TypologyRule[] {
  const settings = builtInSettings(rows);
  const builtIn = BUILT_IN.map((rule): TypologyRule => {
    const { id, phase, fixed, items, title } = rule;
    const standard = settingOf(rule, new Map());
    return {
      kind: "built-in",
      name: id,
      title,
      phase,
      ...settingOf(rule, settings),
      fixed,
      standard,
      items: [...items],
    };
  });
  return [...builtIn, ...rows.filter(({ kind }) => kind !== "built-in").map(presentOwn)];
}

function presentOwn({ id, kind, name, enabled, execution_order, definition }: RuleRow): OwnTypologyRule {
  return { id: String(id), kind, name, active: enabled, order: execution_order, ...definition } as OwnTypologyRule;
}
