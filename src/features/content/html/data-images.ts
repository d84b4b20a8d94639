/** Takes images out of `data:` URLs, which many mail clients do not show, so that they go along as parts of the message (RFC 2387). */
import { createHash } from "node:crypto";

import { lineTable } from "../../../core/template/line-table.ts";
import { decodeAttribute } from "./entities.ts";
import { type LiquidMap, mapLiquid } from "./liquid-map.ts";
import { applyPatches, type Patch } from "./patch.ts";
import type { Problem } from "./problem.ts";
import { attributeOf, type StartTag, type Token, tokenise } from "./tokenise.ts";

export type DataImage = {
  /** From the bytes: the same image has the same one everywhere. */
  readonly contentId: string;
  readonly contentType: string;
  readonly bytes: Uint8Array;
};

/** RFC 2397, base64 only: other `data:` URLs stay. */
const DATA_IMAGE = /^data:(image\/[a-z0-9.+-]+)(?:;[a-z0-9-]+=[a-z0-9_.-]*)*;base64,/i;

export function embedDataImages(html: string): { html: string; images: DataImage[]; problems: Problem[] } {
  const liquid = mapLiquid(html);
  const place = lineTable(html);
  const images = new Map<string, DataImage>();
  const patches: Patch[] = [];
  const problems: Problem[] = [];
  for (const tag of startTags(html, liquid)) {
    const source = tag.name === "img" ? attributeOf(tag, "src") : undefined;
    if (!source?.value || liquid.within(source.value.start, source.value.end).length > 0) continue;
    const url = decodeAttribute(html.slice(source.value.start, source.value.end)).trim();
    const head = DATA_IMAGE.exec(url.slice(0, 200));
    if (!head) continue;
    const bytes = decodeBase64(url.slice(head[0].length));
    if (!bytes) {
      problems.push({ ...place(source.value.start), message: "this image is not valid base64: it stays as it is" });
      continue;
    }
    const contentId = `image-${createHash("sha256").update(bytes).digest("hex").slice(0, 40)}`;
    images.set(contentId, { contentId, contentType: (head[1] ?? "").toLowerCase(), bytes });
    const text = source.quote === "" ? `"cid:${contentId}"` : `cid:${contentId}`;
    patches.push({ start: source.value.start, end: source.value.end, text });
  }
  return { html: applyPatches(html, patches), images: [...images.values()], problems };
}

/** White space and percent-encoding as browsers accept them; null when anything else is not base64. */
function decodeBase64(text: string): Uint8Array | null {
  const encoded = text.replace(/\s+/g, "").replace(/%(0[9ad]|20|2b|2f|3d)/gi, (_, hex: string) => {
    const char = String.fromCharCode(Number.parseInt(hex, 16));
    return /\s/.test(char) ? "" : char;
  });
  const digits = encoded.replace(/={1,2}$/, "");
  const padded = encoded.length !== digits.length;
  if (digits === "" || digits.length % 4 === 1 || (padded && encoded.length % 4 !== 0)) return null;
  return /^[A-Za-z0-9+/]+$/.test(digits) ? new Uint8Array(Buffer.from(digits, "base64")) : null;
}

/** All start tags, those in conditional comments too. */
export function startTags(html: string, liquid: LiquidMap): StartTag[] {
  const collect = (tokens: readonly Token[]): StartTag[] =>
    tokens.flatMap((token) => {
      if (token.kind === "comment" && token.inner) return collect(tokenise(html, liquid, token.inner));
      return token.kind === "start" ? [token] : [];
    });
  return collect(tokenise(html, liquid));
}
