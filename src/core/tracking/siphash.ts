/**
 * SipHash-2-4 (Aumasson, Bernstein: "SipHash: a fast short-input PRF", 2012): a keyed 64-bit checksum that nobody without the
 * key can make, fast enough for every link of every message. 64-bit words are held as pairs of 32-bit halves.
 */

/** 128 bits: k0 low, k0 high, k1 low, k1 high, each an unsigned 32-bit number (bytes are little-endian). */
export type SipKey = readonly [number, number, number, number];

/** Both halves unsigned. */
export type SipHash = { readonly high: number; readonly low: number };

/** Of the bytes (0 … 255 each). One function and no tables: it runs some twenty times per message. */
export function sipHash([k0l, k0h, k1l, k1h]: SipKey, bytes: readonly number[]): SipHash {
  let v0l = k0l ^ 0x70736575;
  let v0h = k0h ^ 0x736f6d65;
  let v1l = k1l ^ 0x6e646f6d;
  let v1h = k1h ^ 0x646f7261;
  let v2l = k0l ^ 0x6e657261;
  let v2h = k0h ^ 0x6c796765;
  let v3l = k1l ^ 0x79746573;
  let v3h = k1h ^ 0x74656462;
  const length = bytes.length;
  const words = (length >>> 3) + 1;
  // Word by word; the last one holds what is left and the length (§2.2), and after it come four rounds without input.
  for (let word = 0; word <= words; word++) {
    const last = word === words;
    const ml = last ? 0 : halfWord(bytes, word * 8);
    let mh = last ? 0 : halfWord(bytes, word * 8 + 4);
    if (word === words - 1) mh |= (length & 255) << 24;
    if (last) v2l ^= 0xff;
    v3l ^= ml;
    v3h ^= mh;
    for (let round = last ? 4 : 2; round > 0; round--) {
      v0l = (v0l + v1l) | 0;
      v0h = (v0h + v1h + (v0l >>> 0 < v1l >>> 0 ? 1 : 0)) | 0;
      let high = (v1h << 13) | (v1l >>> 19);
      v1l = ((v1l << 13) | (v1h >>> 19)) ^ v0l;
      v1h = high ^ v0h;
      high = v0l;
      v0l = v0h;
      v0h = high;
      v2l = (v2l + v3l) | 0;
      v2h = (v2h + v3h + (v2l >>> 0 < v3l >>> 0 ? 1 : 0)) | 0;
      high = (v3h << 16) | (v3l >>> 16);
      v3l = ((v3l << 16) | (v3h >>> 16)) ^ v2l;
      v3h = high ^ v2h;
      v0l = (v0l + v3l) | 0;
      v0h = (v0h + v3h + (v0l >>> 0 < v3l >>> 0 ? 1 : 0)) | 0;
      high = (v3h << 21) | (v3l >>> 11);
      v3l = ((v3l << 21) | (v3h >>> 11)) ^ v0l;
      v3h = high ^ v0h;
      v2l = (v2l + v1l) | 0;
      v2h = (v2h + v1h + (v2l >>> 0 < v1l >>> 0 ? 1 : 0)) | 0;
      high = (v1h << 17) | (v1l >>> 15);
      v1l = ((v1l << 17) | (v1h >>> 15)) ^ v2l;
      v1h = high ^ v2h;
      high = v2l;
      v2l = v2h;
      v2h = high;
    }
    v0l ^= ml;
    v0h ^= mh;
  }
  return { high: (v0h ^ v1h ^ v2h ^ v3h) >>> 0, low: (v0l ^ v1l ^ v2l ^ v3l) >>> 0 };
}

/** Four bytes from `at` on as a number, little-endian; bytes past the end are zero. */
function halfWord(bytes: readonly number[], at: number): number {
  const end = bytes.length;
  if (at >= end) return 0;
  let half = bytes[at] ?? 0;
  if (at + 1 < end) half |= (bytes[at + 1] ?? 0) << 8;
  if (at + 2 < end) half |= (bytes[at + 2] ?? 0) << 16;
  if (at + 3 < end) half |= (bytes[at + 3] ?? 0) << 24;
  return half;
}
