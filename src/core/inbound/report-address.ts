/** Addresses as reports write them (RFC 3464 §2.3.1, RFC 3461 §4, RFC 6533 §3): typed, encoded, quoted, commented. */
import { findAddresses } from "./notices/find-addresses.ts";

/** RFC 5321 §4.5.3.1.3 has 254; rewriting makes them longer. */
const MAX_ADDRESS = 400;

/** `rfc822; <ada@one.example> (Ada)` → `ada@one.example`. Null: it names no mailbox, as `LOCAL; root` or an X.500 name. */
export function readReportAddress(value: string | null | undefined): string | null {
  const given = afterType(value)
    .replace(/^mailto:/i, "")
    .slice(0, 4 * MAX_ADDRESS);
  const bare = /<([^<>]{1,400})>/.exec(given)?.[1] ?? given.replace(/\s{1,10}\([^()]{0,200}\)\s{0,10}$/, "");
  const plain = fromUnicodeText(bare.trim().replace(/^(["'])([^"']{1,400})\1$/, "$2"));
  if (/^IMCEA/i.test(plain)) return fromConnector(plain);
  if (isMailbox(plain)) return plain;
  const [found] = findAddresses(plain);
  return found !== undefined && found.address.length <= MAX_ADDRESS ? found.address : null;
}

/** `rfc822; ada@one.example`, `smtp; 550 no`, `dns; mx.one.example`: what comes after the type. */
export function afterType(value: string | null | undefined): string {
  return (value ?? "").replace(/^\s{0,20}[A-Za-z0-9-]{1,30}[ \t]{0,20};/, "").trim();
}

/**
 * RFC 3461 §4: `ada+2Bshop@one.example` is `ada+shop@one.example`. Only with what must be encoded (`+`, `=`) in it: a tag such as
 * `ada+4217` is none.
 */
export function fromXtext(text: string): string {
  if (!/\+(?:2B|3D)/.test(text)) return text;
  return text.replace(/\+([2-7][0-9A-F])/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
}

/** RFC 6533 §3: `\x{E9}` in addresses of type utf-8. */
function fromUnicodeText(text: string): string {
  return text.replace(/\\x\{([0-9A-Fa-f]{1,6})\}/g, (whole, hex: string) => {
    const code = Number.parseInt(hex, 16);
    return code > 0x20 && code <= 0x10ffff && (code < 0xd800 || code > 0xdfff) ? String.fromCodePoint(code) : whole;
  });
}

/**
 * Exchange wraps addresses of other systems: `IMCEASMTP-ada+40one+2Eexample@two.example`. In the other kinds is no mailbox that mail
 * was sent to.
 */
function fromConnector(text: string): string | null {
  const wrapped = /^IMCEASMTP-([^@\s]{3,400})@/i.exec(text)?.[1];
  if (wrapped === undefined) return null;
  const plain = wrapped.replace(/\+([0-9A-F]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
  return isMailbox(plain) ? plain : null;
}

function isMailbox(text: string): boolean {
  if (text.length > MAX_ADDRESS) return false;
  return (
    /^[^\s@<>()",;:]{1,256}@[^\s@<>()",;:]{1,255}$/u.test(text) || /^"[^"\r\n]{1,128}"@[^\s@<>",;]{1,255}$/.test(text)
  );
}
