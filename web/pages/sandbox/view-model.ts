/** What the sandbox inbox decides: which parts a message has, and how foreign HTML is kept harmless. */
import type { SandboxMessageDetail } from "../../queries.ts";
import { text } from "../../search.ts";

export type SandboxSearch = { recipient?: string | undefined; message?: string | undefined };

export const sandboxSearch = (search: Record<string, unknown>): SandboxSearch => ({
  recipient: text(search["recipient"]),
  message: text(search["message"]),
});

/** The empty return path of bounces is written as on the wire (RFC 5321 §4.5.5). */
export const returnPath = (address: string): string => (address === "" ? "<>" : address);

export const TABS = ["html", "text", "headers", "raw"] as const;
export type Tab = (typeof TABS)[number];

/** HTML where there is some, else text: what the recipient's program would show. */
export const firstTab = (message: SandboxMessageDetail): Tab =>
  message.html !== null && message.html !== "" ? "html" : "text";
