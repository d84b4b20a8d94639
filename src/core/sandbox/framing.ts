/**
 * Cuts the bytes of an SMTP client into command lines and message content (RFC 5321 §2.3.8, §4.5.2). Only CRLF.CRLF ends content:
 * a bare LF never does, so that nobody smuggles a second message. Holds no bytes; the caller keeps what is not consumed.
 */

const LF = 10;
const CR = 13;
const DOT = 46;

export type LineCut =
  | { readonly kind: "line"; readonly end: number; readonly next: number }
  /** No line end yet: come back with more bytes. */
  | { readonly kind: "more" }
  | { readonly kind: "too-long" };

/** The line that starts at `from`: its text is `from … end`, the next one starts at `next`. Takes a bare LF as a line end too. */
export function cutLine(bytes: Uint8Array, from: number, max: number): LineCut {
  const lf = bytes.indexOf(LF, from);
  if ((lf < 0 ? bytes.length : lf) - from > max) return { kind: "too-long" };
  if (lf < 0) return { kind: "more" };
  return { kind: "line", end: lf > from && bytes[lf - 1] === CR ? lf - 1 : lf, next: lf + 1 };
}

/** The last two bytes of content that were consumed; content starts as if after a line end. */
export type Tail = { before: number; last: number };

export function startContent(): Tail {
  return { before: CR, last: LF };
}

export type ContentCut = {
  /** Pairs of start and end: what belongs to the message, dots unstuffed. */
  readonly ranges: readonly number[];
  /** First byte that was not consumed; less than the length when a dot at the end waits for what follows it. */
  readonly next: number;
  readonly done: boolean;
};

/** Reads content from `from` on. `tail` is changed in place. */
export function cutContent(bytes: Uint8Array, from: number, tail: Tail): ContentCut {
  const ranges: number[] = [];
  const length = bytes.length;
  let start = from;
  const end = (next: number, done: boolean): ContentCut => {
    const stop = done ? next - 3 : next;
    if (stop > start) ranges.push(start, stop);
    const consumed = next - from;
    if (consumed >= 2) tail.before = bytes[next - 2] ?? 0;
    else if (consumed === 1) tail.before = tail.last;
    if (consumed >= 1) tail.last = bytes[next - 1] ?? 0;
    return { ranges, next, done };
  };
  for (let dot = bytes.indexOf(DOT, from); dot >= 0; dot = bytes.indexOf(DOT, dot + 1)) {
    const last = dot > from ? bytes[dot - 1] : tail.last;
    if (last !== LF) continue;
    const before = dot > from + 1 ? bytes[dot - 2] : dot === from + 1 ? tail.last : tail.before;
    if (before !== CR) continue;
    const follower = bytes[dot + 1];
    if (follower === undefined || (follower === CR && dot + 2 >= length)) return end(dot, false);
    if (follower === CR && bytes[dot + 2] === LF) return end(dot + 3, true);
    if (dot > start) ranges.push(start, dot);
    start = dot + 1;
  }
  return end(length, false);
}
