/**
 * Reads the `<style>` elements of a source: the rules that can become style attributes, with what decides between them. A rule
 * that only some devices or states meet (media, `:hover`, `::before`) cannot and is left out.
 */
import { type CssNode, type Declaration, parse, type Rule, type Selector } from "css-tree";

import { type ReadSelector, readSelector } from "./css-selector.ts";
import { type LiquidMap, mapStatic, type Span } from "./liquid-map.ts";
import type { Place, Problem } from "./problem.ts";
import { attributeOf, type Range, type StartTag, type Token } from "./tokenise.ts";

export type CssDeclaration = {
  /** Lower case; custom properties as written. */
  readonly property: string;
  /** As the source writes it, Liquid included, on one line. */
  readonly value: string;
  readonly important: boolean;
  /** Of Liquid: what stands in another branch cannot take the declaration over. */
  readonly branch: number;
};
/** One selector of one rule. */
export type CssRule = ReadSelector & {
  /** Place among all rules of the source. */
  readonly order: number;
  readonly declarations: readonly CssDeclaration[];
};
type Reader = {
  readonly html: string;
  readonly liquid: LiquidMap;
  /** The style sheet with Liquid masked, and where it begins. */
  readonly css: string;
  readonly base: number;
  readonly rules: CssRule[];
  readonly report: (offset: number, message: string) => void;
};

/** A value of Liquid conditions inside a declaration is no longer than this. */
const MAX_VALUE = 1000;

/** A problem is a rule or declaration that CSS itself would drop. */
export function readStyles(
  html: string,
  liquid: LiquidMap,
  tokens: readonly Token[],
  place: (offset: number) => Place,
): { rules: CssRule[]; problems: Problem[] } {
  const rules: CssRule[] = [];
  const problems: Problem[] = [];
  const report = (offset: number, message: string) => problems.push({ ...place(offset), message });
  tokens.forEach((token, index) => {
    const tag = tokens[index - 1];
    if (token.kind !== "raw" || token.name !== "style" || tag?.kind !== "start" || !isForEverything(html, tag)) return;
    readSheet({ html, liquid, css: maskCss(html, liquid, token), base: token.start, rules, report });
  });
  return { rules, problems };
}

/** The author's switch, and sheets for something else than screens. */
function isForEverything(html: string, tag: StartTag): boolean {
  const read = (name: string) => {
    const value = attributeOf(tag, name)?.value;
    return value ? html.slice(value.start, value.end).trim().toLowerCase() : "";
  };
  if (attributeOf(tag, "data-embed") || read("data-envoi-inline") === "false") return false;
  return ["", "all", "screen"].includes(read("media")) && ["", "text/css"].includes(read("type"));
}

/** As long as the source: outputs and conditional values become letters, everything else of Liquid becomes white space. */
export function maskCss(source: string, liquid: LiquidMap, range: Range): string {
  const spans = liquid.within(range.start, range.end);
  let out = "";
  let at = range.start;
  for (let index = 0; index < spans.length; index++) {
    const span = spans[index] as Span;
    if (span.end <= at) continue;
    const start = Math.max(span.start, at);
    out += source.slice(at, start);
    const end = Math.min(span.kind === "tag" ? endOfValue(source, spans, index) : span.end, range.end);
    const isValue = span.kind === "output" ? !standsAlone(source, out, end) : end > span.end;
    out += (isValue ? "x" : " ").repeat(end - start);
    at = end;
  }
  return out + source.slice(at, range.end);
}

/** Where a block ends that holds nothing but values (`{% if a %}red{% else %}blue{% endif %}`), else where the tag ends. */
function endOfValue(source: string, spans: readonly Span[], index: number): number {
  const open = spans[index] as Span;
  if (open.step !== 1) return open.end;
  let depth = 1;
  for (let next = index + 1; depth > 0; next++) {
    const span = spans[next];
    if (!span || span.end > open.start + MAX_VALUE) return open.end;
    if (/[{};:@]/.test(source.slice((spans[next - 1] as Span).end, span.start))) return open.end;
    depth += span.step ?? 0;
    if (depth === 0) return span.end;
  }
  return open.end;
}

/** An output between rules or declarations writes whole ones; nothing is known of them. */
function standsAlone(source: string, before: string, end: number): boolean {
  return /(?:^|[{};])\s*$/.test(before.slice(-200)) && /^[ \t]*(?:[\r\n;}]|<\/|$)/.test(source.slice(end, end + 100));
}

function readSheet(reader: Reader): void {
  for (const node of parseCss(reader)) {
    if (node.type !== "Rule" || !node.loc) continue;
    const start = reader.base + node.loc.start.offset;
    if (node.prelude.type === "Raw") {
      if (isStatic(reader, node.prelude)) reader.report(start, "this selector is not CSS: its rule is ignored");
      continue;
    }
    if (!isStatic(reader, node.prelude)) continue;
    const declarations = readDeclarations(reader, node);
    if (declarations.length === 0) continue;
    for (const selector of node.prelude.children) {
      const read = readSelector(selector as Selector);
      if (read) reader.rules.push({ ...read, order: reader.rules.length, declarations });
    }
  }
}

function parseCss(reader: Reader): Iterable<CssNode> {
  try {
    const sheet = parse(reader.css, { positions: true, parseValue: false, parseAtrulePrelude: false });
    return sheet.type === "StyleSheet" ? sheet.children : [];
  } catch (error) {
    reader.report(reader.base, `this style sheet cannot be read: ${error instanceof Error ? error.message : "?"}`);
    return [];
  }
}

const rangeOf = (reader: Reader, node: CssNode): Range => ({
  start: reader.base + (node.loc?.start.offset ?? 0),
  end: reader.base + (node.loc?.end.offset ?? 0),
});

function isStatic(reader: Reader, node: CssNode): boolean {
  const { start, end } = rangeOf(reader, node);
  return reader.liquid.within(start, end).length === 0;
}

function readDeclarations(reader: Reader, rule: Rule): CssDeclaration[] {
  const found: CssDeclaration[] = [];
  for (const node of rule.block.children) {
    if (node.type === "Declaration") {
      const declaration = readDeclaration(reader, node);
      if (declaration) found.push(declaration);
    } else if (node.type === "Raw" && isStatic(reader, node) && /[^\s;]/.test(node.value)) {
      const text = node.value.trim().slice(0, 60);
      reader.report(rangeOf(reader, node).start, `"${text}" is not a declaration of CSS: it is ignored`);
    }
  }
  return found;
}

/** Null: Liquid writes the property, or there is no value. */
function readDeclaration(reader: Reader, node: Declaration): CssDeclaration | null {
  const { html, liquid } = reader;
  const { start } = rangeOf(reader, node);
  if (liquid.within(start, start + node.property.length).length > 0) return null;
  const value = mapStatic(html, liquid, rangeOf(reader, node.value), (piece) => piece.replace(/\s+/g, " ")).trim();
  if (value === "") return null;
  const property = node.property.startsWith("--") ? node.property : node.property.toLowerCase();
  return { property, value, important: node.important !== false, branch: liquid.branchAt(start) };
}
