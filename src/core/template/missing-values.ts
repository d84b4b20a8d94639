/**
 * Finds out which attributes a rendering had no value for. Only what is printed or assigned counts: a test in a condition
 * is how an author takes care of a missing value, and so is the filter `default`.
 */
import { AssignTag, type Context, EchoTag, Output, type Template, toValueSync, TypeGuards, Value } from "liquidjs";

import { segmentsOf } from "./variable-tokens.ts";

/** Where a context keeps the set of missing paths, if anybody asked for them: no template can name a symbol. */
export const MISSING = Symbol("missing");

/** Filters that print their argument beside the value. */
const JOINING = ["append", "prepend"];

type Recipient = Readonly<Record<string, unknown>>;
/** Of one output or assignment: the attributes whose value it shows. */
type Shown = readonly string[];

export function shownBy(value: Value): Shown {
  return [...attributesIn(value)];
}

function* attributesIn(argument: unknown): Generator<string> {
  if (argument instanceof Value || TypeGuards.isFilteredValueToken(argument)) {
    const [token, ...more] = argument.initial.postfix;
    // operators give true or false, which is a value
    if (more.length > 0 || argument.filters.some((filter) => filter.name === "default")) return;
    yield* attributesIn(token);
    for (const filter of argument.filters) {
      if (JOINING.includes(filter.name)) yield* attributesIn(filter.args[0]);
    }
  } else if (TypeGuards.isPropertyAccessToken(argument) && argument.variable === undefined) {
    const [root, name] = segmentsOf(argument);
    if (root === "recipient" && typeof name === "string") yield name;
  }
}

export function isMissing(value: unknown): boolean {
  return value === undefined || value === null || (typeof value === "string" && value.trim() === "");
}

export function noteMissing(shown: Shown, recipient: Recipient, missing: Set<string>): void {
  for (const name of shown) {
    if (!Object.hasOwn(recipient, name) || isMissing(recipient[name])) missing.add(`recipient.${name}`);
  }
}

/** Lets outputs and assignments that the engine renders inside a tag note what they miss. */
export function watchMissing(node: Template): void {
  if (showsValue(node)) {
    const shown = [...(node.arguments?.() ?? [])].flatMap((value) => [...attributesIn(value)]);
    if (shown.length > 0) watchNode(node, shown);
  }
  const children = node.children ? toValueSync<Template[]>(node.children(false, true) as never) : [];
  for (const child of children) watchMissing(child);
}

function showsValue(node: Template): boolean {
  return node instanceof Output || node instanceof AssignTag || node instanceof EchoTag;
}

function watchNode(node: Template, shown: Shown): void {
  const render = node.render.bind(node);
  Object.assign(node, {
    render(context: Context, emitter: never) {
      const { [MISSING]: missing, recipient } = context.environments as {
        [MISSING]?: Set<string>;
        recipient: Recipient;
      };
      if (missing !== undefined) noteMissing(shown, recipient, missing);
      return render(context, emitter);
    },
  });
}
