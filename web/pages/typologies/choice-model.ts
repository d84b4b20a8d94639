/** Whom a rule names, as a form holds it: the people themselves, or everybody but them (`not` is the exact complement, docs/segments.md). */
import type { Settings } from "../../../src/contract/index.ts";
import type { Segment } from "../../../src/contract/segments.ts";

export type Choice = Settings["exclude"][number];
export type Tree = Segment["tree"];

export const CHOICE_KINDS = ["segment", "tree", "list", "import", "service", "outcome"] as const;
export type ChoiceKind = (typeof CHOICE_KINDS)[number];

/** `others`: everybody who is not among the chosen. */
export type OpenChoice = { others: boolean; inner: Choice };

const NAMED = ["segment", "list", "import", "service"] as const;

/** A tree as the choice that says the same with fewer words, where there is one. */
function choiceOfTree(tree: Tree): Choice {
  const [only] = Object.keys(tree);
  if (Object.keys(tree).length === 1 && NAMED.some((name) => name === only)) return tree as Choice;
  return { segment: tree };
}

export function opened(choice: Choice): OpenChoice {
  if ("segment" in choice && typeof choice.segment === "object") {
    const tree = choice.segment as Tree;
    if ("not" in tree && Object.keys(tree).length === 1) return { others: true, inner: choiceOfTree(tree.not) };
  }
  return { others: false, inner: choice };
}

export function closed({ others, inner }: OpenChoice): Choice {
  return others ? { segment: { not: treeOf(inner) } } : inner;
}

/** What the server makes of a choice. */
export function treeOf(choice: Choice): Tree {
  if ("delivery" in choice) {
    return { or: choice.outcome.map((behaviour) => ({ behaviour, deliveries: [choice.delivery] })) };
  }
  if (!("segment" in choice)) return choice;
  return typeof choice.segment === "string" ? { segment: choice.segment } : (choice.segment as Tree);
}

export function kindOf(choice: Choice): ChoiceKind {
  if ("list" in choice) return "list";
  if ("import" in choice) return "import";
  if ("service" in choice) return "service";
  if ("delivery" in choice) return "outcome";
  return typeof choice.segment === "string" ? "segment" : "tree";
}

/** As it stands when its kind was just chosen: to be filled in. */
export function blankChoice(kind: ChoiceKind): Choice {
  switch (kind) {
    case "segment":
      return { segment: "" };
    case "tree":
      return { segment: { and: [] } };
    case "list":
      return { list: "" };
    case "import":
      return { import: "" };
    case "service":
      return { service: "" };
    case "outcome":
      return { delivery: "", outcome: [] };
  }
}

/** The id that it names; null: it names none. */
export function idOf(choice: Choice): string | null {
  if ("list" in choice) return choice.list;
  if ("import" in choice) return choice.import;
  if ("service" in choice) return choice.service;
  if ("delivery" in choice) return choice.delivery;
  return typeof choice.segment === "string" ? choice.segment : null;
}

/** The same kind with another id. */
export function withId(choice: Choice, id: string): Choice {
  if ("list" in choice) return { ...choice, list: id };
  if ("import" in choice) return { ...choice, import: id };
  if ("service" in choice) return { ...choice, service: id };
  return "delivery" in choice ? { ...choice, delivery: id } : { ...choice, segment: id };
}

export function isComplete(choice: Choice): boolean {
  const { inner } = opened(choice);
  return idOf(inner) !== "" && (!("outcome" in inner) || inner.outcome.length > 0);
}

/** Conditions without the groups around them. */
export function countConditions(tree: Tree): number {
  if ("not" in tree) return countConditions(tree.not);
  const children = "and" in tree ? tree.and : "or" in tree ? tree.or : null;
  return children === null ? 1 : children.reduce((sum, child) => sum + countConditions(child), 0);
}

/** Whether JSON that somebody wrote is a choice that the form knows. */
export function isChoice(json: unknown): json is Choice {
  if (typeof json !== "object" || json === null) return false;
  const { delivery, outcome, segment, ...rest } = json as Record<string, unknown>;
  if (delivery !== undefined) return typeof delivery === "string" && Array.isArray(outcome);
  if (segment !== undefined) return typeof segment === "string" || isTree(segment);
  return (["list", "import", "service"] as const).some((name) => typeof rest[name] === "string");
}

/** Groups are groups all the way down; what a condition says, the builder shows as it is. */
function isTree(json: unknown): json is Tree {
  if (typeof json !== "object" || json === null || Array.isArray(json)) return false;
  const { not, and, or } = json as Record<string, unknown>;
  if (not !== undefined) return isTree(not);
  const children = and ?? or;
  return children === undefined || (Array.isArray(children) && children.every(isTree));
}
