/**
 * Header fields that are exact at the receiver: encoded words where ASCII does not do (RFC 2047), folded at blanks (RFC 5322
 * §2.2.3) at 78 columns where possible and 998 always, so nothing on the way has a reason to fold them again.
 */
import { type Charset, UTF_8 } from "./charset.ts";
import { encodedWords } from "./encoded-words.ts";
import { isAscii, toByteString } from "./utf8.ts";

/** `text` is the whole field as it goes on the wire, one character for one byte, CRLF at its end. */
export type HeaderField = { readonly name: string; readonly text: string };

/** RFC 5322 §2.1.1. */
const FOLD_AT = 78;
const MAX_LINE = 998;

/** Controls (C0, DEL, C1) and the Unicode line separators: none may reach a header. */
// oxlint-disable-next-line no-control-regex
const CONTROLS = /[\u0000-\u001f\u007f-\u009f\u2028\u2029]+/g;

/** A header value on one line: controls become one blank, none is left at the ends. */
export function cleanValue(text: string): string {
  return text.replace(CONTROLS, " ").trim();
}

/** A field of free text such as Subject; the value must be clean. */
export function textField(name: string, value: string, charset: Charset = UTF_8): HeaderField {
  if (value === "") return { name, text: `${name}:\r\n` };
  const plain = isAscii(value) && !value.includes("=?") && !value.includes("  ");
  if (plain && name.length + 2 + value.length <= FOLD_AT) return { name, text: `${name}: ${value}\r\n` };
  const folded = plain ? fold(name, value, FOLD_AT) : null;
  return { name, text: `${folded ?? `${name}:${encodedWords(value, name.length + 1, charset)}`}\r\n` };
}

/**
 * A field whose words are for programs, such as List-Unsubscribe: folded, never made encoded words; what is not ASCII
 * is percent-encoded as in a URI (RFC 3986 §2.1). Null when a word is too long for a line.
 */
export function rawField(name: string, value: string): HeaderField | null {
  if (name.length + 2 + value.length <= FOLD_AT && isAscii(value)) return { name, text: `${name}: ${value}\r\n` };
  const ascii = toByteString(value).replace(/[\u0080-\u00ff]/g, (byte) => `%${hexByte(byte.charCodeAt(0))}`);
  const folded = fold(name, ascii, MAX_LINE);
  return folded === null ? null : { name, text: `${folded}\r\n` };
}

/** `Name <address>`; the name quoted or encoded when it must be. */
export function mailboxField(
  name: string,
  displayName: string,
  address: string,
  charset: Charset = UTF_8,
): HeaderField {
  const bytes = toByteString(address);
  if (displayName === "") return { name, text: `${name}: ${bytes}\r\n` };
  const phrase = phraseOf(displayName, name.length + 1, charset);
  const lastLine = phrase.slice(phrase.lastIndexOf("\n") + 1);
  const columns = (phrase.includes("\n") ? 0 : name.length + 1) + lastLine.length + 3 + bytes.length;
  return { name, text: `${name}:${phrase}${columns > FOLD_AT ? "\r\n" : ""} <${bytes}>\r\n` };
}

/** With its leading blank. Atoms as they are, other ASCII quoted (RFC 5322 §3.2.4), the rest encoded. */
function phraseOf(displayName: string, column: number, charset: Charset): string {
  const short = column + displayName.length < FOLD_AT - 6;
  if (short && isAscii(displayName) && !displayName.includes("=?") && !displayName.includes("  ")) {
    if (/^[A-Za-z0-9!#$%&'*+/=?^_`{|}~ -]+$/.test(displayName)) return ` ${displayName}`;
    return ` "${displayName.replace(/["\\]/g, "\\$&")}"`;
  }
  return encodedWords(displayName, column, charset);
}

/** Breaks before a blank wherever a line would pass 78 columns; null when a single word makes a line longer than `limit`. */
function fold(name: string, value: string, limit: number): string | null {
  let out = `${name}:`;
  let column = out.length;
  for (const word of value.split(" ")) {
    // right after the name a break must at least make the word fit
    const worth = column > name.length + 1 || word.length < FOLD_AT;
    if (column + 1 + word.length > FOLD_AT && word !== "" && worth) {
      out += "\r\n";
      column = 0;
    }
    out += ` ${word}`;
    column += 1 + word.length;
    if (column > limit) return null;
  }
  return out;
}

function hexByte(byte: number): string {
  return byte.toString(16).toUpperCase().padStart(2, "0");
}
