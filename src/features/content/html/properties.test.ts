import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { parseTemplate } from "../../../core/template/parse-template.ts";
import { addHoneypot, addOpenPixel } from "./add-markup.ts";
import { cidReferences } from "./cid-references.ts";
import { embedDataImages } from "./data-images.ts";
import { markup, soundLiquid } from "./fixtures/markup.ts";
import { htmlToText } from "./html-to-text.ts";
import { inlineCss } from "./inline-css.ts";
import { numberLinks } from "./number-links.ts";

/** Whether `whole` is `part` with something added in places. */
function isAddition(part: string, whole: string): boolean {
  let at = 0;
  for (const char of whole) if (char === part[at]) at++;
  return at === part.length;
}

/** Whether the pieces stand in the source in this order, from its beginning to its end. */
function isLeftOf(source: string, pieces: readonly string[]): boolean {
  let at = 0;
  for (const piece of pieces) {
    const found = source.indexOf(piece, at);
    if (found < 0) return false;
    at = found + piece.length;
  }
  return source.startsWith(pieces[0] ?? "") && source.endsWith(pieces.at(-1) ?? "");
}

const codeUnits = (text: string) => text.replace(/[\ud800-\udfff]/g, "?");
const sources = markup.map(codeUnits);
const TRACKED = /"?(?:\{\{ "\{" \}\})?\{% (?:link \d+ %\}|tracked \d+ %\}[\s\S]*?\{% endtracked %\})"?/;
const track = { clicks: true, overrides: [] };

function errorsOf(source: string, kind: "html" | "text") {
  const parsed = parseTemplate(source, { kind, internal: true });
  return parsed.kind === "errors" ? parsed.errors : [];
}

describe("any source", () => {
  it("keeps everything when CSS is inlined, and does not change when that is done again", () => {
    fc.assert(
      fc.property(sources, (html) => {
        const inlined = inlineCss(html).html;
        expect(isAddition(html, inlined)).toBe(true);
        expect(inlineCss(inlined).html).toBe(inlined);
      }),
    );
  });

  it("keeps everything but the links' addresses", () => {
    fc.assert(
      fc.property(sources, sources, (html, text) => {
        const numbered = numberLinks(html, text, track);
        expect(isLeftOf(html, (numbered.html ?? "").split(TRACKED))).toBe(true);
        expect(isLeftOf(text, (numbered.text ?? "").split(TRACKED))).toBe(true);
        expect(numbered.links.map((link) => link.number)).toEqual(numbered.links.map((_, index) => index + 1));
      }),
    );
  });

  it("is what it was when clicks are not counted", () => {
    fc.assert(
      fc.property(sources, sources, (html, text) => {
        const { links, ...parts } = numberLinks(html, text, { clicks: false, overrides: [] });
        expect(parts).toMatchObject({ html, text });
        expect(links.every((link) => link.mode !== "tracked")).toBe(true);
      }),
    );
  });

  it("keeps everything when markup is added", () => {
    fc.assert(
      fc.property(sources, (html) => {
        expect(isAddition(html, addOpenPixel(html))).toBe(true);
        expect(isAddition(html, addHoneypot(html, 3))).toBe(true);
      }),
    );
  });

  it("keeps everything but images' data", () => {
    fc.assert(
      fc.property(sources, (html) => {
        const embedded = embedDataImages(html);
        expect(isLeftOf(html, embedded.html.split(/"?cid:image-[0-9a-f]{40}"?/))).toBe(true);
        for (const { contentId } of embedded.images) {
          expect(cidReferences(embedded.html).map((reference) => reference.contentId)).toContain(contentId);
        }
      }),
    );
  });

  it("stays sound Liquid", () => {
    fc.assert(
      fc.property(soundLiquid, (source) => {
        const isSound = (text: string, kind: "html" | "text") => errorsOf(text, kind).length === 0;
        const images = embedDataImages(inlineCss(source).html).html;
        const numbered = numberLinks(images, source, track);
        expect(numberLinks(numbered.html, numbered.text, track)).toMatchObject({
          html: numbered.html,
          text: numbered.text,
        });
        const html = addOpenPixel(addHoneypot(numbered.html ?? "", 99));
        if (isSound(source, "html")) expect(errorsOf(html, "html")).toEqual([]);
        if (isSound(source, "text")) expect(errorsOf(numbered.text ?? "", "text")).toEqual([]);
      }),
    );
  });

  it("gives a text, which is sound Liquid where the source is", () => {
    fc.assert(
      fc.property(sources, (html) => {
        expect(htmlToText(html)).toMatch(/^$|\S\n$/);
      }),
    );
    fc.assert(
      fc.property(soundLiquid, (html) => {
        if (errorsOf(html, "html").length === 0) expect(errorsOf(htmlToText(html), "text")).toEqual([]);
      }),
    );
  });
});
