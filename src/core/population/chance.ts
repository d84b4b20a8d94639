/** Chance that comes out alike for the same text, so that an analysis can be repeated. */

/** 0 ≤ x < 1, evenly spread over texts. FNV-1a (draft-eastlake-fnv) with the finish of MurmurHash3, which spreads short texts. */
export function chanceOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return ((hash ^ (hash >>> 16)) >>> 0) / 2 ** 32;
}
