/**
 * One mailbox address: RFC 5321 §4.1.2 with the non-ASCII local parts of RFC 6531 §3.3 and internationalised domains.
 * Stricter than the grammar where mail to the result could not leave: a domain needs a dot, address literals are refused.
 * Says what is wrong and where. Display names are for parse-mailbox.ts.
 */
import { toAsciiDomain } from "./to-ascii-domain.ts";

export type ValidAddress = {
  readonly kind: "valid";
  /** As it was written, without the blanks around it. */
  readonly address: string;
  /** What goes into RCPT TO: the same, but a non-ASCII domain as A-labels. */
  readonly envelope: string;
  /** What addresses are compared by: lower case, NFC, ASCII domain. */
  readonly matchKey: string;
  /** ASCII, lower case. */
  readonly domain: string;
  /** The local part is not ASCII: the receiving server must offer SMTPUTF8 (RFC 6531). */
  readonly needsSmtpUtf8: boolean;
};

export type InvalidAddress = {
  readonly kind: "invalid";
  /** Completes the sentence "the address …". */
  readonly reason: string;
  /** Column in the given text, from 1. */
  readonly at: number;
};

export type AddressResult = ValidAddress | { readonly kind: "empty" } | InvalidAddress;

/** RFC 5321 §4.5.3.1.1 and §4.5.3.1.3 (a path of 256 octets has two angle brackets). */
const MAX_LOCAL = 64;
const MAX_ADDRESS = 254;

// oxlint-disable-next-line no-control-regex -- control characters are what it looks for
const FORBIDDEN_ANYWHERE = /[\0\r\n]/;
// oxlint-disable-next-line no-control-regex -- the ASCII range begins with control characters
const ASCII = /^[\0-\x7f]*$/;
/** Blanks, no-break and zero-width characters, direction marks, byte order marks: what copy and paste leaves around. */
const BLANK = /[\t \u00a0\u00ad\u061c\u1680\u180e\u2000-\u200f\u2028-\u202f\u205f-\u2064\u2066-\u206f\u3000\ufeff]/;
/** `Dot-string` is made of these and dots (RFC 5321 §4.1.2, `atext` of RFC 5322 §3.2.3, UTF8-non-ascii). */
const NOT_ATEXT = /[^A-Za-z0-9!#$%&'*+/=?^_`{|}~.\u0080-\u{10ffff}-]|[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Z}]/u;
// oxlint-disable-next-line no-control-regex -- control characters are what it looks for
const NOT_QTEXT = /[\0-\x1f\x7f-\x9f\p{Cf}\p{Cs}\p{Co}\p{Zl}\p{Zp}]/u;
const DOT_STRING = /^[^\s"\\(),:;<>@[\].]+(?:\.[^\s"\\(),:;<>@[\].]+)*$/u;

/** What nearly every address is. So short that no part of it can be too long. */
const PLAIN = /^[A-Za-z0-9_]+(?:[.+-][A-Za-z0-9_]+)*@(?:[A-Za-z0-9]+(?:-[A-Za-z0-9]+)*\.)+[A-Za-z]{2,}$/;
const PLAIN_LENGTH = 63;

export function parseAddress(text: string): AddressResult {
  return text.length <= PLAIN_LENGTH && PLAIN.test(text) ? plainAddress(text) : parseAny(text);
}

function plainAddress(address: string): ValidAddress {
  const matchKey = address.toLowerCase();
  const domain = matchKey.slice(matchKey.indexOf("@") + 1);
  return { kind: "valid", address, envelope: address, matchKey, domain, needsSmtpUtf8: false };
}

function parseAny(text: string): AddressResult {
  const forbidden = FORBIDDEN_ANYWHERE.exec(text);
  if (forbidden) {
    return invalid(forbidden[0] === "\0" ? "has a NUL character" : "has a line break", forbidden.index);
  }
  const start = leadingBlanks(text);
  const address = text.slice(start, withoutTrailingBlanks(text, start));
  if (address === "") return { kind: "empty" };
  // Twice: a U-label may have more UTF-16 units than its A-label has octets.
  if (address.length > 2 * MAX_ADDRESS) return tooLong(start);
  const local = address.startsWith('"') ? quotedLocalPart(address, start) : dotLocalPart(address, start);
  if (local.kind === "invalid") return local;
  const domainText = address.slice(local.text.length + 1);
  const domain = toAsciiDomain(domainText);
  if (domain.kind === "invalid") return invalid(domain.reason, start + local.text.length + 1 + domain.index);
  const envelope = ASCII.test(domainText) ? address : `${local.text}@${domain.ascii}`;
  if (octets(envelope) > MAX_ADDRESS) return tooLong(start);
  return {
    kind: "valid",
    address,
    envelope,
    matchKey: `${comparable(local.text)}@${domain.ascii}`,
    domain: domain.ascii,
    needsSmtpUtf8: !ASCII.test(local.text),
  };
}

type LocalPart = { readonly kind: "local"; readonly text: string } | InvalidAddress;

function dotLocalPart(address: string, offset: number): LocalPart {
  const at = address.indexOf("@");
  const text = at < 0 ? address : address.slice(0, at);
  const bad = NOT_ATEXT.exec(text);
  if (bad) return invalid(describe(bad[0], address), offset + bad.index);
  if (at < 0) return invalid('has no "@"', offset);
  if (at === 0) return invalid('has nothing before the "@"', offset);
  const second = address.indexOf("@", at + 1);
  if (second > 0) return invalid('has more than one "@"', offset + second);
  if (at === address.length - 1) return invalid('has nothing after the "@"', offset + at);
  if (text.startsWith(".")) return invalid("begins with a dot", offset);
  if (text.endsWith(".")) return invalid('has a dot before the "@"', offset + at - 1);
  const dots = text.indexOf("..");
  if (dots >= 0) return invalid("has two dots in a row", offset + dots);
  return checkLength(text, offset);
}

/** `Quoted-string` of RFC 5321 §4.1.2. */
function quotedLocalPart(address: string, offset: number): LocalPart {
  let end = 1;
  while (end < address.length && address[end] !== '"') end += address[end] === "\\" ? 2 : 1;
  if (end >= address.length) return invalid("has a quoted part without its closing quote", offset);
  if (address[end + 1] !== "@") {
    return invalid(address.includes("<") ? NAMED : 'needs an "@" after the closing quote', offset + end);
  }
  const text = address.slice(0, end + 1);
  const bad = NOT_QTEXT.exec(text);
  if (bad) return invalid(describe(bad[0], ""), offset + bad.index);
  if (end === 1) return invalid('has nothing before the "@"', offset);
  return checkLength(text, offset);
}

function checkLength(local: string, offset: number): LocalPart {
  if (octets(local) > MAX_LOCAL) return invalid(`has more than ${MAX_LOCAL} octets before the "@"`, offset);
  return { kind: "local", text: local };
}

const NAMED = "is written with a name or angle brackets; only the address itself belongs here";

function describe(char: string, address: string): string {
  if (/[<>]/.test(char) || address.includes("<")) return NAMED;
  if (char === ":" && /^mailto:/i.test(address)) return "is written as a link; only the address itself belongs here";
  if (/[,;]/.test(char)) return `has ${JSON.stringify(char)}; one address belongs here`;
  if (/\p{Z}/u.test(char)) return "has a blank inside";
  if (/\p{C}/u.test(char)) return "has an invisible or control character";
  return `has ${JSON.stringify(char)} where it is not allowed`;
}

/** Quotes and backslashes that change nothing do not make another mailbox (RFC 5321 §4.1.2). */
function comparable(local: string): string {
  const lower = local.toLowerCase().normalize("NFC");
  if (!lower.startsWith('"')) return lower;
  const bare = lower.slice(1, -1).replace(/\\(.)/gsu, "$1");
  return DOT_STRING.test(bare) ? bare : `"${bare.replace(/["\\]/g, "\\$&")}"`;
}

function leadingBlanks(text: string): number {
  let start = 0;
  while (start < text.length && BLANK.test(text.charAt(start))) start++;
  return start;
}

/** By hand, because `/blank+$/` takes quadratic time on a long run of blanks. */
function withoutTrailingBlanks(text: string, start: number): number {
  let end = text.length;
  while (end > start && BLANK.test(text.charAt(end - 1))) end--;
  return end;
}

/** Length in UTF-8. A surrogate pair is two units and four octets. */
function octets(text: string): number {
  if (ASCII.test(text)) return text.length;
  let count = 0;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (unit < 0x80) count += 1;
    else if (unit < 0x800 || (unit >= 0xd800 && unit <= 0xdfff)) count += 2;
    else count += 3;
  }
  return count;
}

function tooLong(offset: number): InvalidAddress {
  return invalid(`is longer than ${MAX_ADDRESS} octets`, offset);
}

/** `index` counts from 0. */
function invalid(reason: string, index: number): InvalidAddress {
  return { kind: "invalid", reason, at: index + 1 };
}
