/**
 * Lines of mail as it comes: ended by LF, CRLF, CR alone or, after a careless relay, CR CR LF. Bytes are held as strings of
 * characters 0 to 255.
 */

/** Runs of CR are bounded: without that a megabyte of them would be looked at again from each of its characters. */
const LINE_END = /\r{0,3}\n|\r/g;

/** Lines end with LF. */
export function withLf(text: string): string {
  return text.includes("\r") ? text.replace(LINE_END, "\n") : text;
}

/** Where the line ends that `from` is in, and where the next begins; both `end` when it is the last. */
export function lineAt(bytes: string, from: number, end: number): { readonly stop: number; readonly next: number } {
  LINE_END.lastIndex = from;
  const found = LINE_END.exec(bytes);
  if (found === null || found.index >= end) return { stop: end, next: end };
  return { stop: found.index, next: Math.min(end, found.index + found[0].length) };
}
