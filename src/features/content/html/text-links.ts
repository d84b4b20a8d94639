/** Finds bare web addresses in plain text and where they end: punctuation and brackets around them are not theirs. */
import type { LinkTarget } from "./find-links.ts";
import { ownPage } from "./find-links.ts";
import { isBalanced, type LiquidMap, type Span } from "./liquid-map.ts";
import type { Range } from "./tokenise.ts";

export type TextLink = LinkTarget & Range;

const SCHEME = /(?<![a-z0-9])https?:\/\//gi;
const OWN_PAGE = /^\{\{-?\s*message\.(unsubscribe_url|mirror_url)\s*-?\}\}$/;
/** Ends an address: white space, quotes, angle brackets, punctuation of East Asian scripts. */
const STOP = /[\s\p{Cc}<>"`«»“”‘’\u3000-\u303f\uff01\uff08\uff09\uff0c\uff1a\uff1b\uff1f]/u;
const TRAILING = /[.,;:!?'*([{]/;
const PAIRS: Readonly<Record<string, string>> = { ")": "(", "]": "[", "}": "{" };

/** In the order of the source. */
export function findTextLinks(text: string, liquid: LiquidMap): TextLink[] {
  const found: TextLink[] = [];
  const inside = new Set<Span>();
  let from = 0;
  for (const match of text.matchAll(SCHEME)) {
    const start = match.index;
    if (start < from || liquid.at(start)) continue;
    const host = start + match[0].length;
    const end = endOfUrl(text, liquid, host);
    from = end;
    const spans = liquid.within(start, end);
    const url = text.slice(start, end);
    const personalised = spans.length > 0;
    if (end === host || (personalised ? !isBalanced(spans) : !URL.canParse(url))) continue;
    found.push({ role: "web", url, personalised, start, end });
    for (const span of spans) inside.add(span);
  }
  for (const span of liquid.spans) {
    const own = span.kind === "output" && !inside.has(span) ? OWN_PAGE.exec(text.slice(span.start, span.end)) : null;
    if (own)
      found.push({ ...ownPage(own[1] === "mirror_url" ? "mirror" : "opt-out"), start: span.start, end: span.end });
  }
  return found.sort((a, b) => a.start - b.start);
}

function endOfUrl(text: string, liquid: LiquidMap, from: number): number {
  const brackets: string[] = [];
  /** Where each open block of Liquid began: an address does not end inside of one. */
  const blocks: number[] = [];
  let at = from;
  while (at < text.length) {
    const char = text[at] as string;
    const span: Span | null = char === "{" ? liquid.at(at) : null;
    if (span) {
      if (span.step === 1) blocks.push(at);
      else if (span.step !== null && blocks.length === 0) break;
      else if (span.step === -1) blocks.pop();
      at = span.end;
      continue;
    }
    if (STOP.test(char)) break;
    const opening = PAIRS[char];
    if (opening !== undefined && brackets.pop() !== opening) break;
    if (char === "(" || char === "[" || char === "{") brackets.push(char);
    at++;
  }
  let end = blocks[0] ?? at;
  while (end > from && TRAILING.test(text[end - 1] as string) && !liquid.at(end - 1)) end--;
  return end;
}
