/**
 * Quoted-printable (RFC 2045 §6.7) in pieces that can be put one after another: every piece starts at the beginning of a line
 * and ends at the beginning of the next (by a soft break when it has to), so no piece depends on its neighbours.
 *
 * What comes out is its own DKIM relaxed body (RFC 6376 §3.4.4) and needs no dot-stuffing (RFC 5321 §4.5.2): no two blanks meet,
 * no line ends in a blank or starts with a dot, every line ends in CRLF and has at most 76 columns. A line does not start
 * with `From ` either, which mailbox files would change.
 */
import { utf8Bytes } from "./utf8.ts";

/** Columns before the `=` of a soft break. */
const MAX_COLUMNS = 75;
const SOFT_BREAK = "=\r\n";

const HEX = Array.from({ length: 256 }, (_, byte) => `=${byte.toString(16).toUpperCase().padStart(2, "0")}`);
const hex = (byte: number) => HEX[byte] ?? "";

/** Line ends of any kind become CRLF. Decodes to exactly the text otherwise. */
export function encodePiece(text: string): string {
  if (text === "") return "";
  return isPlainLine(text) ? text + SOFT_BREAK : (encodeShort(text) ?? encodeAny(text, utf8Token));
}

/** As `encodePiece`, of a text whose characters are bytes. */
export function encodeBytes(bytes: string): string {
  if (bytes === "") return "";
  return isPlainLine(bytes) ? bytes + SOFT_BREAK : encodeAny(bytes, hex);
}

/**
 * As `encodePiece`, for the text between slots. Always built anew: a slice of a source with one character beyond latin1 is
 * two bytes a character, and one such piece makes every message it is part of twice as large and slow to hash.
 */
export function encodeStatic(text: string): string {
  return text === "" ? "" : encodeAny(text, utf8Token);
}

/** Bytes that cannot stand for themselves, each of which takes two more. */
export function countEscapes(bytes: string): number {
  // oxlint-disable-next-line no-control-regex -- control characters are what it looks for
  return bytes.match(/[^\n -<>-~]/g)?.length ?? 0;
}

function utf8Token(point: number): string {
  let token = "";
  for (const byte of utf8Bytes(point >= 0xd800 && point <= 0xdfff ? 0xfffd : point)) token += hex(byte);
  return token;
}

/** Short printable ASCII that may stand in a line of its own as it is: nearly every value of a recipient. */
function isPlainLine(text: string): boolean {
  const length = text.length;
  if (length > MAX_COLUMNS) return false;
  let previous = 0;
  for (let i = 0; i < length; i++) {
    const code = text.charCodeAt(i);
    if (code < 32 || code > 126 || code === 61 || (code === 32 && previous === 32)) return false;
    previous = code;
  }
  const first = text.charCodeAt(0);
  return first !== 46 && !(first === 70 && text.startsWith("From "));
}

/** A value such as a name with accents: one line, nothing but what is not ASCII to escape; null for any other. */
function encodeShort(text: string): string | null {
  if (text.length > MAX_COLUMNS || text.startsWith(".") || text.startsWith("From ")) return null;
  let out = "";
  let from = 0;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code < 32 || code === 61 || (code === 32 && text.charCodeAt(i + 1) === 32)) return null;
    if (code < 127) continue;
    const point = text.codePointAt(i) ?? 0;
    out += text.slice(from, i) + utf8Token(point);
    if (point > 0xffff) i++;
    from = i + 1;
  }
  out += text.slice(from);
  return out.length > MAX_COLUMNS ? null : out + SOFT_BREAK;
}

/**
 * `escape` gives what stands for a character beyond ASCII. One loop over the characters: splitting it would scatter the state of
 * the line. Joined at the end, because a string that grew by single characters is a tree that costs its whole length again wherever it
 * becomes part of another.
 */
function encodeAny(text: string, escape: (point: number) => string): string {
  const out: string[] = [];
  let column = 0;
  let afterBlank = false;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code === 13 || code === 10) {
      if (code === 13 && text.charCodeAt(i + 1) === 10) i++;
      out.push("\r\n");
      column = 0;
      afterBlank = false;
      continue;
    }
    let token: string;
    if (code > 126) {
      const point = text.codePointAt(i) ?? 0;
      if (point > 0xffff) i++;
      token = escape(point);
    } else if (code < 32 || code === 61 || (code === 32 && (afterBlank || endsLine(text, i + 1)))) {
      token = hex(code);
    } else {
      token = text.charAt(i);
    }
    if (column + token.length > MAX_COLUMNS) {
      out.push(SOFT_BREAK);
      column = 0;
    }
    if (column === 0 && (code === 46 || (code === 70 && text.startsWith("From ", i)))) token = hex(code);
    out.push(token);
    column += token.length;
    afterBlank = token === " ";
  }
  if (column > 0) out.push(SOFT_BREAK);
  return out.join("");
}

function endsLine(text: string, at: number): boolean {
  const code = text.charCodeAt(at);
  return code === 13 || code === 10;
}

/**
 * The end of a body that stands alone: DKIM drops empty lines at the end of a body, so the last line must not be empty
 * (RFC 6376 §3.4.3); a soft break adds nothing to the decoded text.
 */
export function closeBody(body: string): string {
  return body === "" || body === "\r\n" || body.endsWith("\r\n\r\n") ? body + SOFT_BREAK : body;
}
