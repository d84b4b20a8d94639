/** How HTML lies on the page, as far as plain text can show it: which elements stand apart, which are not seen, which rows are data. */
import type { LiquidMap } from "./liquid-map.ts";
import { attributeOf, type StartTag, type Token } from "./tokenise.ts";

const LINES: Readonly<Record<string, number>> = {
  ...Object.fromEntries(
    "address article aside caption center dd div dt fieldset figcaption figure footer form header hr li main nav section tr"
      .split(" ")
      .map((name) => [name, 1]),
  ),
  ...Object.fromEntries("blockquote dl h1 h2 h3 h4 h5 h6 ol p pre table ul".split(" ").map((name) => [name, 2])),
};
const NO_TEXT = /^(?:head|title|style|script|template|svg|math|select|textarea|datalist)$/;
/** A row of data is short. */
const MAX_ROW = 200;

/** Line ends that an element asks for before and behind it; 2 leave an empty line. */
export const linesAround = (name: string): number => (Object.hasOwn(LINES, name) ? (LINES[name] ?? 0) : 0);

/** Preheaders and what only other devices show; a condition on it means that somebody sees it. */
export function isHidden(html: string, liquid: LiquidMap, tag: StartTag): boolean {
  if (NO_TEXT.test(tag.name)) return true;
  const branch = liquid.branchAt(tag.start);
  if (tag.attributes.some(({ name, start }) => name === "hidden" && liquid.branchAt(start) === branch)) return true;
  const style = attributeOf(tag, "style")?.value;
  if (!style || liquid.branchAt(style.start) !== branch) return false;
  if (liquid.within(style.start, style.end).some((span) => span.kind === "tag")) return false;
  const css = html.slice(style.start, style.end).replace(/\s+/g, "").toLowerCase();
  if (/(?:^|;)(?:display:none|visibility:hidden)/.test(css)) return true;
  return /(?:^|;)max-height:0(?:px)?(?:;|!|$)/.test(css) && css.includes("overflow:hidden");
}

/** Rows whose cells are read side by side: several, short, without blocks inside. */
export function dataRows(tokens: readonly Token[]): Set<StartTag> {
  const rows = new Set<StartTag>();
  let row: { tag: StartTag; cells: number; length: number; plain: boolean } | null = null;
  const end = () => {
    if (row && row.plain && row.cells > 1 && row.length <= MAX_ROW) rows.add(row.tag);
    row = null;
  };
  for (const token of tokens) {
    if (token.kind === "start") {
      if (token.name === "tr") {
        end();
        row = { tag: token, cells: 0, length: 0, plain: true };
      } else if (row && (token.name === "td" || token.name === "th")) row.cells++;
      else if (row && (token.name === "br" || linesAround(token.name) > 0)) row.plain = false;
    } else if (token.kind === "end" && (token.name === "tr" || token.name === "table")) end();
    else if (row && token.kind === "text") row.length += token.end - token.start;
  }
  end();
  return rows;
}

/** Tags that open a Liquid block right before a block of HTML, with the line ends that one asks for: they belong before the tag. */
export function blocksAhead(tokens: readonly Token[], html: string): Map<Token, number> {
  const found = new Map<Token, number>();
  let lines = 0;
  for (const token of tokens.toReversed()) {
    if (token.kind === "start") lines = linesAround(token.name);
    else if (token.kind === "end") lines = 0;
    else if (token.kind === "liquid") {
      if (token.span.step === 1 && lines > 0) found.set(token, lines);
      else if (token.span.kind !== "tag" || token.span.step !== null) lines = 0;
    } else if (token.kind === "text" && html.slice(token.start, token.end).trim() !== "") lines = 0;
  }
  return found;
}
