/**
 * The elements of a source as selectors see them. Where Liquid decides on a class or another attribute, an element is looked at
 * twice: with what it certainly has and with all it can have.
 */
import { Document, Element } from "domhandler";

import { decodeAttribute } from "./entities.ts";
import type { LiquidMap } from "./liquid-map.ts";
import type { Attribute, StartTag, Token } from "./tokenise.ts";
import { walk } from "./walk.ts";

export type StyledElement = {
  readonly tag: StartTag;
  /** Of Liquid. */
  readonly branch: number;
  readonly certain: Element;
  readonly possible: Element;
  readonly parent: StyledElement | null;
  /** What a selector can look it up by: `#id`, `.class`, `tag`, `*`. */
  readonly keys: ReadonlySet<string>;
  /** Its siblings are the same for everybody, and few enough to be looked through. */
  steady: boolean;
};

/** Among more siblings than these, places are not looked at: each look costs their number. */
const MAX_SIBLINGS = 500;
/** Stands for what an output will write: in no selector. */
const UNKNOWN = "\uf8ff";

/** In the order of the source. */
export function readElements(html: string, liquid: LiquidMap, tokens: readonly Token[]): StyledElement[] {
  const variable = tokens.some(
    (token) => token.kind === "start" && liquid.within(token.start, token.end).some((span) => span.kind !== "output"),
  );
  const [certainRoot, possibleRoot] = [new Document([]), new Document([])];
  const elements: StyledElement[] = [];
  const children = new Map<StyledElement | null, StyledElement[]>();
  let current: StyledElement | null = null;
  walk(tokens, {
    open: (tag) => {
      const parent: StyledElement | null = current;
      const possible = append(parent?.possible ?? possibleRoot, tag, attributesOf(html, liquid, tag, false));
      const certain = variable
        ? append(parent?.certain ?? certainRoot, tag, attributesOf(html, liquid, tag, true))
        : possible;
      const branch = liquid.branchAt(tag.start);
      current = { tag, branch, certain, possible, parent, keys: keysOf(possible), steady: true };
      elements.push(current);
      const siblings = children.get(parent);
      if (siblings) siblings.push(current);
      else children.set(parent, [current]);
    },
    close: () => {
      current = current?.parent ?? null;
    },
    other: () => {},
  });
  for (const [parent, siblings] of children) {
    const branch = parent?.branch ?? 0;
    const steady = siblings.length <= MAX_SIBLINGS && siblings.every((sibling) => sibling.branch === branch);
    for (const sibling of siblings) sibling.steady = steady;
  }
  return elements;
}

function keysOf({ name, attribs }: Element): Set<string> {
  const keys = new Set(["*", name, `#${attribs["id"] ?? ""}`]);
  for (const part of (attribs["class"] ?? "").split(/\s+/)) keys.add(`.${part}`);
  return keys;
}

function append(parent: Document | Element, tag: StartTag, attributes: Record<string, string>): Element {
  const element = new Element(tag.name, attributes);
  const before = parent.children.at(-1);
  element.parent = parent;
  element.prev = before ?? null;
  if (before) before.next = element;
  parent.children.push(element);
  return element;
}

function attributesOf(html: string, liquid: LiquidMap, tag: StartTag, certain: boolean): Record<string, string> {
  const found: Record<string, string> = Object.create(null);
  const branch = liquid.branchAt(tag.start);
  for (const attribute of tag.attributes) {
    const own = liquid.branchAt(attribute.start) === branch;
    if (certain && !own) continue;
    const value = valueOf(html, liquid, attribute, certain);
    const before = found[attribute.name];
    if (before === undefined) found[attribute.name] = value;
    else if (!own && attribute.name === "class") found[attribute.name] = `${before} ${value}`;
  }
  return found;
}

function valueOf(html: string, liquid: LiquidMap, attribute: Attribute, certain: boolean): string {
  if (!attribute.value) return "";
  const { start, end } = attribute.value;
  const spans = liquid.within(start, end);
  if (spans.length === 0) return decodeAttribute(html.slice(start, end));
  const branch = liquid.branchAt(attribute.start);
  let value = "";
  let at = start;
  const addStatic = (to: number) => {
    if (to > at && !(certain && liquid.branchAt(at) !== branch)) value += decodeAttribute(html.slice(at, to), true);
  };
  for (const span of spans) {
    addStatic(span.start);
    value += span.kind === "output" ? UNKNOWN : " ";
    at = span.end;
  }
  addStatic(end);
  return value;
}
