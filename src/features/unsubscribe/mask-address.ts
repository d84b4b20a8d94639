/** An address as its owner recognises it and nobody else can use it: `j•••n@example.com`. */

const SEGMENTS = new Intl.Segmenter("und", { granularity: "grapheme" });
/** From this length on two characters give away little. */
const LONG = 6;

/** The dots are always three: the length is nobody's business either. */
export function maskAddress(address: string): string {
  const at = address.lastIndexOf("@");
  const local = [...SEGMENTS.segment(address.slice(0, at))].map((part) => part.segment);
  const first = local.length > 1 ? local[0] : "";
  const last = local.length >= LONG ? local.at(-1) : "";
  return `${first}•••${last}${address.slice(at)}`;
}
