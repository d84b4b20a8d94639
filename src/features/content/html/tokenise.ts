/**
 * Cuts HTML into tokens that know their place in the source (HTML Living Standard §13.2.5), stepping over Liquid wherever it
 * stands. The tokens cover the source without gaps; nothing is decoded or changed.
 */
import type { LiquidMap, Span } from "./liquid-map.ts";

export type Range = { readonly start: number; readonly end: number };
export type Attribute = Range & {
  /** Lower case. */
  readonly name: string;
  /** Of what is inside the quotes; null without a value. */
  readonly value: Range | null;
  readonly quote: '"' | "'" | "";
};
export type StartTag = Range & {
  readonly kind: "start";
  /** Lower case. */
  readonly name: string;
  readonly attributes: readonly Attribute[];
  readonly selfClosing: boolean;
  /** Where a further attribute can go in: right behind the name. */
  readonly nameEnd: number;
};
export type Token =
  | StartTag
  | (Range & { readonly kind: "end"; readonly name: string })
  /** Character data, references included. */
  | (Range & { readonly kind: "text" })
  /** What `<style>`, `<script>`, `<title>` and their like hold. */
  | (Range & { readonly kind: "raw"; readonly name: string })
  /** Declarations too. `inner`: the HTML inside a conditional comment (`<!--[if mso]> … <![endif]-->`). */
  | (Range & { readonly kind: "comment"; readonly inner: Range | null })
  | (Range & { readonly kind: "liquid"; readonly span: Span });

const RAW_ELEMENTS = /^(?:style|script|title|textarea|xmp|iframe|noembed|noframes)$/;
const CONDITION = /^<!--\s*\[if\b[^\]]*\]\s*>/i;
const END_OF_CONDITION = /<!\s*\[endif\]\s*(?:--)?!?>?$/i;

/** Of the whole source or of a part of it, such as the inside of a conditional comment. */
export function tokenise(source: string, liquid: LiquidMap, range?: Range): Token[] {
  const text = range ? source.slice(0, range.end) : source;
  const tokens: Token[] = [];
  let at = range?.start ?? 0;
  while (at < text.length) {
    const markup = nextMarkup(text, liquid, at, tokens);
    if (markup >= text.length) break;
    const token = readMarkup(text, liquid, markup);
    tokens.push(token);
    at = token.end;
    if (token.kind !== "start" || !RAW_ELEMENTS.test(token.name)) continue;
    const end = findOutside(text, liquid, new RegExp(`</${token.name}(?=[\\s/>]|$)`, "gi"), at)?.index ?? text.length;
    if (end > at) tokens.push({ kind: "raw", name: token.name, start: at, end });
    at = end;
  }
  return tokens;
}

const isLetter = (char: string | undefined) => char !== undefined && /[a-z]/i.test(char);
const isSpace = (char: string | undefined) => char !== undefined && /[ \t\n\f\r]/.test(char);

/** Puts text and Liquid up to the next markup into the tokens; the place of that markup. */
function nextMarkup(text: string, liquid: LiquidMap, from: number, tokens: Token[]): number {
  let at = from;
  const pushText = (end: number) => {
    if (end > at) tokens.push({ kind: "text", start: at, end });
  };
  let search = from;
  for (;;) {
    const open = text.indexOf("<", search);
    const limit = open < 0 ? text.length : open;
    let covered = false;
    for (const span of liquid.within(at, limit)) {
      pushText(span.start);
      tokens.push({ kind: "liquid", span, start: span.start, end: span.end });
      at = span.end;
      covered ||= span.end > limit;
    }
    if (open < 0) {
      pushText(limit);
      return limit;
    }
    const span = covered ? null : liquid.at(open);
    if (span) {
      // only when the range begins inside of it
      search = span.end;
    } else if (covered) search = at;
    else if (isMarkup(text, open)) {
      pushText(open);
      return open;
    } else search = open + 1;
  }
}

function isMarkup(text: string, open: number): boolean {
  const next = text[open + 1];
  if (next === "/") return text[open + 2] !== undefined;
  return next === "!" || next === "?" || isLetter(next);
}

function readMarkup(text: string, liquid: LiquidMap, start: number): Token {
  if (text.startsWith("<!--", start)) return readComment(text, liquid, start);
  if (isLetter(text[start + 1])) {
    // never closed: browsers drop it, here it stays as it is
    return readStartTag(text, liquid, start) ?? { kind: "text", start, end: text.length };
  }
  const end = endOfTag(text, liquid, start);
  if (text[start + 1] !== "/" || !isLetter(text[start + 2])) return { kind: "comment", start, end, inner: null };
  const name = (/^[^\s/>]+/.exec(text.slice(start + 2, Math.min(end, start + 200)))?.[0] ?? "").toLowerCase();
  return { kind: "end", name, start, end };
}

function endOfTag(text: string, liquid: LiquidMap, start: number): number {
  const end = findOutside(text, liquid, />/g, start);
  return end ? end.index + 1 : text.length;
}

function readComment(text: string, liquid: LiquidMap, start: number): Token {
  const short = text.startsWith(">", start + 4) ? 5 : text.startsWith("->", start + 4) ? 6 : 0;
  const found = short > 0 ? null : findOutside(text, liquid, /--!?>/g, start + 4);
  const end = short > 0 ? start + short : found ? found.index + found[0].length : text.length;
  const head = CONDITION.exec(text.slice(start, Math.min(end, start + 300)));
  const tail = head && END_OF_CONDITION.exec(text.slice(Math.max(start, end - 40), end));
  const inner = head && tail ? { start: start + head[0].length, end: end - tail[0].length } : null;
  return { kind: "comment", start, end, inner: inner && inner.start < inner.end ? inner : null };
}

/** The first match that does not begin inside Liquid. */
function findOutside(text: string, liquid: LiquidMap, pattern: RegExp, from: number): RegExpExecArray | null {
  pattern.lastIndex = from;
  for (let match = pattern.exec(text); match; match = pattern.exec(text)) {
    const span = liquid.at(match.index);
    if (!span) return match;
    pattern.lastIndex = span.end;
  }
  return null;
}

function readStartTag(text: string, liquid: LiquidMap, start: number): StartTag | null {
  const nameEnd = skipUntil(text, liquid, start + 1, "/>");
  const name = text.slice(start + 1, nameEnd).toLowerCase();
  const attributes: Attribute[] = [];
  let at = nameEnd;
  for (;;) {
    const span = text[at] === "{" ? liquid.at(at) : null;
    const char = text[at];
    if (char === undefined) return null;
    if (char === ">") break;
    // a tag of Liquid stands between attributes, an output is (part of) one
    if (span && span.kind !== "output") at = span.end;
    else if (isSpace(char) || char === "/") at++;
    else {
      const attribute = readAttribute(text, liquid, at);
      if (!attribute) return null;
      attributes.push(attribute);
      at = attribute.end;
    }
  }
  return { kind: "start", name, start, end: at + 1, attributes, selfClosing: text[at - 1] === "/", nameEnd };
}

function readAttribute(text: string, liquid: LiquidMap, start: number): Attribute | null {
  // an equals sign can be the first letter of a name
  const nameEnd = skipUntil(text, liquid, text[start] === "=" ? start + 1 : start, "/>=");
  const name = text.slice(start, nameEnd).toLowerCase();
  let at = nameEnd;
  while (isSpace(text[at])) at++;
  if (text[at] !== "=") return { name, start, end: nameEnd, value: null, quote: "" };
  at++;
  while (isSpace(text[at])) at++;
  const quote = text[at];
  if (quote === '"' || quote === "'") {
    const close = findOutside(text, liquid, quote === '"' ? /"/g : /'/g, at + 1)?.index;
    if (close === undefined) return null;
    return { name, start, end: close + 1, value: { start: at + 1, end: close }, quote };
  }
  const end = skipUntil(text, liquid, at, ">", true);
  return { name, start, end, value: { start: at, end }, quote: "" };
}

/** Up to white space, the end or one of the letters, over Liquid; `whole`: not past the end of a block that began before. */
function skipUntil(text: string, liquid: LiquidMap, from: number, letters: string, whole = false): number {
  let depth = 0;
  let at = from;
  while (at < text.length) {
    const char = text[at] as string;
    const span = char === "{" ? liquid.at(at) : null;
    if (span) {
      if (whole && depth === 0 && (span.step === 0 || span.step === -1)) return at;
      depth += span.step ?? 0;
      at = span.end;
    } else if (isSpace(char) || letters.includes(char)) return at;
    else at++;
  }
  return Math.min(at, text.length);
}

export const attributeOf = (tag: StartTag, name: string): Attribute | undefined =>
  tag.attributes.find((attribute) => attribute.name === name);
