/** Content, facts and bytes of messages for tests. */
import { codec } from "../../src/adapters/charset/codec.ts";
import { compileContent, type CompiledContent, type ContentSource } from "../../src/core/message/compile-content.ts";
import { composeMessage, type ComposedMessage } from "../../src/core/message/compose-message.ts";
import type { MessageFacts } from "../../src/core/message/message-facts.ts";
import type { MessageUrls } from "../../src/core/tracking/message-urls.ts";

/** Addresses that a reader of a golden file recognises. */
export const URLS: MessageUrls = {
  click: (link, url) => `https://t.example.com/r/${link}${url === null ? "" : `-${encodeURIComponent(url)}`}`,
  open: () => "https://t.example.com/o/open",
  mirror: () => "https://t.example.com/m/mirror",
  unsubscribe: () => "https://t.example.com/u/leave",
  tag: () => "tag12x3",
  unsubscribeTag: () => "tag12x3",
};

export const FACTS: MessageFacts = {
  key: "12-3",
  deliveryId: "7",
  deliveryLabel: "Spring",
  at: Date.UTC(2026, 1, 3, 4, 5, 6),
  recipient: "ann@example.net",
  urls: URLS,
};

/** A small PNG and a PDF of a few bytes, by file id. */
export const FILES: ReadonlyMap<number, string> = new Map([
  [1, "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="],
  [2, Buffer.from("%PDF-1.4\n%%EOF\n".repeat(8)).toString("base64")],
]);

export function compileSample(change: Partial<ContentSource>): CompiledContent {
  const sender = { fromName: "Shop", fromAddress: "news@example.com" };
  const result = compileContent({ subject: "Hello", ...sender, ...change }, { internal: true, codec, files: FILES });
  if (result.kind === "errors") throw new Error(JSON.stringify(result.errors));
  return result.content;
}

export type SampleMessage = ComposedMessage & { readonly wire: string; readonly bytes: Buffer };

export function composeSample(
  content: CompiledContent,
  vars: Readonly<Record<string, unknown>> = {},
  change: Partial<MessageFacts> = {},
): SampleMessage {
  const made = composeMessage(content, vars, { ...FACTS, ...change });
  if (made.kind === "error") throw new Error(JSON.stringify(made));
  const wire = `${made.headers.map((field) => field.text).join("")}\r\n${made.body}`;
  return { ...made, wire, bytes: Buffer.from(wire, "latin1") };
}
