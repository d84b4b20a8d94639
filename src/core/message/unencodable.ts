/** What a forced charset cannot express of a rendered message: the analysis shows it with examples. */
import { charsetOf, type Codec } from "./charset.ts";
import type { CompiledContent } from "./compiled-content.ts";
import type { RenderedParts } from "./compose-message.ts";

export type Unencodable = {
  readonly part: "subject" | "from" | "html" | "text";
  /** Each once, in the order they come. */
  readonly characters: string;
  /** HTML shows them all the same, as character references; elsewhere readers see question marks. */
  readonly replacedBy: "reference" | "?";
};

/** `codec` as for `compileContent`. */
export function findUnencodable(
  content: CompiledContent,
  codec: Codec | undefined,
  rendered: RenderedParts,
): Unencodable[] {
  const charset = charsetOf(content.charset, codec);
  const parts = { subject: rendered.subject, from: rendered.from.name, html: rendered.html, text: rendered.text };
  return (["subject", "from", "html", "text"] as const).flatMap((part) => {
    const characters = charset?.lost(parts[part] ?? "") ?? "";
    return characters === "" ? [] : [{ part, characters, replacedBy: part === "html" ? ("reference" as const) : "?" }];
  });
}
