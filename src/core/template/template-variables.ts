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
} from "liquidjs";

import { judgeArguments } from "./filters.ts";
import { lineTable } from "./line-table.ts";
import { InternalTag } from "./link-tags.ts";
import { type FilterCall, partsOf, segmentsOf } from "./variable-tokens.ts";

/** Line and column count from 1; `offset` from 0, in the source with `\n` as its line end. */
type Place = { readonly line: number; readonly column: number; readonly offset: number };
export type TemplateError = Place & { readonly message: string };
/** One place that reads an attribute of the recipient: `recipient.city` has the name `city`. */
export type UsedAttribute = Place & { readonly path: string; readonly name: string };

/** Names by what stands before the dot; null: any. */
export type KnownFields = Readonly<Record<string, readonly string[] | null>>;

export type KnownNames = {
  /** What there is to read; absent: what messages can. */
  readonly fields?: KnownFields | undefined;
  /** Names of the operator's own variables: `delivery.NAME`. */
  readonly variables: readonly string[];
  /** The tags of prepared sources are allowed. */
  readonly internal: boolean;
  readonly hasFilter: (name: string) => boolean;
};

/** What there is besides the attributes of the recipient. */
const FIELDS: KnownFields = {
  recipient: null,
  delivery: ["id", "label", "sender_name"],
  message: ["id", "key", "date", "mirror_url", "unsubscribe_url", "open_url"],
  platform: ["name", "logo_url"],
};

/** Blocks within blocks. */
const MAX_DEPTH = 100;
export const TOO_DEEP = "the template is nested too deeply";

/** Names that nothing else may have. */
export const ROOTS = Object.keys(FIELDS);

type Finding = { readonly attribute: UsedAttribute } | { readonly error: TemplateError };

export function findVariables(
  source: string,
  templates: readonly Template[],
  known: KnownNames,
): { attributes: UsedAttribute[]; errors: TemplateError[] } {
  const lines = lineTable(source);
  const places = (offset: number): Place => ({ ...lines(offset), offset });
  const attributes: UsedAttribute[] = [];
  const errors: TemplateError[] = [];
  const fail = (offset: number, message: string) => errors.push({ ...places(offset), message });
  const locals = new Set<string>();

  const read = (token: PropertyAccessToken, scope: ReadonlySet<string>) => {
    const isLocal = (name: string) => locals.has(name) || scope.has(name);
    const finding = judge(token, places(token.begin), isLocal, known);
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
        for (const part of partsOf(argument)) {
          if (!("name" in part)) read(part, scope);
          else if (part.grouped && !known.hasFilter(part.name)) fail(part.begin, `undefined filter: ${part.name}`);
          else refuseArguments(part, fail);
        }
      }
      for (const { content } of node.localScope?.() ?? []) locals.add(content);
      refuseReservedNames(node, fail);
      if (!known.internal) refuseInternalTag(node, fail);
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

function refuseInternalTag(node: Template, fail: (offset: number, message: string) => void): void {
  if (!(node instanceof InternalTag)) return;
  fail(node.token.begin, `the tag "${node.name}" is for Envoi itself: write the address of the link`);
}

function refuseArguments(filter: FilterCall, fail: (offset: number, message: string) => void): void {
  const problem = judgeArguments(filter.name, filter.args);
  if (problem !== null) fail(filter.begin, problem);
}

function judge(
  token: PropertyAccessToken,
  place: Place,
  isLocal: (name: string) => boolean,
  { variables, fields: all = FIELDS }: KnownNames,
): Finding | null {
  const error = (message: string): Finding => ({ error: { ...place, message } });
  const [root, name] = segmentsOf(token);
  if (root === null || root === undefined) return error("the name of a variable cannot be computed");
  if (isLocal(root)) return null;
  const builtIn = Object.hasOwn(all, root) ? all[root] : undefined;
  const fields = root === "delivery" && builtIn ? [...builtIn, ...variables] : builtIn;
  if (fields === undefined) {
    const hint = Object.hasOwn(all, "recipient")
      ? `attributes of the recipient are written recipient.${root}`
      : `there are ${Object.keys(all).join(", ")}`;
    return error(`unknown variable "${root}": ${hint}`);
  }
  if (name === null) return error(`the attribute after "${root}" must be written out, not computed`);
  if (name === undefined) return error(`"${root}" needs an attribute, as in ${root}.${fields?.[0] ?? "first_name"}`);
  if (fields === null) return { attribute: { path: `${root}.${name}`, name, ...place } };
  return fields.includes(name)
    ? null
    : error(`unknown variable "${root}.${name}": there are ${fields.map((f) => `${root}.${f}`).join(", ")}`);
}
