/** What a preview is asked for, and what is worth saying about what came back. */
import type { Preview, PreviewInput } from "../../../src/contract/index.ts";

export const PREVIEW_KINDS = ["worst", "recipient", "attributes"] as const;
export type PreviewKind = (typeof PREVIEW_KINDS)[number];

export type Wish =
  | { kind: "ready"; input: PreviewInput }
  /** Nothing has been typed yet. */
  | { kind: "empty" }
  | { kind: "refused"; reason: "not-json" | "not-an-object"; detail: string };

export function wishOf(kind: PreviewKind, address: string, json: string): Wish {
  switch (kind) {
    case "worst":
      return { kind: "ready", input: { worstCases: true } };
    case "recipient":
      return address.trim() === "" ? { kind: "empty" } : { kind: "ready", input: { recipient: address.trim() } };
    case "attributes":
      return json.trim() === "" ? { kind: "empty" } : attributesWish(json);
  }
}

function attributesWish(json: string): Wish {
  let attributes: unknown;
  try {
    attributes = JSON.parse(json);
  } catch (error) {
    return { kind: "refused", reason: "not-json", detail: error instanceof Error ? error.message : "" };
  }
  if (typeof attributes !== "object" || attributes === null || Array.isArray(attributes)) {
    return { kind: "refused", reason: "not-an-object", detail: "" };
  }
  return { kind: "ready", input: { attributes: attributes as Record<string, unknown> } };
}

export const PREVIEW_PARTS = ["html", "text", "headers", "attributes"] as const;
export type PreviewPart = (typeof PREVIEW_PARTS)[number];

/** HTML where there is some: what most people will see. */
export const firstPart = (preview: Preview): PreviewPart => (preview.html === null ? "text" : "html");

/** Gmail cuts the HTML of a message here and hides the rest, the unsubscribe link at its end included. */
const CLIPPED_AT = 102 * 1024;

export const isClipped = (html: string | null): boolean =>
  html !== null && html.length * 3 > CLIPPED_AT && new TextEncoder().encode(html).length > CLIPPED_AT;
