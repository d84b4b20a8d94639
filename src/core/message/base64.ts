/**
 * Base64 (RFC 2045 §6.8) of byte strings, and of bodies in pieces: long static text is encoded once for each of the three places
 * where it can start in a group of three bytes. Lines end where pieces end or after 76 characters. A base64 body is
 * its own DKIM relaxed and simple form: no blanks, no empty line, no dot.
 */

const LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
/** Two letters for each value of twelve bits. */
const PAIRS = Array.from({ length: 4096 }, (_, bits) => LETTERS.charAt(bits >> 6) + LETTERS.charAt(bits & 63));
const LINE = 76;

/** Each character is one byte. */
export function toBase64(bytes: string): string {
  const whole = bytes.length - (bytes.length % 3);
  const out: string[] = [];
  for (let i = 0; i < whole; i += 3) {
    const group = (bytes.charCodeAt(i) << 16) | (bytes.charCodeAt(i + 1) << 8) | bytes.charCodeAt(i + 2);
    out.push(PAIRS[group >> 12] ?? "", PAIRS[group & 4095] ?? "");
  }
  if (bytes.length - whole === 1) out.push(PAIRS[bytes.charCodeAt(whole) << 4] ?? "", "==");
  if (bytes.length - whole === 2) {
    const group = (bytes.charCodeAt(whole) << 16) | (bytes.charCodeAt(whole + 1) << 8);
    out.push(PAIRS[group >> 12] ?? "", LETTERS.charAt((group >> 6) & 63), "=");
  }
  return out.join("");
}

/** Lines of 76 characters, each with CRLF; nothing for nothing. */
export function wrapBase64(base64: string): string {
  const lines: string[] = [];
  for (let at = 0; at < base64.length; at += LINE) lines.push(base64.slice(at, at + LINE), "\r\n");
  return lines.join("");
}

/** A text of at least three bytes, ready for each of the three places. */
export type Segment = {
  readonly bytes: string;
  /** By the number of bytes that complete the group before it: the lines of its whole groups. */
  readonly lines: readonly [string, string, string];
};

/** Shorter texts cost less than their preparation saves. */
export const SEGMENT_LENGTH = 200;

export function prepareSegment(bytes: string): Segment {
  const linesFrom = (head: number) => {
    const groups = Math.floor((bytes.length - head) / 3);
    return wrapBase64(toBase64(bytes.slice(head, head + groups * 3)));
  };
  return { bytes, lines: [linesFrom(0), linesFrom(1), linesFrom(2)] };
}

/** Puts pieces one after another. */
export class Base64Writer {
  #out = "";
  /** Bytes that no line has yet. */
  #pending = "";

  write(bytes: string): void {
    this.#pending += bytes;
  }

  writeSegment({ bytes, lines }: Segment): void {
    const head = (3 - (this.#pending.length % 3)) % 3;
    this.#out += wrapBase64(toBase64(this.#pending + bytes.slice(0, head))) + (lines[head] ?? "");
    this.#pending = bytes.slice(bytes.length - ((bytes.length - head) % 3));
  }

  /** A body may not be empty: DKIM would not know it from one with an empty line (RFC 6376 §3.4.3). */
  end(): string {
    const body = this.#out + wrapBase64(toBase64(this.#pending));
    return body === "" ? wrapBase64(toBase64("\r\n")) : body;
  }
}
