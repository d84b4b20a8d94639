/**
 * Headers that mail to many has by convention. Each gives way to one of the same name that the operator wrote.
 *
 * - `List-Unsubscribe` (RFC 2369 §3.2) and `List-Unsubscribe-Post` (RFC 8058 §3.1).
 * - `Feedback-ID`: complaint rates by delivery, kind and sender in Gmail's Postmaster Tools; the third field finds the message.
 * - `Precedence: bulk` on mail that one can unsubscribe from: not standard, but what vacation programs look for (RFC 3834 §2).
 * - `Auto-Submitted: auto-generated` (RFC 3834 §5) on service mail, which a program sends for an event. Not on campaigns: a person
 *   wrote and sent those.
 */
import { type HeaderField, rawField } from "./header-field.ts";
import { withTag } from "./return-path.ts";
import { toByteString } from "./utf8.ts";

export type HeaderConventions = {
  /** Mail that one can unsubscribe from; else service mail. */
  readonly bulk: boolean;
  /** ASCII; null for none. */
  readonly unsubscribeMailbox: string | null;
  /** Names of the operator's own headers, in lower case. */
  readonly replaced: ReadonlySet<string>;
};

export type ConventionFacts = {
  readonly deliveryId: string;
  readonly tag: string;
  /** Of the sender address. */
  readonly domain: string;
  readonly unsubscribeUrl: () => string;
  readonly unsubscribeTag: () => string;
};

export function conventionalHeaders({ bulk, unsubscribeMailbox, replaced }: HeaderConventions, facts: ConventionFacts) {
  const fields: HeaderField[] = [];
  const add = (name: string, value: string) => {
    const field = replaced.has(name.toLowerCase()) ? null : rawField(name, value);
    if (field !== null) fields.push(field);
  };
  // the operator's own List-Unsubscribe may not understand a one-click POST
  if (bulk && !replaced.has("list-unsubscribe")) {
    const mailto =
      unsubscribeMailbox === null ? "" : `, <${mailtoUrl(withTag(unsubscribeMailbox, facts.unsubscribeTag()))}>`;
    add("List-Unsubscribe", `<${facts.unsubscribeUrl()}>${mailto}`);
    add("List-Unsubscribe-Post", "List-Unsubscribe=One-Click");
  }
  add("Feedback-ID", `${facts.deliveryId}:${bulk ? "bulk" : "service"}:${facts.tag}:${senderId(facts.domain)}`);
  if (bulk) add("Precedence", "bulk");
  else add("Auto-Submitted", "auto-generated");
  return fields;
}

/** RFC 6068 §2. */
function mailtoUrl(address: string): string {
  const at = address.lastIndexOf("@");
  const local = toByteString(address.slice(0, at)).replace(
    /[^A-Za-z0-9!$'*+._~-]/g,
    (byte) => `%${byte.charCodeAt(0).toString(16).toUpperCase().padStart(2, "0")}`,
  );
  return `mailto:${local}${address.slice(at)}?subject=unsubscribe`;
}

const SENDER_ID_LENGTH = { min: 5, max: 15 };

/** Gmail wants 5 to 15 characters that stay the same for all mail of a sender: the domain, or as much of it as fits and a checksum. */
function senderId(domain: string): string {
  if (domain.length >= SENDER_ID_LENGTH.min && domain.length <= SENDER_ID_LENGTH.max) return domain;
  const sum = checksum(domain);
  return `${domain.slice(0, SENDER_ID_LENGTH.max - sum.length - 1)}-${sum}`;
}

/** FNV-1a of 32 bits, in base 36. */
function checksum(text: string): string {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return (hash >>> 0).toString(36).padStart(7, "0");
}
