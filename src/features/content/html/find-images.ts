/** The images that HTML shows, and which of them say nothing to whoever does not see them. */
import { decodeAttribute } from "./entities.ts";
import { startTags } from "./data-images.ts";
import { mapLiquid } from "./liquid-map.ts";
import { attributeOf } from "./tokenise.ts";

export type FoundImage = {
  /** As written, entities decoded; Liquid where it is personalised. */
  readonly url: string;
  /** An empty alternative text is one: the image is decoration. */
  readonly hasAlt: boolean;
};

/** In the order of the source; Envoi's own pixel is none. */
export function findImages(html: string): FoundImage[] {
  const liquid = mapLiquid(html);
  return startTags(html, liquid).flatMap((tag): FoundImage[] => {
    const source = tag.name === "img" ? attributeOf(tag, "src")?.value : undefined;
    if (!source) return [];
    const url = decodeAttribute(html.slice(source.start, source.end)).trim();
    if (url.includes("message.open_url")) return [];
    return [{ url, hasAlt: attributeOf(tag, "alt") !== undefined }];
  });
}
