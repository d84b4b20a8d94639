/**
 * Copies the rules of `<style>` elements into style attributes, for mail clients that ignore the former. Only start tags that
 * take a declaration over change; the style elements stay for the clients that know them.
 */
import { parse } from "css-tree";

import { lineTable } from "../../../core/template/line-table.ts";
import { cascade, ruleFinder, type Styles } from "./css-cascade.ts";
import { readElements, type StyledElement } from "./css-elements.ts";
import { type CssDeclaration, maskCss, readStyles } from "./css-rules.ts";
import { decodeAttribute } from "./entities.ts";
import { type LiquidMap, mapLiquid, mapStatic } from "./liquid-map.ts";
import { applyPatches, type Patch } from "./patch.ts";
import type { Problem } from "./problem.ts";
import { type Attribute, type Range, tokenise } from "./tokenise.ts";

/** What a style attribute says already: property → its last value, and whether it is important. */
type Existing = ReadonlyMap<string, { readonly value: string; readonly important: boolean }>;

const UNSEEN = /^(?:head|title|meta|link|script|style|base|param|source)$/;
const NOTHING: Existing = new Map();

/** The same string where nothing applies. A problem is CSS that browsers would ignore too. */
export function inlineCss(html: string): { html: string; problems: Problem[] } {
  const liquid = mapLiquid(html);
  const tokens = tokenise(html, liquid);
  const place = lineTable(html);
  const { rules, problems } = readStyles(html, liquid, tokens, place);
  if (rules.length === 0) return { html, problems };
  const find = ruleFinder(rules);
  const readExisting = existingReader(html, liquid);
  const patches: Patch[] = [];
  for (const element of readElements(html, liquid, tokens)) {
    if (UNSEEN.test(element.tag.name)) continue;
    const matches = find(element);
    if (matches === null) {
      const message = "too many elements and rules: from here on CSS is not copied into style attributes";
      problems.push({ ...place(element.tag.start), message });
      break;
    }
    if (matches.length === 0) continue;
    const patch = patchElement(html, liquid, element, cascade(liquid, element, matches), readExisting);
    if (patch) patches.push(patch);
  }
  return { html: applyPatches(html, patches), problems };
}

type ReadExisting = (range: Range) => Existing;

/** Null: the element has it all, or its style attribute is one that not everybody gets. */
function patchElement(
  html: string,
  liquid: LiquidMap,
  element: StyledElement,
  styles: Styles,
  readExisting: ReadExisting,
): Patch | null {
  const { tag } = element;
  const attributes = tag.attributes.filter(({ name }) => name === "style");
  if (attributes.some(({ start }) => liquid.branchAt(start) !== element.branch)) return null;
  const attribute = attributes[0];
  const existing = attribute?.value ? readExisting(attribute.value) : NOTHING;
  const first = styles.normal.filter(({ property }) => !existing.has(property));
  const last = styles.important.filter(({ property, value }) => {
    const own = existing.get(property);
    return !own || (!own.important && sameQuotes(own.value) !== sameQuotes(value));
  });
  if (first.length + last.length === 0) return null;
  const quote = attribute?.quote || '"';
  if (!attribute?.value) {
    const range = attribute ? { start: attribute.start, end: attribute.end } : { start: tag.nameEnd, end: tag.nameEnd };
    const style = `style="${[...first, ...last].map((item) => write(item, quote)).join(";")}"`;
    return { ...range, text: attribute ? style : ` ${style}` };
  }
  return { ...attribute.value, text: extend(html, liquid, { ...attribute, value: attribute.value }, first, last) };
}

const sameQuotes = (value: string) => value.replaceAll('"', "'");

/** What is there already stays between what it overrides and what overrides it. */
function extend(
  html: string,
  liquid: LiquidMap,
  attribute: Attribute & { readonly value: Range },
  first: readonly CssDeclaration[],
  last: readonly CssDeclaration[],
): string {
  const quote = attribute.quote || '"';
  const list = (items: readonly CssDeclaration[]) => items.map((item) => write(item, quote)).join(";");
  const own =
    attribute.quote === ""
      ? mapStatic(html, liquid, attribute.value, (piece) => piece.replaceAll('"', "&quot;"))
      : html.slice(attribute.value.start, attribute.value.end);
  const parts = [list(first), own, list(last)].filter((part) => part.trim() !== "");
  const style = parts.reduce((whole, part) => (/;\s*$/.test(whole.slice(-50)) ? whole + part : `${whole};${part}`));
  return attribute.quote === "" ? `"${style}"` : style;
}

function write({ property, value }: CssDeclaration, quote: string): string {
  if (!/[&"']/.test(value)) return `${property}:${value}`;
  const other = quote === '"' ? "'" : '"';
  const escape = (piece: string) => {
    const plain = piece.replaceAll("&", "&amp;");
    // mail clients are not all able to read a reference inside a style attribute
    if (!plain.includes(other)) return plain.replaceAll(quote, other);
    return plain.replaceAll(quote, quote === '"' ? "&quot;" : "&#39;");
  };
  return `${property}:${mapStatic(value, mapLiquid(value), { start: 0, end: value.length }, escape)}`;
}

/** Many elements share few styles. */
function existingReader(html: string, liquid: LiquidMap): ReadExisting {
  const known = new Map<string, Existing>();
  return (range) => {
    const source = html.slice(range.start, range.end);
    const before = known.get(source);
    if (before) return before;
    const css = maskCss(html, liquid, range);
    // what a condition writes is not there for everybody
    const conditional = liquid
      .within(range.start, range.end)
      .some((span) => span.kind === "tag" && css[span.start - range.start] === " ");
    const read = conditional ? NOTHING : readDeclarations(decodeAttribute(css));
    known.set(source, read);
    return read;
  };
}

function readDeclarations(css: string): Existing {
  const found = new Map<string, { value: string; important: boolean }>();
  try {
    const list = parse(css, { context: "declarationList", parseValue: false });
    for (const node of list.type === "DeclarationList" ? list.children : []) {
      if (node.type !== "Declaration" || node.value.type !== "Raw") continue;
      const important = node.important !== false || found.get(node.property)?.important === true;
      found.set(node.property.toLowerCase(), { value: node.value.value.trim(), important });
    }
  } catch {
    return NOTHING;
  }
  return found;
}
