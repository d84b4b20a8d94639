/**
 * A stable number from a text, so that an address meets the same fate in every run and on every machine. FNV-1a over UTF-16
 * units, then the finalizer of MurmurHash3 so that similar addresses fall far apart. Not for secrets.
 */

const FNV_OFFSET = 0x811c9dc5;
const FNV_PRIME = 0x01000193;

/** 0 … 2^32 − 1. */
export function hashOf(text: string): number {
  let h = FNV_OFFSET;
  for (let i = 0; i < text.length; i++) h = Math.imul(h ^ text.charCodeAt(i), FNV_PRIME);
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}

/** 0 ≤ n < size, stable for the text. */
export function pick(text: string, size: number): number {
  return Math.floor((hashOf(text) / 2 ** 32) * size);
}
