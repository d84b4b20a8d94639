/**
 * Gives every link of a message its number and puts the tags in its place that become tracked addresses. The same address has
 * the same number in both parts, so that its clicks are counted together.
 */
import type { Link, LinkMode } from "../../../core/message/manifest.ts";
import { lineTable } from "../../../core/template/line-table.ts";
import { cutLabel, findLinks, type FoundLink, type LinkTarget, normaliseUrl } from "./find-links.ts";
import { mapLiquid } from "./liquid-map.ts";
import { applyPatches, type Patch } from "./patch.ts";
import type { Place, Problem } from "./problem.ts";
import { findTextLinks } from "./text-links.ts";

type LinkOverride = {
  readonly url: string;
  readonly label?: string | undefined;
  readonly category?: string | undefined;
  readonly mode?: LinkMode | undefined;
};
export type LinkOptions = {
  /** False: links stay as they are and are listed only. */
  readonly clicks: boolean;
  /** What is different for single addresses; it wins over the attributes in the source. */
  readonly overrides: readonly LinkOverride[];
};
type Numbered = {
  readonly html: string | null;
  readonly text: string | null;
  /** One for each number, with the place where it first stands. */
  readonly links: Link[];
  /** In the HTML. */
  readonly problems: Problem[];
};
type Own = FoundLink["own"];

const NOTHING_OWN: Own = { label: null, category: null, track: null };
const OWN_MODES: Readonly<Record<string, LinkMode>> = {
  false: "not-tracked",
  true: "tracked",
  "opt-out": "opt-out",
  mirror: "mirror",
};

export function numberLinks(html: string | null, text: string | null, options: LinkOptions): Numbered {
  const table = startTable(options);
  const found = html === null ? { links: [], problems: [] } : findLinks(html);
  const htmlPatches = found.links.flatMap((link): Patch[] => {
    const tag = tagFor(table.number(link, "html", link, link.label, link.own), options);
    if (tag === null) return [];
    const { value, quote } = link.attribute;
    return [{ start: value.start, end: value.end, text: quote === "" ? `"${tag}"` : tag }];
  });
  const textPatches: Patch[] = [];
  if (text !== null) {
    const place = lineTable(text);
    for (const link of findTextLinks(text, mapLiquid(text))) {
      const tag = tagFor(table.number(link, "text", place(link.start), "", NOTHING_OWN), options);
      if (tag === null) continue;
      // a brace before the address would make an output of the tag
      const brace = text[link.start - 1] === "{";
      textPatches.push({
        start: brace ? link.start - 1 : link.start,
        end: link.end,
        text: brace ? `{{ "{" }}${tag}` : tag,
      });
    }
  }
  return {
    html: html === null ? null : applyPatches(html, htmlPatches),
    text: text === null ? null : applyPatches(text, textPatches),
    links: table.links,
    problems: found.problems,
  };
}

/** Null: the link stays as it is written. */
function tagFor(link: Link & { readonly web: boolean }, options: LinkOptions): string | null {
  if (!options.clicks || !link.web || link.mode === "not-tracked") return null;
  return link.personalised ? `{% tracked ${link.number} %}${link.url}{% endtracked %}` : `{% link ${link.number} %}`;
}

function startTable(options: LinkOptions) {
  const overrides = new Map<string, LinkOverride>();
  for (const override of options.overrides.toReversed()) {
    overrides.set(normaliseUrl(override.url), override);
    overrides.set(override.url.trim(), override);
  }
  const known = new Map<string, Link & { readonly web: boolean }>();
  const links: Link[] = [];
  const number = (target: LinkTarget, part: Link["part"], place: Place, label: string, own: Own) => {
    // what the source marks differently is counted apart; a text has no marks and joins the first of its address
    const key = JSON.stringify([target.role, target.url]);
    const marked = JSON.stringify([key, own.label, own.category, own.track]);
    const before = known.get(part === "text" ? key : marked);
    if (before) return before;
    const override = overrides.get(target.url);
    const link: Link = {
      number: links.length + 1,
      url: target.url,
      personalised: target.personalised,
      mode: modeOf(target, override, own, options.clicks),
      label: cutLabel(override?.label ?? (label || target.url)),
      category: override?.category ?? own.category ?? "",
      part,
      line: place.line,
      column: place.column,
    };
    links.push(link);
    const entry = { ...link, web: target.role === "web" };
    known.set(marked, entry);
    if (!known.has(key)) known.set(key, entry);
    return entry;
  };
  return { links, number };
}

function modeOf(target: LinkTarget, override: LinkOverride | undefined, own: Own, clicks: boolean): LinkMode {
  if (target.role !== "web") return target.role;
  if (!clicks) return "not-tracked";
  return override?.mode ?? OWN_MODES[own.track ?? ""] ?? "tracked";
}
