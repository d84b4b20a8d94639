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

/**
 * A mail's HTML for an iframe with an empty `sandbox` attribute: no scripts there anyway; the policy also keeps it from
 * loading anything from elsewhere, so that looking at a message tells nobody. It stands first: later ones can only add to it.
 */
export const harmless = (html: string): string =>
  `<meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src data: cid:; style-src 'unsafe-inline'"><meta name="color-scheme" content="light"><base target="_blank">${html}`;
