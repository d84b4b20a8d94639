/**
 * Bytes as letters: base64url for tokens in URLs, base32 in lower case for tags in addresses (RFC 4648 §5, §6), both without
 * padding. A text is read only when writing its bytes gives the same text: nothing has two spellings.
 */

const BASE64URL = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
const BASE32 = "abcdefghijklmnopqrstuvwxyz234567";

const BASE64URL_VALUES = valuesOf(BASE64URL);
const BASE32_VALUES = valuesOf(BASE32);

/** Of each 12 bits: a token of a personalised link has hundreds of letters, and every message some twenty tokens. */
const BASE64URL_PAIRS = Array.from({ length: 4096 }, (_, n) => `${BASE64URL[n >>> 6]}${BASE64URL[n & 63]}`);

export function toBase64Url(bytes: readonly number[]): string {
  let text = "";
  const whole = bytes.length - (bytes.length % 3);
  for (let i = 0; i < whole; i += 3) {
    const bits = ((bytes[i] ?? 0) << 16) | ((bytes[i + 1] ?? 0) << 8) | (bytes[i + 2] ?? 0);
    text += (BASE64URL_PAIRS[bits >>> 12] ?? "") + (BASE64URL_PAIRS[bits & 4095] ?? "");
  }
  return text + write(bytes.slice(whole), BASE64URL, 6);
}

/** Null when a character is none of the alphabet, the length is impossible or bits beyond the last byte are set. */
export function fromBase64Url(text: string): number[] | null {
  return read(text, BASE64URL_VALUES, 6);
}

export function toBase32(bytes: readonly number[]): string {
  return write(bytes, BASE32, 5);
}

export function fromBase32(text: string): number[] | null {
  return read(text, BASE32_VALUES, 5);
}

function write(bytes: readonly number[], alphabet: string, width: number): string {
  let text = "";
  let bits = 0;
  let value = 0;
  for (const byte of bytes) {
    value = ((value << 8) | byte) & 0xffff;
    bits += 8;
    while (bits >= width) {
      bits -= width;
      text += alphabet[(value >>> bits) & ((1 << width) - 1)];
    }
  }
  if (bits > 0) text += alphabet[(value << (width - bits)) & ((1 << width) - 1)];
  return text;
}

function read(text: string, values: readonly number[], width: number): number[] | null {
  const bytes: number[] = [];
  let bits = 0;
  let value = 0;
  for (let i = 0; i < text.length; i++) {
    const digit = values[text.charCodeAt(i)] ?? -1;
    if (digit < 0) return null;
    value = ((value << width) | digit) & 0xffff;
    bits += width;
    if (bits >= 8) {
      bits -= 8;
      bytes.push((value >>> bits) & 255);
    }
  }
  // What is left is padding: shorter than a letter, and zero.
  return bits < width && (value & ((1 << bits) - 1)) === 0 ? bytes : null;
}

/** The value of each ASCII character, −1 for those that are not in the alphabet. */
function valuesOf(alphabet: string): number[] {
  const values = Array.from({ length: 128 }, () => -1);
  for (let i = 0; i < alphabet.length; i++) values[alphabet.charCodeAt(i)] = i;
  return values;
}
