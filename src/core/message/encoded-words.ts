/** Encoded words (RFC 2047): text that is not ASCII, in a header. */
import { type Charset, UTF_8 } from "./charset.ts";
import { toBase64 } from "./base64.ts";
import { codePoints, utf8Bytes } from "./utf8.ts";

/** RFC 2047 §2: a line that has an encoded word is 76 long at most, the word itself 75. */
const ENCODED_LINE = 76;
/** Less than this beside a long field name: start on a line of its own. */
const WORTHWHILE = 12;

/**
 * The text as encoded words with a blank before each, on a line that has `column` characters already; blanks between encoded
 * words are not part of the text (RFC 2047 §6.2). Base64 or Q, whichever is shorter; no word splits a character (§5).
 */
export function encodedWords(text: string, column: number, charset: Charset): string {
  const characters = charset === UTF_8 ? utf8Characters(text) : Array.from(text.toWellFormed());
  const whole = charset === UTF_8 ? characters.join("") : charset.encode(text);
  const q = qLength(whole) <= (whole.length * 4) / 3;
  const encode = charset === UTF_8 ? (word: string) => word : charset.encode;
  const overhead = `=?${charset.name}?q??=`.length;
  const capacity = (columns: number) => {
    const payload = columns - 1 - overhead;
    return q ? payload : Math.floor(payload / 4) * 3;
  };
  let room = capacity(ENCODED_LINE - column);
  const words: string[] = [];
  let out = "";
  if (room < WORTHWHILE) {
    out = "\r\n";
    room = capacity(ENCODED_LINE);
  }
  let word = "";
  let bytes = "";
  for (const character of characters) {
    // the whole word again: in a charset with states a character costs more or less after another
    const longer = charset === UTF_8 ? bytes + character : encode(word + character);
    if ((q ? qLength(longer) : longer.length) <= room) {
      word += character;
      bytes = longer;
      continue;
    }
    words.push(encodedWord(bytes, q, charset));
    word = character;
    bytes = encode(character);
    room = capacity(ENCODED_LINE);
  }
  words.push(encodedWord(bytes, q, charset));
  return out + words.map((encoded) => ` ${encoded}`).join("\r\n");
}

/** The bytes of each character. */
function utf8Characters(text: string): string[] {
  return codePoints(text).map((point) => String.fromCharCode(...utf8Bytes(point)));
}

function encodedWord(bytes: string, q: boolean, { name }: Charset): string {
  return q ? `=?${name}?q?${Array.from(bytes, qByte).join("")}?=` : `=?${name}?b?${toBase64(bytes)}?=`;
}

/** What Q may leave as it is even inside a phrase (RFC 2047 §5 (3)). */
const Q_SAFE = /[A-Za-z0-9!*+/-]/;
const Q_SAFE_OR_BLANK = /[A-Za-z0-9!*+/ -]/g;

function qLength(bytes: string): number {
  return bytes.length * 3 - 2 * (bytes.match(Q_SAFE_OR_BLANK)?.length ?? 0);
}

function qByte(byte: string): string {
  if (byte === " ") return "_";
  return Q_SAFE.test(byte) ? byte : `=${byte.charCodeAt(0).toString(16).toUpperCase().padStart(2, "0")}`;
}
