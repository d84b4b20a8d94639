/** How an attribute or a block is written in either syntax, and which ones there are to choose from. */
import type { Content } from "../../src/contract/index.ts";

type Syntax = Content["syntax"];

/** What every message has besides its recipient. */
export const MESSAGE_VARIABLES = [
  "message.date",
  "message.id",
  "message.mirror_url",
  "message.unsubscribe_url",
  "delivery.label",
  "delivery.sender_name",
  "platform.name",
] as const;

export const outputTag = (path: string, syntax: Syntax): string =>
  syntax === "campaign" ? `<%= ${path} %>` : `{{ ${path} }}`;

export const blockTag = (name: string, syntax: Syntax): string =>
  syntax === "campaign" ? `<%@ include view='${name}' %>` : `{% render '${name}' %}`;

/** `email` first, which every recipient has; then what some recipients have, by name. */
export function attributeNames(recipients: readonly { attributes: Record<string, unknown> }[]): string[] {
  const names = new Set(recipients.flatMap(({ attributes }) => Object.keys(attributes)));
  names.delete("email");
  return ["email", ...[...names].toSorted((left, right) => left.localeCompare(right))];
}
