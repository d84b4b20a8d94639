/** Compiles the content of a delivery: the one way from its row to a template, for analysis, sending and previews. */
import { compileContent, type CompiledContent, type ContentError } from "../../core/message/compile-content.ts";
import type { Content, Sender, Settings } from "../../contract/index.ts";

export type DeliveryContent = { readonly content: Content; readonly sender: Sender; readonly settings: Settings };

export type CompiledDelivery =
  | { readonly kind: "compiled"; readonly content: CompiledContent }
  | { readonly kind: "errors"; readonly errors: readonly ContentError[] };

export function compileDelivery({ content, sender, settings }: DeliveryContent): CompiledDelivery {
  return compileContent({
    subject: content.subject,
    ...(content.html === undefined ? {} : { html: content.html }),
    ...(content.text === undefined ? {} : { text: content.text }),
    sender: { name: sender.name, address: sender.address },
    ...(sender.replyTo === undefined ? {} : { replyTo: sender.replyTo }),
    headers: settings.headers,
  });
}

/** Names of the recipient attributes to copy into each message; the address itself is always there as `email`. */
export function snapshotAttributes(content: CompiledContent): string[] {
  return [...new Set(content.attributes.map((attribute) => attribute.name))].filter((name) => name !== "email").sort();
}
