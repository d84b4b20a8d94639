/** Which rules apply to an element, and what is left of them when they contradict each other (CSS Cascade Level 4 §6). */
import { compile } from "css-select";
import type { Element } from "domhandler";

import type { StyledElement } from "./css-elements.ts";
import type { CssDeclaration, CssRule } from "./css-rules.ts";
import type { LiquidMap } from "./liquid-map.ts";

type Rule = CssRule & { readonly matches: (element: Element) => boolean };
/** `maybe`: nobody knows before the message is rendered. */
export type Match = { readonly rule: CssRule; readonly maybe: boolean };
/** Declarations in the order in which they have to stand. */
export type Styles = { readonly normal: readonly CssDeclaration[]; readonly important: readonly CssDeclaration[] };

/** Looks at one element with one selector: a few seconds at most. A newsletter of 500 kB with 300 rules takes 250,000. */
const MAX_LOOKS = 3_000_000;

/** Finds an element's rules, weakest first; null once that has become too much work. */
export function ruleFinder(rules: readonly CssRule[]): (element: StyledElement) => readonly Match[] | null {
  const byKey = new Map<string, Rule[]>();
  for (const rule of rules) {
    const matches = compileSelector(rule.text);
    if (!matches) continue;
    const group = byKey.get(rule.key);
    if (group) group.push({ ...rule, matches });
    else byKey.set(rule.key, [{ ...rule, matches }]);
  }
  let looks = 0;
  return (element) => {
    const found: Match[] = [];
    for (const key of element.keys) {
      const group = byKey.get(key) ?? [];
      looks += group.length;
      if (looks > MAX_LOOKS) return null;
      for (const rule of group) {
        const match = look(element, rule);
        if (match) found.push(match);
      }
    }
    return found.sort((a, b) => a.rule.specificity - b.rule.specificity || a.rule.order - b.rule.order);
  };
}

/** Null: a selector that only newer browsers know. */
function compileSelector(text: string): ((element: Element) => boolean) | null {
  try {
    return compile<never, never>(text) as unknown as (element: Element) => boolean;
  } catch {
    return null;
  }
}

function look(element: StyledElement, rule: Rule): Match | null {
  if (rule.structural.length > 0 && !isSettled(element, rule)) return { rule, maybe: true };
  if (!rule.matches(element.possible)) return null;
  return { rule, maybe: element.certain !== element.possible && !rule.matches(element.certain) };
}

/** Whether all elements whose place among their siblings the rule can ask for have the same place for everybody. */
function isSettled(element: StyledElement, { structural }: CssRule): boolean {
  return structural.every(({ key, self }) => {
    if (self) return element.steady;
    for (let at: StyledElement | null = element; at; at = at.parent) {
      if (!at.steady && at.keys.has(key)) return false;
    }
    return true;
  });
}

/** Property → its declarations of one rule; null: only the style sheet can decide. */
type Winners = Map<string, { readonly rule: CssRule; readonly declarations: CssDeclaration[] } | null>;

/**
 * What a style attribute takes over. Several declarations of one property in one rule stay together: they are fallbacks for
 * clients that do not know the last. A property that a rule of unknown effect sets is left to the style sheet.
 */
export function cascade(liquid: LiquidMap, element: StyledElement, matches: readonly Match[]): Styles {
  const normal: Winners = new Map();
  const important: Winners = new Map();
  for (const { rule, maybe } of matches) {
    for (const declaration of rule.declarations) {
      if (liquid.excludes(declaration.branch, element.branch)) continue;
      const winners = declaration.important ? important : normal;
      if (maybe || !liquid.contains(declaration.branch, element.branch)) leaveOpen(winners, declaration.property);
      else declare(winners, rule, declaration);
    }
  }
  for (const [property, winner] of important) {
    if (winner === null) leaveOpen(normal, property);
    else normal.delete(property);
  }
  return { normal: listOf(normal), important: listOf(important) };
}

function declare(winners: Winners, rule: CssRule, declaration: CssDeclaration): void {
  const before = winners.get(declaration.property);
  // behind what it may be a part of or the whole of: shorthands
  winners.delete(declaration.property);
  const declarations = before?.rule === rule ? [...before.declarations, declaration] : [declaration];
  winners.set(declaration.property, { rule, declarations });
}

function leaveOpen(winners: Winners, property: string): void {
  for (const other of winners.keys()) {
    if (other.startsWith(`${property}-`) || property.startsWith(`${other}-`)) winners.delete(other);
  }
  winners.delete(property);
  winners.set(property, null);
}

const listOf = (winners: Winners) => [...winners.values()].flatMap((winner) => winner?.declarations ?? []);
