/**
 * Header fields that are exact at the receiver: encoded words where ASCII does not do (RFC 2047), folded at blanks (RFC 5322
 * §2.2.3) at 78 columns where possible and 998 always, so nothing on the way has a reason to fold them again.
 */
import { codePoints, isAscii, toByteString, utf8Bytes } from "./utf8.ts";

/** `text` is the whole field as it goes on the wire, one character for one byte, CRLF at its end. */
export type HeaderField = { readonly name: string; readonly text: string };

/** RFC 5322 §2.1.1. */
const FOLD_AT = 78;
const MAX_LINE = 998;
/** RFC 2047 §2: a line that has an encoded word is 76 long at most, the word itself 75. */
const ENCODED_LINE = 76;
const WORD_OVERHEAD = "=?utf-8?q??=".length;

/** Controls (C0, DEL, C1) and the Unicode line separators: none may reach a header. */
// oxlint-disable-next-line no-control-regex
const CONTROLS = /[\u0000-\u001f\u007f-\u009f\u2028\u2029]+/g;

/** A header value on one line: controls become one blank, none is left at the ends. */
export function cleanValue(text: string): string {
  return text.replace(CONTROLS, " ").trim();
}

/** A field of free text such as Subject; the value must be clean. */
export function textField(name: string, value: string): HeaderField {
  if (value === "") return { name, text: `${name}:\r\n` };
  const plain = isAscii(value) && !value.includes("=?") && !value.includes("  ");
  if (plain && name.length + 2 + value.length <= FOLD_AT) return { name, text: `${name}: ${value}\r\n` };
  const folded = plain ? fold(name, value, FOLD_AT) : null;
  return { name, text: `${folded ?? `${name}:${encodedWords(value, name.length + 1)}`}\r\n` };
}

/**
 * A field whose words are for programs, such as List-Unsubscribe: folded, never made encoded words; what is not ASCII
 * is percent-encoded as in a URI (RFC 3986 §2.1). Null when a word is too long for a line.
 */
export function rawField(name: string, value: string): HeaderField | null {
  const ascii = toByteString(value).replace(/[\u0080-\u00ff]/g, (byte) => `%${hexByte(byte.charCodeAt(0))}`);
  const folded = fold(name, ascii, MAX_LINE);
  return folded === null ? null : { name, text: `${folded}\r\n` };
}

/** `Name <address>`; the name quoted or encoded when it must be. */
export function mailboxField(name: string, displayName: string, address: string): HeaderField {
  const bytes = toByteString(address);
  if (displayName === "") return { name, text: `${name}: ${bytes}\r\n` };
  const phrase = phraseOf(displayName, name.length + 1);
  const lastLine = phrase.slice(phrase.lastIndexOf("\n") + 1);
  const columns = (phrase.includes("\n") ? 0 : name.length + 1) + lastLine.length + 3 + bytes.length;
  return { name, text: `${name}:${phrase}${columns > FOLD_AT ? "\r\n" : ""} <${bytes}>\r\n` };
}

/** With its leading blank. Atoms as they are, other ASCII quoted (RFC 5322 §3.2.4), the rest encoded. */
function phraseOf(displayName: string, column: number): string {
  const short = column + displayName.length < FOLD_AT - 6;
  if (short && isAscii(displayName) && !displayName.includes("=?") && !displayName.includes("  ")) {
    if (/^[A-Za-z0-9!#$%&'*+/=?^_`{|}~ -]+$/.test(displayName)) return ` ${displayName}`;
    return ` "${displayName.replace(/["\\]/g, "\\$&")}"`;
  }
  return encodedWords(displayName, column);
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

/**
 * The text as encoded words with a blank before each; blanks between encoded words are not part of the text
 * (RFC 2047 §6.2). Base64 or Q, whichever is shorter; no word splits a character (§5).
 */
function encodedWords(text: string, column: number): string {
  const characters = codePoints(text).map(utf8Bytes);
  const qLength = characters.reduce(
    (sum, bytes) => sum + (bytes.length === 1 && isQSafe(bytes[0]) ? 1 : 3 * bytes.length),
    0,
  );
  const bLength = (characters.reduce((sum, bytes) => sum + bytes.length, 0) * 4) / 3;
  const q = qLength <= bLength;
  const sizeOf = (bytes: readonly number[]) =>
    q ? (bytes.length === 1 && isQSafe(bytes[0]) ? 1 : 3 * bytes.length) : bytes.length;
  const capacity = (columns: number) => {
    const payload = columns - 1 - WORD_OVERHEAD;
    return q ? payload : Math.floor(payload / 4) * 3;
  };
  const words: string[] = [];
  let room = capacity(ENCODED_LINE - column);
  // hardly any room beside a long field name: start on a line of its own
  let out = room < 12 ? "\r\n" : "";
  if (room < 12) room = capacity(ENCODED_LINE);
  let word: number[] = [];
  for (const bytes of characters) {
    if (sizeOf(bytes) > room) {
      words.push(encodedWord(word, q));
      word = [];
      room = capacity(ENCODED_LINE);
    }
    word.push(...bytes);
    room -= sizeOf(bytes);
  }
  words.push(encodedWord(word, q));
  out += words.map((encoded) => ` ${encoded}`).join("\r\n");
  return out;
}

function encodedWord(bytes: readonly number[], q: boolean): string {
  return q ? `=?utf-8?q?${bytes.map(qByte).join("")}?=` : `=?utf-8?b?${base64(bytes)}?=`;
}

/** What Q may leave as it is even inside a phrase (RFC 2047 §5 (3)). */
function isQSafe(byte: number | undefined): boolean {
  return byte !== undefined && (byte === 32 || /[A-Za-z0-9!*+/-]/.test(String.fromCharCode(byte)));
}

function qByte(byte: number): string {
  if (byte === 32) return "_";
  return isQSafe(byte) ? String.fromCharCode(byte) : `=${hexByte(byte)}`;
}

function hexByte(byte: number): string {
  return byte.toString(16).toUpperCase().padStart(2, "0");
}

const BASE64 = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

function base64(bytes: readonly number[]): string {
  let out = "";
  for (let i = 0; i < bytes.length; i += 3) {
    const [a = 0, b, c] = bytes.slice(i, i + 3);
    const group = (a << 16) | ((b ?? 0) << 8) | (c ?? 0);
    out += BASE64.charAt(group >> 18) + BASE64.charAt((group >> 12) & 63);
    out += b === undefined ? "=" : BASE64.charAt((group >> 6) & 63);
    out += c === undefined ? "=" : BASE64.charAt(group & 63);
  }
  return out;
}
