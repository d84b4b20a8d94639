/** All templates of a delivery, read: each as Liquid, the attributes they use, and every error at once. */
import { type SenderDefaults, type SenderWords, wholeSender } from "../../core/delivery/sender.ts";
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
  readonly replyToName: string;
  readonly errorAddress: string | null;
  readonly headers: readonly { readonly name: string; readonly value: string }[];
  /** Names in the order of the settings; null: the file's own. */
  readonly attachmentNames: readonly (string | null)[];
  readonly attributes: readonly UsedInPart[];
  readonly errors: readonly ContentProblem[];
};

/** What the platform says in the place of the delivery is Liquid, whatever the delivery is written in. */
export function readParts(
  { content, sender, settings }: DeliveryContent,
  platform: SenderDefaults,
  blocks: Pick<ReadOptions, "lookupBlock" | "blockNames">,
): ReadParts {
  const errors: ContentProblem[] = [];
  const attributes: UsedInPart[] = [];
  const options = { ...blocks, variables: Object.keys(settings.variables) };
  const read = (part: string, source: string, kind: TemplateKind, syntax = content.syntax): string => {
    const result = readTemplate(source, kind, { ...options, syntax });
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
  const whole = wholeSender(sender, platform);
  const ofSender = (part: string, field: keyof SenderWords): string =>
    read(part, whole[field], "header", sender[field]?.trim() ? content.syntax : "liquid");
  return {
    subject: read("subject", content.subject, "header"),
    html: optional("html", content.html, "html"),
    text: optional("text", content.text, "text"),
    fromName: ofSender("from", "name"),
    fromAddress: ofSender("from", "address"),
    replyTo: ofSender("replyTo", "replyTo") || null,
    replyToName: ofSender("replyTo", "replyToName"),
    errorAddress: ofSender("errorAddress", "errorAddress") || null,
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
