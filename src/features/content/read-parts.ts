/** All templates of a delivery, read: each as Liquid, the attributes they use, and every error at once. */
import type { TemplateKind } from "../../core/template/engine.ts";
import type { UsedAttribute } from "../../core/template/template-variables.ts";
import type { Content, ContentProblem, Sender, Settings } from "../../contract/index.ts";
import { readTemplate, type ReadOptions } from "../blocks/index.ts";

export type DeliveryContent = { readonly content: Content; readonly sender: Sender; readonly settings: Settings };

export type UsedInPart = UsedAttribute & { readonly part: string };

/** Liquid, blocks expanded; of a part that has errors, the empty text. */
export type ReadParts = {
  readonly subject: string;
  readonly html: string | null;
  readonly text: string | null;
  readonly fromName: string;
  readonly fromAddress: string;
  readonly replyTo: string | null;
  readonly errorAddress: string | null;
  readonly headers: readonly { readonly name: string; readonly value: string }[];
  /** Names in the order of the settings; null: the file's own. */
  readonly attachmentNames: readonly (string | null)[];
  readonly attributes: readonly UsedInPart[];
  readonly errors: readonly ContentProblem[];
};

/** `errorAddress` is the delivery's own or the platform's; both may be personalised. */
export function readParts(
  { content, sender, settings }: DeliveryContent,
  errorAddress: string | null,
  blocks: Pick<ReadOptions, "lookupBlock" | "blockNames">,
): ReadParts {
  const errors: ContentProblem[] = [];
  const attributes: UsedInPart[] = [];
  const options = { ...blocks, syntax: content.syntax, variables: Object.keys(settings.variables) };
  const read = (part: string, source: string, kind: TemplateKind): string => {
    const result = readTemplate(source, kind, options);
    if (result.kind === "errors") {
      for (const { block, line, column, message } of result.errors) {
        errors.push({ part: placeOf(part, block), line, column, code: "template", message });
      }
      return "";
    }
    for (const { block, ...attribute } of result.attributes)
      attributes.push({ ...attribute, part: placeOf(part, block) });
    return result.liquid;
  };
  const optional = (part: string, source: string | null | undefined, kind: TemplateKind) =>
    source?.trim() ? read(part, source, kind) : null;
  return {
    subject: read("subject", content.subject, "header"),
    html: optional("html", content.html, "html"),
    text: optional("text", content.text, "text"),
    fromName: read("from", sender.name, "header"),
    fromAddress: read("from", sender.address, "header"),
    replyTo: optional("replyTo", sender.replyTo, "header"),
    errorAddress: optional("errorAddress", errorAddress, "header"),
    headers: settings.headers.map(({ name, value }) => ({ name, value: read(`header:${name}`, value, "header") })),
    attachmentNames: settings.attachments.map(({ name }, index) => optional(`attachment:${index}`, name, "header")),
    attributes,
    errors,
  };
}

/** Line and column count in a block's own source where there is one. */
function placeOf(part: string, block: string | null): string {
  return block === null ? part : `block:${block}`;
}
