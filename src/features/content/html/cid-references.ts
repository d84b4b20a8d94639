/** Finds what the HTML takes from other parts of its message by `cid:` (RFC 2392). */
import { lineTable } from "../../../core/template/line-table.ts";
import { startTags } from "./data-images.ts";
import { decodeAttribute } from "./entities.ts";
import { type LiquidMap, mapLiquid } from "./liquid-map.ts";
import type { Place } from "./problem.ts";
import { type Range, tokenise } from "./tokenise.ts";

export type CidReference = Place & { readonly contentId: string };

const IN_CSS = /url\(\s*["']?\s*cid:([^"')\s]+)/gi;

/** In the order of the source. What Liquid computes is unknown and not listed. */
export function cidReferences(html: string): CidReference[] {
  const liquid = mapLiquid(html);
  const place = lineTable(html);
  const found: (Range & { contentId: string })[] = [];
  for (const tag of startTags(html, liquid)) {
    for (const { name, value } of tag.attributes) {
      if (!value) continue;
      if (name === "style") found.push(...inCss(html, liquid, value));
      else if (name === "src" || name === "background" || name === "poster") {
        const url = decodeAttribute(html.slice(value.start, value.end)).trim();
        if (/^cid:/i.test(url)) found.push({ contentId: decodePercent(url.slice(4)), ...value });
      }
    }
  }
  for (const token of tokenise(html, liquid)) {
    if (token.kind === "raw" && token.name === "style") found.push(...inCss(html, liquid, token));
  }
  return found
    .filter(({ start, end }) => liquid.within(start, end).length === 0)
    .sort((a, b) => a.start - b.start)
    .map(({ contentId, start }) => ({ contentId, ...place(start) }));
}

function inCss(html: string, liquid: LiquidMap, range: Range): (Range & { contentId: string })[] {
  return Array.from(html.slice(range.start, range.end).matchAll(IN_CSS), (match) => {
    const start = range.start + match.index;
    return { contentId: decodePercent(match[1] ?? ""), start, end: start + match[0].length };
  }).filter(({ start }) => !liquid.at(start));
}

function decodePercent(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
