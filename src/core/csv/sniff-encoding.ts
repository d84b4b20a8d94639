/**
 * Which encoding the first bytes of a text file are in, or that they are no text at all. Byte order marks decide; without
 * one, the place of NUL bytes gives UTF-16 away, and what is not valid UTF-8 is Windows-1252, the other thing that
 * spreadsheets write. A text may hold a few control characters: single values are judged by whoever reads the rows.
 */

export type Encoding = "utf-8" | "utf-16le" | "utf-16be" | "windows-1252";

export type EncodingResult =
  | { readonly kind: "text"; readonly encoding: Encoding; readonly bomLength: number }
  /** `offset`: the first byte that no text has. `looksLike`: what it probably is. */
  | { readonly kind: "binary"; readonly offset: number; readonly looksLike: string };

const BOMS: readonly (readonly [Encoding, readonly number[]])[] = [
  ["utf-8", [0xef, 0xbb, 0xbf]],
  ["utf-16le", [0xff, 0xfe]],
  ["utf-16be", [0xfe, 0xff]],
];

const SIGNATURES: readonly (readonly [string, readonly number[]])[] = [
  ["a ZIP archive or an Excel workbook (save it as CSV)", [0x50, 0x4b, 0x03, 0x04]],
  ["an old Excel workbook (save it as CSV)", [0xd0, 0xcf, 0x11, 0xe0]],
  ["a gzip archive (unpack it first)", [0x1f, 0x8b]],
  ["a PDF document", [0x25, 0x50, 0x44, 0x46, 0x2d]],
  ["a PNG image", [0x89, 0x50, 0x4e, 0x47]],
  ["a JPEG image", [0xff, 0xd8, 0xff]],
  ["UTF-32 text (save it as UTF-8)", [0xff, 0xfe, 0x00, 0x00]],
  ["UTF-32 text (save it as UTF-8)", [0x00, 0x00, 0xfe, 0xff]],
];

export function sniffEncoding(bytes: Uint8Array): EncodingResult {
  const signature = SIGNATURES.find(([, magic]) => startsWith(bytes, magic));
  if (signature) return { kind: "binary", offset: 0, looksLike: signature[0] };
  const bom = BOMS.find(([, mark]) => startsWith(bytes, mark));
  if (bom && bom[0] !== "utf-8") return { kind: "text", encoding: bom[0], bomLength: bom[1].length };
  const utf16 = bom ? null : sniffUtf16(bytes);
  if (utf16) return { kind: "text", encoding: utf16, bomLength: 0 };
  const valid = isUtf8(bytes);
  const control = countControls(bytes);
  // Compressed or random bytes have one control in ten and are never UTF-8 for long.
  const limit = valid ? Math.max(8, bytes.length / 10) : Math.max(2, bytes.length / 50);
  if (control.count >= limit) return { kind: "binary", offset: control.first, looksLike: "a binary file" };
  return { kind: "text", encoding: bom || valid ? "utf-8" : "windows-1252", bomLength: bom?.[1].length ?? 0 };
}

function startsWith(bytes: Uint8Array, magic: readonly number[]): boolean {
  return magic.every((byte, i) => bytes[i] === byte);
}

/** Mostly ASCII text in UTF-16 has a NUL in (nearly) every second byte and none between. */
function sniffUtf16(bytes: Uint8Array): Encoding | null {
  const nuls = [0, 0];
  for (let i = 0; i < bytes.length; i++) {
    if (bytes[i] === 0) nuls[i % 2] = (nuls[i % 2] ?? 0) + 1;
  }
  const [even = 0, odd = 0] = nuls;
  const many = bytes.length / 5;
  if (odd >= 2 && odd > many && even < odd / 10) return "utf-16le";
  if (even >= 2 && even > many && odd < even / 10) return "utf-16be";
  return null;
}

/** Controls other than tab, line ends, form feed and the like (0x09–0x0d, 0x1a, 0x1b). */
function countControls(bytes: Uint8Array): { count: number; first: number } {
  let count = 0;
  let first = -1;
  bytes.forEach((byte, i) => {
    const control = byte < 0x09 || (byte > 0x0d && byte < 0x20 && byte !== 0x1a && byte !== 0x1b) || byte === 0x7f;
    if (!control) return;
    if (first < 0) first = i;
    count++;
  });
  return { count, first };
}

/** RFC 3629 §4. A character cut off at the end counts as valid, for these are only the first bytes. */
function isUtf8(bytes: Uint8Array): boolean {
  for (let i = 0; i < bytes.length; ) {
    const lead = bytes[i] ?? 0;
    const length = lead < 0x80 ? 1 : lead < 0xc2 ? 0 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : lead < 0xf5 ? 4 : 0;
    if (length === 0) return false;
    for (let k = 1; k < length && i + k < bytes.length; k++) {
      const byte = bytes[i + k] ?? 0;
      const [low, high] = k === 1 ? secondByteRange(lead) : [0x80, 0xbf];
      if (byte < low || byte > high) return false;
    }
    i += length;
  }
  return true;
}

/** Keeps out overlong forms, surrogates and what lies beyond U+10FFFF. */
function secondByteRange(lead: number): readonly [number, number] {
  if (lead === 0xe0) return [0xa0, 0xbf];
  if (lead === 0xed) return [0x80, 0x9f];
  if (lead === 0xf0) return [0x90, 0xbf];
  if (lead === 0xf4) return [0x80, 0x8f];
  return [0x80, 0xbf];
}
