/**
 * Which variables a template reads, found without rendering it: analysis copies exactly these attributes into a message.
 * Whatever cannot be known beforehand (a computed attribute name, the recipient as a whole) is refused with its place.
 */
import {
  BreakTag,
  ContinueTag,
  ForTag,
  type PropertyAccessToken,
  TablerowTag,
  type Template,
  toValueSync,
  TypeGuards,
  Value,
} from "liquidjs";

import { lineTable } from "./line-table.ts";

/** Line and column count from 1. */
export type TemplateError = { readonly line: number; readonly column: number; readonly message: string };
/** One place that reads an attribute of the recipient: `recipient.city` has the name `city`. */
export type UsedAttribute = {
  readonly path: string;
  readonly name: string;
  readonly line: number;
  readonly column: number;
};

const KNOWN: Readonly<Record<string, readonly string[] | null>> = {
  recipient: null,
  delivery: ["id", "label"],
  message: ["id", "key", "date"],
};

/** Blocks within blocks. */
const MAX_DEPTH = 100;
export const TOO_DEEP = "the template is nested too deeply";

export const ROOTS = Object.keys(KNOWN);

type Finding = { readonly attribute: UsedAttribute } | { readonly error: TemplateError };

export function findVariables(
  source: string,
  templates: readonly Template[],
): { attributes: UsedAttribute[]; errors: TemplateError[] } {
  const places = lineTable(source);
  const attributes: UsedAttribute[] = [];
  const errors: TemplateError[] = [];
  const fail = (offset: number, message: string) => errors.push({ ...places(offset), message });
  const locals = new Set<string>();

  const read = (token: PropertyAccessToken, scope: ReadonlySet<string>) => {
    const finding = judge(token, places(token.begin), (name) => locals.has(name) || scope.has(name));
    if (finding === null) return;
    if ("error" in finding) errors.push(finding.error);
    else attributes.push(finding.attribute);
  };

  const visit = (nodes: readonly Template[], scope: ReadonlySet<string>, inLoop: boolean, depth: number): void => {
    for (const node of nodes) {
      if (!inLoop && leavesLoop(node)) {
        fail(node.token.begin, "break and continue belong inside a loop");
      }
      for (const argument of node.arguments?.() ?? []) {
        for (const token of variablesIn(argument)) read(token, scope);
      }
      for (const { content } of node.localScope?.() ?? []) locals.add(content);
      refuseReservedNames(node, fail);
      const names = [...(node.blockScope?.() ?? [])];
      const children = node.children ? toValueSync<Template[]>(node.children(false, true) as never) : [];
      if (depth === MAX_DEPTH && children.length > 0) {
        fail(node.token.begin, TOO_DEEP);
        continue;
      }
      visit(children, names.length > 0 ? new Set([...scope, ...names]) : scope, inLoop || isLoop(node), depth + 1);
    }
  };
  visit(templates, new Set(), false, 1);
  return { attributes, errors };
}

function refuseReservedNames(node: Template, fail: (offset: number, message: string) => void): void {
  for (const { content, begin } of node.localScope?.() ?? []) {
    if (ROOTS.includes(content)) fail(begin, `"${content}" cannot be assigned`);
  }
  for (const name of node.blockScope?.() ?? []) {
    if (ROOTS.includes(name)) fail(node.token.begin, `"${name}" cannot be a loop variable`);
  }
}

function leavesLoop(node: Template): boolean {
  return node instanceof BreakTag || node instanceof ContinueTag;
}

function isLoop(node: Template): boolean {
  return node instanceof ForTag || node instanceof TablerowTag;
}

/** Every variable that an argument of a tag or an output reads, also inside brackets, ranges and filter arguments. */
function* variablesIn(argument: unknown): Generator<PropertyAccessToken> {
  if (argument instanceof Value || TypeGuards.isFilteredValueToken(argument)) {
    for (const token of argument.initial.postfix) yield* variablesIn(token);
    for (const filter of argument.filters) {
      for (const arg of filter.args) yield* variablesIn(Array.isArray(arg) ? arg[1] : arg);
    }
  } else if (TypeGuards.isRangeToken(argument)) {
    yield* variablesIn(argument.lhs);
    yield* variablesIn(argument.rhs);
  } else if (TypeGuards.isPropertyAccessToken(argument)) {
    if (argument.variable === undefined) yield argument;
    else yield* variablesIn(argument.variable);
    for (const prop of argument.props) yield* variablesIn(prop);
  }
}

/** Names are fixed words or quoted strings; null for a segment that is computed. */
export function segmentsOf(token: PropertyAccessToken): (string | null)[] {
  return token.props.map((prop) => {
    if (!("content" in prop)) return null;
    return typeof prop.content === "string" || typeof prop.content === "number" ? String(prop.content) : null;
  });
}

function judge(
  token: PropertyAccessToken,
  place: { line: number; column: number },
  isLocal: (name: string) => boolean,
): Finding | null {
  const error = (message: string): Finding => ({ error: { ...place, message } });
  const [root, name] = segmentsOf(token);
  if (root === null || root === undefined) return error("the name of a variable cannot be computed");
  if (isLocal(root)) return null;
  const fields = Object.hasOwn(KNOWN, root) ? KNOWN[root] : undefined;
  if (fields === undefined) {
    return error(`unknown variable "${root}": attributes of the recipient are written recipient.${root}`);
  }
  if (name === null) return error(`the attribute after "${root}" must be written out, not computed`);
  if (name === undefined) return error(`"${root}" needs an attribute, as in ${root}.${fields?.[0] ?? "first_name"}`);
  if (fields === null) return { attribute: { path: `${root}.${name}`, name, ...place } };
  return fields.includes(name)
    ? null
    : error(`unknown variable "${root}.${name}": there are ${fields.map((f) => `${root}.${f}`).join(", ")}`);
}
