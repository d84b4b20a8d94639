/**
 * Addresses as MAIL and RCPT write them (RFC 5321 §4.1.2). What `core/address` calls the envelope form passes unchanged; a
 * bare local part with special characters is quoted. Nothing that could end the command early ever gets through.
 */
import { toByteString } from "../message/utf8.ts";

/** Dot-string or quoted local part, at sign, domain; and nothing that needs a closer look. */
const PLAIN = /^[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]+@[A-Za-z0-9.-]+$/;
const QUOTED = /^"(?:[^"\\]|\\.)*"$/;
const DOT_STRING = /^[^\s"\\(),:;<>@[\]]+$/;
const UNWRITABLE = /\p{Cc}|\p{Cs}/u;

/** `<local@domain>` as bytes, `<>` for the null return path; null when no writing of the address is possible. */
export function formatPath(address: string): string | null {
  if (PLAIN.test(address)) return `<${address}>`;
  if (address === "") return "<>";
  const at = address.lastIndexOf("@");
  const local = address.slice(0, at);
  const domain = address.slice(at + 1);
  if (at < 1 || UNWRITABLE.test(address) || /[\s<>"]/.test(domain) || domain === "") return null;
  return `<${toByteString(quoteLocalPart(local))}@${toByteString(domain)}>`;
}

function quoteLocalPart(local: string): string {
  if (QUOTED.test(local) || DOT_STRING.test(local)) return local;
  return `"${local.replace(/["\\]/g, "\\$&")}"`;
}
