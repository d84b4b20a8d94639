/** Entries of the global suppression list, as people and files write them. */
import { parseAddress } from "../address/parse-address.ts";
import { toAsciiDomain } from "../address/to-ascii-domain.ts";

export type Suppressed =
  /** SHA-256 of a match key (lower case, domain in ASCII), hexadecimal, lower case. */
  | { readonly kind: "hash"; readonly hash: string }
  | { readonly kind: "address"; readonly matchKey: string }
  | { readonly kind: "domain"; readonly domain: string };

/** Longest entry that is looked at: an address with all that may stand around it. */
const LONGEST = 1000;

/** A hash, an address, or a domain with or without `@`; null for anything else. */
export function readSuppressed(text: string): Suppressed | null {
  const entry = text.trim();
  if (entry === "" || entry.length > LONGEST) return null;
  if (/^[0-9a-f]{64}$/i.test(entry)) return { kind: "hash", hash: entry.toLowerCase() };
  if (entry.indexOf("@") > 0) {
    const address = parseAddress(entry);
    return address.kind === "valid" ? { kind: "address", matchKey: address.matchKey } : null;
  }
  const domain = toAsciiDomain(entry.startsWith("@") ? entry.slice(1) : entry);
  return domain.kind === "valid" ? { kind: "domain", domain: domain.ascii } : null;
}
