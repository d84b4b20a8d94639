/**
 * Compiles MJML to HTML. Liquid goes through unseen: the compiler gets names in its place, and what stands between elements is
 * wrapped as raw content. No file is ever read.
 */
import { lineTable } from "../../../core/template/line-table.ts";
import { type LiquidMap, mapLiquid, type Span } from "./liquid-map.ts";
import { applyPatches, type Patch } from "./patch.ts";
import type { Place, Problem } from "./problem.ts";
import { type StartTag, type Token, tokenise } from "./tokenise.ts";

/** Elements whose inside is HTML, CSS or text; all others hold elements of MJML and nothing else. */
const HOLDS_HTML =
  /^mj-(?:accordion-text|accordion-title|button|navbar-link|preview|raw|social-element|style|table|text|title)$/;
/** Elements in which raw content has a place. */
const HOLDS_RAW =
  /^(?:mjml|mj-(?:accordion|accordion-element|body|column|group|head|hero|navbar|section|social|wrapper))$/;

export type CompiledMjml =
  | { readonly kind: "html"; readonly html: string }
  | { readonly kind: "errors"; readonly errors: readonly Problem[] };

/** Whether the source is MJML and not HTML. */
export function isMjml(source: string): boolean {
  const first = tokenise(source, mapLiquid(source)).find((token) => token.kind === "start");
  return first?.kind === "start" && first.name === "mjml";
}

/** Never rejects. Errors have their place in the source. */
export async function compileMjml(source: string): Promise<CompiledMjml> {
  const liquid = mapLiquid(source);
  const tokens = tokenise(source, liquid);
  const place = lineTable(source);
  const { wrapped, outside, errors } = readStructure(source, liquid, tokens);
  if (errors.length > 0) {
    return { kind: "errors", errors: errors.map(({ offset, message }) => ({ ...place(offset), message })) };
  }
  const mask = maskLiquid(source, liquid, wrapped, outside);
  // the compiler takes a while to load: only those who need it wait for it
  const { default: compile } = await import("mjml");
  try {
    const result = await compile(mask.masked, { validationLevel: "soft", ignoreIncludes: true });
    // nobody knows before the message is rendered whether what Liquid writes is a colour
    const found = result.errors.filter((error) => !error.message.includes(mask.prefix));
    if (found.length === 0) return { kind: "html", html: mask.restore(result.html) };
    const locate = locator(mask, tokens, place);
    return { kind: "errors", errors: found.map(({ line, tagName, message }) => locate(line, tagName, message)) };
  } catch (error) {
    const message = error instanceof Error ? error.message : "the MJML cannot be compiled";
    return { kind: "errors", errors: [{ line: 1, column: 1, message }] };
  }
}

type Structure = {
  /** Liquid between elements. */
  readonly wrapped: Set<Span>;
  /** Liquid around the whole. */
  readonly outside: { readonly before: Span[]; readonly after: Span[] };
  readonly errors: { readonly offset: number; readonly message: string }[];
};

/** What the compiler lets pass without a word: files, elements that do not close, text and Liquid in places where it gets lost. */
function readStructure(source: string, liquid: LiquidMap, tokens: readonly Token[]): Structure {
  const found: Structure = { wrapped: new Set(), outside: { before: [], after: [] }, errors: [] };
  const report = (offset: number, message: string) => found.errors.push({ offset, message });
  const open: StartTag[] = [];
  let begun = false;
  for (const token of tokens) {
    const inside = open.at(-1);
    if (inside && HOLDS_HTML.test(inside.name)) {
      if (token.kind === "end" && token.name === inside.name) open.pop();
      continue;
    }
    if (token.kind === "start" && /^mj(?:ml$|-)/.test(token.name)) {
      if (token.name === "mj-include") report(token.start, "mj-include reads files, which is not possible here");
      checkAttributes(liquid, token, report);
      if (!token.selfClosing) open.push(token);
      begun = true;
    } else if (token.kind === "end" && /^mj(?:ml$|-)/.test(token.name)) {
      const at = open.findLastIndex(({ name }) => name === token.name);
      if (at < 0) report(token.start, `</${token.name}> closes nothing`);
      else if (inside && at < open.length - 1) report(inside.start, `<${inside.name}> is not closed`);
      if (at >= 0) open.length = at;
    } else if (
      token.kind === "text" &&
      inside &&
      HOLDS_RAW.test(inside.name) &&
      source.slice(token.start, token.end).trim() !== ""
    ) {
      report(token.start, `text in <${inside.name}> is not shown: it belongs into <mj-text>`);
    } else if (token.kind === "liquid") {
      if (!inside) (begun ? found.outside.after : found.outside.before).push(token.span);
      else if (HOLDS_RAW.test(inside.name)) found.wrapped.add(token.span);
      else report(token.start, `Liquid between elements is not possible in <${inside.name}>`);
    }
  }
  const unclosed = open.at(-1);
  if (unclosed && found.errors.length === 0) report(unclosed.start, `<${unclosed.name}> is not closed`);
  return found;
}

function checkAttributes(liquid: LiquidMap, tag: StartTag, report: (offset: number, message: string) => void): void {
  for (const span of liquid.within(tag.start, tag.end)) {
    const { start } = span;
    if (tag.attributes.some(({ value }) => value && value.start <= start && start < value.end)) continue;
    report(start, `Liquid in the tag <${tag.name}> is only possible in the value of an attribute`);
  }
}

type Mask = {
  readonly masked: string;
  /** What all the names that stand for Liquid begin with. */
  readonly prefix: string;
  readonly patches: readonly Patch[];
  readonly restore: (html: string) => string;
};

function maskLiquid(source: string, liquid: LiquidMap, wrapped: Set<Span>, outside: Structure["outside"]): Mask {
  let prefix = "lqd";
  while (source.includes(prefix)) prefix += "q";
  const around = new Set([...outside.before, ...outside.after]);
  const patches = liquid.spans.map((span, index): Patch => {
    const name = `${prefix}${index}z`;
    const text = around.has(span) ? "" : wrapped.has(span) ? `<mj-raw>${name}</mj-raw>` : name;
    return { start: span.start, end: span.end, text };
  });
  const write = (spans: readonly (Span | undefined)[]) =>
    spans.map((span) => (span ? source.slice(span.start, span.end) : "")).join("");
  const restore = (html: string) =>
    write(outside.before) +
    html.replace(new RegExp(`${prefix}(\\d+)z`, "g"), (_, index: string) => write([liquid.spans[Number(index)]])) +
    write(outside.after);
  return { masked: applyPatches(source, patches), prefix, patches, restore };
}

/** The compiler knows the line in what it was given and the name of the element. */
function locator(mask: Mask, tokens: readonly Token[], place: (offset: number) => Place) {
  return (maskedLine: number, tagName: string, message: string): Problem => {
    let offset = 0;
    for (let line = 1; line < maskedLine; line++) offset = mask.masked.indexOf("\n", offset) + 1;
    let shift = 0;
    for (const { start, end, text } of mask.patches) {
      if (start + shift >= offset) break;
      shift += text.length - (end - start);
    }
    const { line } = place(offset - shift);
    const tag = tokens.find((token) => {
      return token.kind === "start" && token.name === tagName && place(token.start).line === line;
    });
    return tag ? { ...place(tag.start), message } : { line, column: 1, message };
  };
}
