/**
 * Finds a message inside its copy. Servers put fields of their own in front of what they take (Return-Path and Received, RFC 5321 §4.4;
 * Delivered-To, Authentication-Results, X-…), and some store it with bare line feeds. What begins at one of the first fields and has the
 * expected digest is the message, byte for byte; anything else is not.
 */

/** The header fields that may stand in front of the message, and one more. Bounds the cost of a copy that is not ours. */
export const MAX_STARTS = 100;

const LF = 10;
const CR = 13;
const FROM = [70, 114, 111, 109, 32];
const QUOTE = 62;

/** SHA-256, 32 bytes. */
export type Sha256 = (bytes: Uint8Array) => Uint8Array;

/**
 * How many header fields stand in `text` (line ends CRLF) before what is the message with this digest; null: it is not in there.
 * `guess`: tried first, as one server puts the same in front of all; each other try hashes the whole text.
 */
export function fieldsBeforeOriginal(
  text: Uint8Array,
  digest: Uint8Array,
  sha256: Sha256,
  guess: number,
): number | null {
  const starts = [...fieldStarts(text)];
  const isOriginal = (fields: number) => {
    const start = starts[fields];
    return start !== undefined && sameBytes(sha256(text.subarray(start)), digest);
  };
  if (isOriginal(guess)) return guess;
  const fields = starts.findIndex((_, index) => index !== guess && isOriginal(index));
  return fields < 0 ? null : fields;
}

/** Every bare line feed becomes CRLF. A message of ours has none, so nothing of it is hidden. The same array when there is nothing to do. */
export function withCrlf(bytes: Uint8Array): Uint8Array {
  let bare = 0;
  for (let lf = bytes.indexOf(LF); lf >= 0; lf = bytes.indexOf(LF, lf + 1)) if (bytes[lf - 1] !== CR) bare++;
  if (bare === 0) return bytes;
  const text = new Uint8Array(bytes.length + bare);
  let from = 0;
  let to = 0;
  for (let lf = bytes.indexOf(LF); lf >= 0; lf = bytes.indexOf(LF, lf + 1)) {
    if (bytes[lf - 1] === CR) continue;
    text.set(bytes.subarray(from, lf), to);
    to += lf - from;
    text[to++] = CR;
    from = lf;
  }
  text.set(bytes.subarray(from), to);
  return text;
}

/**
 * Lines like `>From ` without their first `>`: how mailbox files (mboxrd) keep lines that begin with `From ` apart from separators.
 * Other kinds of mailbox files add none; which kind it is only the digest can tell. The same array when there is no such line.
 */
export function withoutFromQuotes(bytes: Uint8Array): Uint8Array {
  const quotes: number[] = [];
  for (let start = 0; start >= 0 && start < bytes.length; ) {
    if (isQuotedFrom(bytes, start)) quotes.push(start);
    const lf = bytes.indexOf(LF, start);
    start = lf < 0 ? -1 : lf + 1;
  }
  if (quotes.length === 0) return bytes;
  const text = new Uint8Array(bytes.length - quotes.length);
  let from = 0;
  for (const [count, quote] of quotes.entries()) {
    text.set(bytes.subarray(from, quote), from - count);
    from = quote + 1;
  }
  text.set(bytes.subarray(from), from - quotes.length);
  return text;
}

/** Where the first header fields begin. */
export function* fieldStarts(text: Uint8Array): Generator<number> {
  let count = 0;
  for (let start = 0; start < text.length && count < MAX_STARTS; ) {
    const byte = text[start];
    if (byte === CR || byte === LF) return;
    // a line that begins with white space goes on with the field before it (RFC 5322 §2.2.3)
    if (byte !== 32 && byte !== 9) {
      count++;
      yield start;
    }
    const lf = text.indexOf(LF, start);
    if (lf < 0) return;
    start = lf + 1;
  }
}

export function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, i) => byte === b[i]);
}

function isQuotedFrom(bytes: Uint8Array, start: number): boolean {
  if (bytes[start] !== QUOTE) return false;
  let at = start;
  while (bytes[at] === QUOTE) at++;
  return FROM.every((byte, i) => bytes[at + i] === byte);
}
