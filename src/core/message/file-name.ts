/** Content-Disposition of an attachment or embedded image (RFC 2183), its file name in any script (RFC 2231). */
import { isAscii, codePoints, utf8Bytes } from "./utf8.ts";

/** What file systems take. */
const MAX_BYTES = 255;
const MAX_COLUMNS = 76;
/** Of the name for readers that do not know RFC 2231. */
const MAX_FALLBACK = 60;

/** Controls, and what makes a name read from right to left: `exe.fdp` may not pass for `pdf.exe`. */
// oxlint-disable-next-line no-control-regex -- control characters are what it looks for
const INVISIBLE = /[\u0000-\u001f\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]/g;
/** Parts of paths and what Windows does not take in names. */
const FORBIDDEN = /[/\\:*?"<>|]/g;

/**
 * A name that any system can save; the end of a long one is kept, for its extension. Two blanks become one: the name stands in the body
 * of the message, which has to be its own relaxed form.
 */
export function cleanFileName(text: string): string {
  const whole = text.toWellFormed().replace(INVISIBLE, "").replace(FORBIDDEN, "_").replace(/\s+/g, " ");
  const name = whole.trim().replace(/[. ]+$/, "");
  if (name === "") return "attachment";
  return shorten(name, MAX_BYTES, (character) => utf8Bytes(character.codePointAt(0) ?? 0).length);
}

function shorten(name: string, limit: number, sizeOf: (character: string) => number): string {
  const characters = Array.from(name);
  const size = (part: readonly string[]) => part.reduce((sum, character) => sum + sizeOf(character), 0);
  if (size(characters) <= limit) return name;
  const dot = characters.lastIndexOf(".");
  const extension = dot > 0 && characters.length - dot <= 10 ? characters.slice(dot) : [];
  const room = limit - size(extension);
  let used = 0;
  const stem = characters.filter((character) => (used += sizeOf(character)) <= room);
  return [...stem, ...extension].join("");
}

/**
 * The whole field, CRLF at its end. The name must be clean. The whole name comes before its ASCII fallback: of two parameters of one
 * name some readers (Python's `email`) keep the first.
 */
export function dispositionField(disposition: "attachment" | "inline", name: string): string {
  const field = `Content-Disposition: ${disposition};\r\n`;
  if (isAscii(name) && name.length <= MAX_FALLBACK) return `${field} filename="${name}"\r\n`;
  // oxlint-disable-next-line no-control-regex -- the ASCII range begins with control characters
  const fallback = shorten(name.replace(/[^\x00-\x7f]+/gu, "_"), MAX_FALLBACK, () => 1);
  return `${field}${extendedParameter(name)};\r\n filename="${fallback}"\r\n`;
}

/** `filename*=…`, in as many pieces as its length needs (RFC 2231 §3, §4.1); no piece splits a character. */
function extendedParameter(name: string): string {
  const pieces: string[] = [];
  let piece = "utf-8''";
  for (const point of codePoints(name)) {
    const encoded = utf8Bytes(point).map(encodeByte).join("");
    if (" filename*10*=;".length + piece.length + encoded.length > MAX_COLUMNS) {
      pieces.push(piece);
      piece = "";
    }
    piece += encoded;
  }
  pieces.push(piece);
  if (pieces.length === 1) return ` filename*=${pieces[0]}`;
  return pieces.map((text, index) => ` filename*${index}*=${text}`).join(";\r\n");
}

/** `attribute-char` of RFC 2231 §7. */
function encodeByte(byte: number): string {
  const character = String.fromCharCode(byte);
  return /[A-Za-z0-9!#$&+.^_`{|}~-]/.test(character)
    ? character
    : `%${byte.toString(16).toUpperCase().padStart(2, "0")}`;
}
