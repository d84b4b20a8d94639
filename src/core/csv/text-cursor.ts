/**
 * The text that the CSV parser looks at: what is left of earlier pieces and the newest one. Finds line ends, quotes and
 * delimiters; remembers where the next of each is, so that a row without quotes costs no search for one.
 */

export class TextCursor {
  /** No more pieces come. */
  final = false;
  /** Where the current row begins. */
  start = 0;
  private buffer = "";
  private readonly quote = new Next('"');
  private readonly lf = new Next("\n");
  private readonly cr = new Next("\r");
  private readonly delimiter: Next;

  constructor(delimiter: string) {
    this.delimiter = new Next(delimiter);
  }

  get length(): number {
    return this.buffer.length;
  }

  /** Adds a piece and forgets what lies before the current row; returns how much that was. */
  append(piece: string): number {
    const dropped = this.start;
    this.buffer = this.buffer.slice(dropped) + piece;
    this.start = 0;
    for (const next of [this.quote, this.lf, this.cr, this.delimiter]) next.shift(dropped);
    return dropped;
  }

  /** The character, or "" behind the end. */
  at(index: number): string {
    return this.buffer.charAt(index);
  }

  slice(from: number, to: number): string {
    return this.buffer.slice(from, to);
  }

  /** Where the line that holds `from` ends; null when that is not known yet. CR at the very end may be half of CRLF. */
  lineEnd(from: number): number | null {
    const end = Math.min(this.lf.find(this.buffer, from), this.cr.find(this.buffer, from));
    if (this.final) return end;
    if (end === this.buffer.length || (end + 1 === this.buffer.length && this.at(end) === "\r")) return null;
    return end;
  }

  hasQuoteBefore(end: number): boolean {
    return this.quote.find(this.buffer, this.start) < end;
  }

  /** The next delimiter, or the length. */
  delimiterFrom(from: number): number {
    return this.delimiter.find(this.buffer, from);
  }

  /** The quote from `from` on that is not the first of a pair. `none`: nothing before `at` is. */
  closingQuote(from: number): { readonly kind: "quote" | "none"; readonly at: number } {
    let at = this.buffer.indexOf('"', from);
    while (at >= 0 && this.at(at + 1) === '"') at = this.buffer.indexOf('"', at + 2);
    if (at < 0) return { kind: "none", at: this.buffer.length };
    // The last character seen so far may be the first of a pair.
    return { kind: at + 1 === this.buffer.length && !this.final ? "none" : "quote", at };
  }

  /** Lines in a row that ends at `to`. */
  countLines(from: number, to: number): number {
    return 1 + (this.buffer.slice(from, to).match(/\r\n|\r|\n/g)?.length ?? 0);
  }

  /** The next row begins after the line end at `end`. */
  startAfter(end: number): void {
    const crlf = this.at(end) === "\r" && this.at(end + 1) === "\n";
    this.start = Math.min(end + (crlf ? 2 : 1), this.buffer.length);
  }

  /** Look at the current row again from its beginning. */
  rewind(): void {
    for (const next of [this.quote, this.lf, this.cr, this.delimiter]) next.reset(this.start);
  }
}

/** The next occurrence of one character. */
class Next {
  private readonly char: string;
  /** There is none between the start of the row and here. */
  private known = 0;

  constructor(char: string) {
    this.char = char;
  }

  find(buffer: string, from: number): number {
    if (this.known < from) this.known = from;
    if (this.known < buffer.length && buffer.charAt(this.known) !== this.char) {
      const found = buffer.indexOf(this.char, this.known);
      this.known = found < 0 ? buffer.length : found;
    }
    return Math.min(this.known, buffer.length);
  }

  shift(by: number): void {
    this.known = Math.max(0, this.known - by);
  }

  reset(to: number): void {
    this.known = to;
  }
}
