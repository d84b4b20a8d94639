/** What a selector needs, and whether a style attribute can express it: only what an element is, not what happens to it. */
import { type CssNode, generate, type Selector } from "css-tree";

export type ReadSelector = {
  readonly text: string;
  /** What every matching element has: `#id`, `.class`, `tag`, or `*` for nothing in particular. */
  readonly key: string;
  /** Keys of the compounds that depend on siblings; `self` where it is the last one, the element's own. */
  readonly structural: readonly { readonly key: string; readonly self: boolean }[];
  /** Selectors Level 4 §17 as one number that compares. */
  readonly specificity: number;
};

const STRUCTURAL =
  /^(?:first-child|last-child|only-child|nth-child|nth-last-child|first-of-type|last-of-type|only-of-type|nth-of-type|nth-last-of-type)$/;
const LOGICAL = /^(?:not|is|where)$/;
const STATIC = /^(?:root|link|any-link)$/;

/** Null: a state, a letter, something that only newer browsers know. */
export function readSelector(selector: Selector): ReadSelector | null {
  const compounds = splitCompounds(selector);
  let specificity: Count = [0, 0, 0];
  const structural: { key: string; self: boolean }[] = [];
  for (const [index, compound] of compounds.entries()) {
    const facts = { structural: false, supported: true };
    specificity = add(specificity, measure(compound, facts));
    if (!facts.supported) return null;
    if (facts.structural) structural.push({ key: keyOf(compound), self: index === compounds.length - 1 });
  }
  return {
    text: generate(selector),
    key: keyOf(compounds.at(-1) ?? []),
    structural,
    specificity: specificity.reduce((sum, count) => sum * 1000 + Math.min(count, 999), 0),
  };
}

type Count = readonly [ids: number, classes: number, types: number];
type Facts = { structural: boolean; supported: boolean };

/** Each compound with the combinator before it. */
function splitCompounds(selector: Selector): CssNode[][] {
  const compounds: CssNode[][] = [[]];
  for (const node of selector.children) {
    if (node.type === "Combinator") compounds.push([node]);
    else compounds.at(-1)?.push(node);
  }
  return compounds;
}

function measure(nodes: Iterable<CssNode>, facts: Facts): Count {
  let total: Count = [0, 0, 0];
  for (const node of nodes) total = add(total, measureNode(node, facts));
  return total;
}

const add = (a: Count, b: Count): Count => [a[0] + b[0], a[1] + b[1], a[2] + b[2]];

function measureNode(node: CssNode, facts: Facts): Count {
  if (node.type === "IdSelector") return [1, 0, 0];
  if (node.type === "ClassSelector") return [0, 1, 0];
  if (node.type === "AttributeSelector") return [0, 1, 0];
  if (node.type === "TypeSelector") {
    if (node.name.includes("|")) facts.supported = false;
    return node.name === "*" ? [0, 0, 0] : [0, 0, 1];
  }
  if (node.type === "Combinator") {
    if (node.name === "+" || node.name === "~") facts.structural = true;
    else if (node.name !== " " && node.name !== ">") facts.supported = false;
    return [0, 0, 0];
  }
  if (node.type === "PseudoClassSelector") return measurePseudoClass(node, facts);
  facts.supported = false;
  return [0, 0, 0];
}

function measurePseudoClass(node: CssNode & { type: "PseudoClassSelector" }, facts: Facts): Count {
  const name = node.name.toLowerCase();
  if (STRUCTURAL.test(name)) {
    facts.structural = true;
    // `of <selector>`
    for (const child of node.children ?? []) if (child.type === "Nth" && child.selector) facts.supported = false;
    return [0, 1, 0];
  }
  if (STATIC.test(name)) return [0, 1, 0];
  if (!LOGICAL.test(name) || !node.children) {
    facts.supported = false;
    return [0, 0, 0];
  }
  let highest: Count = [0, 0, 0];
  for (const list of node.children) {
    if (list.type !== "SelectorList") facts.supported = false;
    else for (const inner of list.children) highest = max(highest, measure((inner as Selector).children, facts));
  }
  return name === "where" ? [0, 0, 0] : highest;
}

const max = (a: Count, b: Count): Count => (compare(a, b) >= 0 ? a : b);
const compare = (a: Count, b: Count) => a[0] - b[0] || a[1] - b[1] || a[2] - b[2];

/** What can be looked up; escaped names and the universal selector cannot. */
function keyOf(compound: readonly CssNode[]): string {
  const named = (type: string) => {
    const node = compound.find((candidate) => candidate.type === type) as { name: string } | undefined;
    return node && !node.name.includes("\\") && node.name !== "*" ? node.name : null;
  };
  const id = named("IdSelector");
  if (id !== null) return `#${id}`;
  const name = named("ClassSelector");
  if (name !== null) return `.${name}`;
  return named("TypeSelector")?.toLowerCase() ?? "*";
}
