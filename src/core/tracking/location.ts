/**
 * A stored URL as the value of a Location header (RFC 9110 §10.2.2): http or https with a host, in ASCII, without anything
 * that could end the header. What is valid already stays letter for letter, query and fragment included.
 */
import { isAscii, toByteString } from "../message/utf8.ts";

/** As browsers do it (UTS #46); empty when there is no such domain. */
type DomainToAscii = (domain: string) => string;

/** Scheme, authority, the rest. A backslash ends no authority: programs disagree on where such a URL leads. */
const PARTS = /^(https?:\/\/)([^/?#\\]+)(?:([/?#])(.*))?$/is;
const HOST_AND_PORT = /^(\[[0-9a-f:.]+\]|[\w.~\u0080-\uffff-]+)(:\d{0,5})?$/i;

/** Null: no URL to send anybody to. */
export function toLocation(url: string, domainToAscii: DomainToAscii): string | null {
  // What browsers take out of a URL before they read it (WHATWG URL, "basic URL parser").
  const match = PARTS.exec(url.replace(/[\t\n\r]/g, "").trim());
  if (!match) return null;
  const [, scheme = "", authority = "", mark = "", rest = ""] = match;
  const at = authority.lastIndexOf("@");
  const address = HOST_AND_PORT.exec(authority.slice(at + 1));
  const host = toHost(address?.[1] ?? "", domainToAscii);
  if (host === null) return null;
  return scheme + escape(authority.slice(0, at + 1)) + host + (address?.[2] ?? "") + mark + escape(rest);
}

function toHost(host: string, domainToAscii: DomainToAscii): string | null {
  if (isAscii(host)) return host === "" ? null : host;
  const ascii = domainToAscii(host);
  return /^[\w.~-]+$/.test(ascii) ? ascii : null;
}

/** Blanks, controls and everything outside ASCII as the escapes of their UTF-8 bytes (RFC 3987 §3.1). */
function escape(text: string): string {
  return toByteString(text).replace(
    /[^\x21-\x7e]/g,
    (byte) => `%${byte.charCodeAt(0).toString(16).toUpperCase().padStart(2, "0")}`,
  );
}
