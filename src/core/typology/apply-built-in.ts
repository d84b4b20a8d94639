/** What a typology makes of what the checks say. */
import { BUILT_IN, builtInOf, type BuiltInRule } from "./built-in.ts";
import { isAtLeast, type Level } from "./rule.ts";

/** How a typology has a rule that comes with the program; without one it is as it comes. */
export type BuiltInSetting = { readonly level: Level; readonly active: boolean; readonly order: number };
export type BuiltInSettings = ReadonlyMap<string, BuiltInSetting>;

/** Rules of one phase with one order keep the order in which they come. */
export const USUAL_ORDER = 50;

export function settingOf(rule: BuiltInRule, settings: BuiltInSettings): BuiltInSetting {
  const given = settings.get(rule.id);
  if (given === undefined) return { level: rule.level, active: rule.active, order: USUAL_ORDER };
  return rule.fixed ? { level: rule.level, active: true, order: given.order } : given;
}

export function isActive(id: string, settings: BuiltInSettings): boolean {
  const rule = BUILT_IN.find((each) => each.id === id);
  return rule !== undefined && settingOf(rule, settings).active;
}

/** The items of active rules, each with its rule, at the rule's level. What no rule stands for stays as it is. */
export function applyBuiltIn<Item extends { readonly id: string; readonly level: Level }>(
  items: readonly Item[],
  settings: BuiltInSettings,
): (Item & { rule?: string })[] {
  const judged = items.flatMap((item) => {
    const rule = builtInOf(item.id);
    if (rule === null) return [{ order: USUAL_ORDER, item }];
    const { level, active, order } = settingOf(rule, settings);
    if (!active) return [];
    return [{ order, item: { ...item, level: levelOf(item.level, rule, level), rule: rule.id } }];
  });
  return judged.sort((a, b) => a.order - b.order).map(({ item }) => item);
}

/** The gravest items of a rule get its level; its lesser ones stay below it. */
function levelOf(own: Level, rule: BuiltInRule, level: Level): Level {
  if (rule.fixed) return own;
  return own === rule.level || isAtLeast(own, level) ? level : own;
}
