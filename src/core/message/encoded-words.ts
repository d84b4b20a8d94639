/** Encoded words (RFC 2047): text that is not ASCII, in a header. */
import { type Charset, UTF_8 } from "./charset.ts";
import { toBase64 } from "./base64.ts";

/** RFC 2047 §2: a line that has an encoded word is 76 long at most, the word itself 75. */
const ENCODED_LINE = 76;
/** Less than this beside a long field name: start on a line of its own. */
const WORTHWHILE = 12;

/**
 * The text as encoded words with a blank before each, on a line that has `column` characters already; blanks between encoded
 * words are not part of the text (RFC 2047 §6.2). Base64 or Q, whichever is shorter; no word splits a character (§5).
 */
export function encodedWords(text: string, column: number, charset: Charset): string {
  const whole = charset.encode(text);
  const q = qLength(whole) <= (whole.length * 4) / 3;
  const overhead = `=?${charset.name}?q??=`.length;
  /** Bytes of a word, as they count in its encoding. */
  const capacity = (columns: number) => {
    const payload = columns - 1 - overhead;
    return q ? payload : Math.floor(payload / 4) * 3;
  };
  const beside = capacity(ENCODED_LINE - column);
  const full = capacity(ENCODED_LINE);
  const onOwnLine = beside < WORTHWHILE;
  const first = onOwnLine ? full : beside;
  const words =
    charset === UTF_8 ? cutBytes(whole, first, full, q) : cutText(text, first, full, q ? qLength : byteLength, charset);
  return (onOwnLine ? "\r\n" : "") + words.map((bytes) => ` ${encodedWord(bytes, q, charset)}`).join("\r\n");
}

type SizeOf = (bytes: string) => number;
const byteLength: SizeOf = (bytes) => bytes.length;

/** UTF-8 shows where a character begins: bytes that continue one are 10xxxxxx. */
function cutBytes(bytes: string, first: number, others: number, q: boolean): string[] {
  const words: string[] = [];
  let from = 0;
  let used = 0;
  let room = first;
  for (let i = 0, next; i < bytes.length; i = next) {
    next = i + 1;
    while ((bytes.charCodeAt(next) & 0xc0) === 0x80) next++;
    // Bytes of a character beyond ASCII are all escaped.
    const size = q ? (next - i) * qSize(bytes.charCodeAt(i)) : next - i;
    if (used + size > room) {
      words.push(bytes.slice(from, i));
      from = i;
      used = 0;
      room = others;
    }
    used += size;
  }
  words.push(bytes.slice(from));
  return words;
}

/** Encodes the whole word again with each character: in a charset with states one costs more or less after another. */
function cutText(text: string, first: number, others: number, sizeOf: SizeOf, charset: Charset): string[] {
  const words: string[] = [];
  let word = "";
  let room = first;
  for (const character of text.toWellFormed()) {
    if (sizeOf(charset.encode(word + character)) > room) {
      words.push(charset.encode(word));
      word = "";
      room = others;
    }
    word += character;
  }
  words.push(charset.encode(word));
  return words;
}

function encodedWord(bytes: string, q: boolean, { name }: Charset): string {
  return q ? `=?${name}?q?${encodeQ(bytes)}?=` : `=?${name}?b?${toBase64(bytes)}?=`;
}

/** What Q may leave as it is even inside a phrase (RFC 2047 §5 (3)). */
const Q_SAFE = /[A-Za-z0-9!*+/-]/;
/** What stands for each byte; the blank is an underscore. */
const Q_BYTES = Array.from({ length: 256 }, (_, code) => {
  const byte = String.fromCharCode(code);
  if (byte === " ") return "_";
  return Q_SAFE.test(byte) ? byte : `=${code.toString(16).toUpperCase().padStart(2, "0")}`;
});

function qSize(code: number): number {
  return (Q_BYTES[code] ?? "").length;
}

function qLength(bytes: string): number {
  let length = 0;
  for (let i = 0; i < bytes.length; i++) length += qSize(bytes.charCodeAt(i));
  return length;
}

function encodeQ(bytes: string): string {
  let out = "";
  for (let i = 0; i < bytes.length; i++) out += Q_BYTES[bytes.charCodeAt(i)] ?? "";
  return out;
}
