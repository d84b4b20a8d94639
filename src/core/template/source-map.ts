/** Text put together from pieces of other texts, and the way back from a place in it to the place where it came from. */

export type Piece<Origin> = {
  readonly text: string;
  readonly origin: Origin;
  /** Offset in the origin where the text begins. */
  readonly at: number;
  /** The text is copied from there; otherwise all of it stands for that one place. */
  readonly copied: boolean;
};

export type Located<Origin> = { readonly origin: Origin; readonly at: number };

/** The joined text and where each offset of it comes from. */
export function joinPieces<Origin>(pieces: readonly Piece<Origin>[]): {
  text: string;
  locate: (offset: number) => Located<Origin> | null;
} {
  const filled = pieces.filter((piece) => piece.text !== "");
  const starts: number[] = [];
  let length = 0;
  for (const { text } of filled) {
    starts.push(length);
    length += text.length;
  }
  const locate = (offset: number) => {
    let low = 0;
    let high = starts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((starts[middle] ?? 0) <= offset) low = middle;
      else high = middle - 1;
    }
    const piece = filled[low];
    if (piece === undefined) return null;
    const inside = Math.min(Math.max(offset - (starts[low] ?? 0), 0), piece.text.length);
    return { origin: piece.origin, at: piece.copied ? piece.at + inside : piece.at };
  };
  return { text: filled.map((piece) => piece.text).join(""), locate };
}
