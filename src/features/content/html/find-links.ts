/**
 * Finds what can be clicked in HTML and leads to the web: `href` of `a`, `area` and VML shapes, in conditional comments too.
 * Mail, telephone, anchors and everything that only loads (images, styles) is none.
 */
import { lineTable } from "../../../core/template/line-table.ts";
import { decodeAttribute, decodeText } from "./entities.ts";
import { isBalanced, type LiquidMap, mapLiquid, mapStatic } from "./liquid-map.ts";
import type { Place, Problem } from "./problem.ts";
import { type Attribute, attributeOf, type Range, type StartTag, type Token, tokenise } from "./tokenise.ts";

/** `opt-out` and `mirror` are Envoi's own pages of the message, named by their variable and nothing else. */
export type LinkTarget = {
  readonly role: "web" | "opt-out" | "mirror";
  /** Static text as a URL that can be followed; where it is personalised, Liquid with its static pieces decoded. */
  readonly url: string;
  readonly personalised: boolean;
};
export type FoundLink = LinkTarget &
  Place & {
    /** The `href`; `value` is what is between its quotes. */
    readonly attribute: Attribute & { readonly value: Range };
    readonly label: string;
    /** What the author says with attributes of the tag; null without. */
    readonly own: { readonly label: string | null; readonly category: string | null; readonly track: string | null };
  };

export const MAX_LABEL = 200;
const OWN_PAGE = /^\{\{-?\s*message\.(unsubscribe_url|mirror_url)\s*-?\}\}$/;
/** Tags of a label's element are looked through up to here, so that an anchor which never closes costs little. */
const LABEL_TOKENS = 300;

/** In the order of the source. A problem is a link that nobody can follow or that cannot be tracked. */
export function findLinks(html: string): { links: FoundLink[]; problems: Problem[] } {
  const liquid = mapLiquid(html);
  const place = lineTable(html);
  const links: FoundLink[] = [];
  const problems: Problem[] = [];
  const search = (tokens: readonly Token[]) => {
    tokens.forEach((token, index) => {
      if (token.kind === "comment" && token.inner) search(tokenise(html, liquid, token.inner));
      if (token.kind !== "start" || !hasTarget(token.name)) return;
      for (const attribute of targetsOf(token, liquid)) {
        const found = readTarget(html, liquid, attribute.value);
        if (found === null) continue;
        const { start, end } = attribute.value;
        const at = place(end - html.slice(start, end).trimStart().length);
        if (typeof found === "string") problems.push({ ...at, message: found });
        else links.push({ ...found, ...at, attribute, ...labelsOf(html, liquid, tokens, index, token) });
      }
    });
  };
  search(tokenise(html, liquid));
  return { links, problems };
}

const hasTarget = (name: string) => name === "a" || name === "area" || name.startsWith("v:");

/** Browsers take the first `href` of a tag; one in each branch of a condition is the first of its own tag. */
function targetsOf(tag: StartTag, liquid: LiquidMap): (Attribute & { readonly value: Range })[] {
  const seen = new Set<number>();
  return tag.attributes.filter((attribute): attribute is Attribute & { readonly value: Range } => {
    if (attribute.name !== "href" || attribute.value === null) return false;
    const branch = liquid.branchAt(attribute.start);
    if (seen.has(branch)) return false;
    seen.add(branch);
    return true;
  });
}

/** Null: not a link to the web. A text: what keeps it from being one. */
function readTarget(html: string, liquid: LiquidMap, range: Range): LinkTarget | string | null {
  const source = html.slice(range.start, range.end).trim();
  const own = OWN_PAGE.exec(source);
  if (own) return ownPage(own[1] === "mirror_url" ? "mirror" : "opt-out");
  const spans = liquid.within(range.start, range.end);
  if (spans.length === 0) return readStatic(decodeAttribute(source));
  if (spans.some((span) => span.name === "link" || span.name === "tracked")) return null;
  const url = mapStatic(html, liquid, range, decodeUrlPiece).trim().replace(/\{$/, "%7B");
  const startsWithLiquid = spans[0]?.start === range.end - html.slice(range.start, range.end).trimStart().length;
  if (!startsWithLiquid && !/^https?:\/\//i.test(url)) return null;
  if (!isBalanced(spans))
    return "a condition or loop begins inside this link and ends outside: the link is not tracked";
  return { role: "web", url, personalised: true };
}

export const ownPage = (role: "opt-out" | "mirror"): LinkTarget => ({
  role,
  url: role === "mirror" ? "{{ message.mirror_url }}" : "{{ message.unsubscribe_url }}",
  personalised: true,
});

function readStatic(decoded: string): LinkTarget | string | null {
  const url = normaliseUrl(decoded);
  if (!/^https?:/i.test(url)) return null;
  if (!/^https?:\/\//i.test(url) || !URL.canParse(url)) return `"${url.slice(0, 100)}" is not an address on the web`;
  return { role: "web", url, personalised: false };
}

/** As browsers read it (URL Standard §4.4): nothing around it, no tab or line end inside; a space is written out. */
export function normaliseUrl(url: string): string {
  return url
    .replace(/[\t\n\r]+/g, "")
    .trim()
    .replaceAll(" ", "%20");
}

/** What decoding would turn into Liquid is written as a URL writes it. */
export function decodeUrlPiece(piece: string, beforeLiquid: boolean): string {
  const decoded = decodeAttribute(piece, beforeLiquid);
  return decoded === piece ? piece : decoded.replaceAll("{", "%7B");
}

function labelsOf(html: string, liquid: LiquidMap, tokens: readonly Token[], index: number, tag: StartTag) {
  const read = (name: string): string | null => {
    const range = attributeOf(tag, name)?.value;
    return range ? readLabel(html, liquid, range) : null;
  };
  const own = {
    label: read("data-envoi-label") || null,
    category: read("data-envoi-category") || null,
    track: read("data-envoi-track")?.toLowerCase() || null,
  };
  const label = own.label ?? (read("title") || read("alt") || labelInside(html, liquid, tokens, index, tag));
  return { own, label: cutLabel(label) };
}

const readLabel = (html: string, liquid: LiquidMap, range: Range) =>
  tidy(mapStatic(html, liquid, range, decodeAttribute));

const tidy = (text: string) => text.replace(/[\s\u00a0\u200b\u200c\ufeff]+/g, " ").trim();

export function cutLabel(label: string): string {
  return label.length <= MAX_LABEL ? label : label.slice(0, MAX_LABEL).replace(/[\ud800-\udbff]$/, "");
}

/** The alternative text of the first image that has one, else the text up to the end tag. */
function labelInside(html: string, liquid: LiquidMap, tokens: readonly Token[], index: number, tag: StartTag): string {
  if (tag.name === "area") return "";
  let text = "";
  for (const token of tokens.slice(index + 1, index + LABEL_TOKENS)) {
    if ((token.kind === "end" || token.kind === "start") && token.name === tag.name) break;
    if (text.length > 2 * MAX_LABEL) break;
    if (token.kind === "start") {
      const alt = token.name === "img" ? attributeOf(token, "alt")?.value : null;
      const label = alt ? readLabel(html, liquid, alt) : "";
      if (label !== "") return label;
      if (/^(?:br|td|th|tr|p|div|table|center)$/.test(token.name)) text += " ";
    } else if (token.kind === "text") text += decodeText(html.slice(token.start, token.end));
    else if (token.kind === "liquid") text += liquidLabel(html, token);
  }
  return tidy(text);
}

function liquidLabel(html: string, token: Token & { kind: "liquid" }): string {
  if (token.span.kind === "output") return html.slice(token.start, token.end);
  return token.span.step === 0 ? " / " : "";
}
