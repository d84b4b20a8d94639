/**
 * CSV (RFC 4180) as it is found in the wild: pieces of text in, rows with their physical line number out.
 *
 * Own code, because a recipient must never vanish into a neighbour's value: where a quote is opened and not closed as it
 * should be, libraries read the following lines into that value. Here the line is reported and reading goes on at the next one.
 * Lenient otherwise: any line end, quotes inside unquoted values are text, empty lines are skipped.
 * Memory is bounded by the limits; time is linear, because reading lines again is paid from a budget.
 */
import type { Delimiter } from "./sniff-delimiter.ts";
import { TextCursor } from "./text-cursor.ts";

export type CsvRow =
  | { readonly kind: "row"; readonly line: number; readonly fields: readonly string[] }
  | CsvProblem<"malformed">
  /** Nothing comes after this one. */
  | CsvProblem<"hopeless">;

type CsvProblem<Kind> = {
  readonly kind: Kind;
  readonly line: number;
  /** Number of the column, from 1. */
  readonly column: number;
  readonly detail: string;
  /** The beginning of the physical line. */
  readonly text: string;
};

/** In UTF-16 units. */
type CsvLimits = { readonly field: number; readonly row: number };

const MEGA = 1 << 20;
const LIMITS: CsvLimits = { field: MEGA, row: 8 * MEGA };
/** What may be read again: this much and so many times what was read. */
const RESCAN_ALLOWANCE = 16 * MEGA;
const RESCAN_FACTOR = 4;
const MAX_SHOWN = 200;
const QUOTE = '"';

/** One value: where it ends (at a delimiter, a line end or the end of the text), or why there is none. */
type Field =
  | { readonly kind: "field"; readonly value: string; readonly end: number }
  | { readonly kind: "incomplete" }
  | { readonly kind: "wrong"; readonly detail: string; readonly at: number; readonly tooLong: boolean };

const INCOMPLETE: Field = { kind: "incomplete" };

export class CsvParser {
  private readonly delimiter: Delimiter;
  private readonly limits: CsvLimits;
  private readonly text: TextCursor;
  private line: number;
  /** What is known of an unfinished row: values so far, where the next begins, up to where its closing quote was looked for. */
  private fields: string[] = [];
  private fieldStart = 0;
  private scanned = 0;
  private consumed = 0;
  private rescanned = 0;
  private dead = false;

  constructor(delimiter: Delimiter, firstLine = 1, limits: CsvLimits = LIMITS) {
    this.delimiter = delimiter;
    this.line = firstLine;
    this.limits = limits;
    this.text = new TextCursor(delimiter);
  }

  push(piece: string): CsvRow[] {
    const dropped = this.text.append(piece);
    this.consumed += dropped;
    this.fieldStart -= dropped;
    this.scanned -= dropped;
    return this.run();
  }

  /** The rows that only the end of the file completes. */
  end(): CsvRow[] {
    this.text.final = true;
    return this.run();
  }

  private run(): CsvRow[] {
    const rows: CsvRow[] = [];
    const text = this.text;
    while (!this.dead && text.start < text.length) {
      const row = this.fieldStart > text.start || this.scanned > text.start ? this.readQuoted() : this.readRow();
      if (row === "incomplete") break;
      if (row !== "empty") rows.push(row);
    }
    return rows;
  }

  private readRow(): CsvRow | "incomplete" | "empty" {
    const text = this.text;
    const end = text.lineEnd(text.start);
    if (end === null) return text.length - text.start > this.limits.row ? this.rejectLong(text.length) : "incomplete";
    if (end === text.start) {
      this.advance(end, 1);
      return "empty";
    }
    if (text.hasQuoteBefore(end)) return this.readQuoted();
    const fields = text.slice(text.start, end).split(this.delimiter);
    if (end - text.start > this.limits.field) {
      const long = fields.findIndex((field) => field.length > this.limits.field);
      if (long >= 0) return this.giveUp(long + 1, TOO_LONG_FIELD);
    }
    const row: CsvRow = { kind: "row", line: this.line, fields };
    this.advance(end, 1);
    return row;
  }

  /** Value by value; where the text ends too early, the next piece goes on from the same value. */
  private readQuoted(): CsvRow | "incomplete" {
    const text = this.text;
    for (;;) {
      const field = text.at(this.fieldStart) === QUOTE ? this.quotedField() : this.plainField();
      if (field.kind === "wrong") return this.reject(field.detail, field.at, field.tooLong);
      if (field.kind === "incomplete") {
        return text.length - text.start > this.limits.row ? this.rejectLong(text.length) : "incomplete";
      }
      this.fields.push(field.value);
      if (text.at(field.end) === this.delimiter) {
        this.fieldStart = field.end + 1;
        continue;
      }
      if (field.end - text.start > this.limits.row) return this.rejectLong(field.end);
      const row: CsvRow = { kind: "row", line: this.line, fields: this.fields };
      this.advance(field.end, text.countLines(text.start, field.end));
      return row;
    }
  }

  private quotedField(): Field {
    const text = this.text;
    const start = this.fieldStart;
    const close = text.closingQuote(Math.max(this.scanned, start + 1));
    this.scanned = close.at;
    if (close.at - start > this.limits.field) {
      return { kind: "wrong", detail: LONG_OR_UNCLOSED, at: close.at, tooLong: true };
    }
    if (close.kind === "none") {
      return text.final ? { kind: "wrong", detail: UNCLOSED, at: close.at, tooLong: false } : INCOMPLETE;
    }
    let end = close.at + 1;
    while (text.at(end) === " " || (text.at(end) === "\t" && this.delimiter !== "\t")) end++;
    if (!text.final && (end >= text.length || (text.at(end) === "\r" && end + 1 === text.length))) return INCOMPLETE;
    const next = text.at(end);
    if (next !== "" && next !== this.delimiter && next !== "\n" && next !== "\r") {
      return { kind: "wrong", detail: TEXT_AFTER_QUOTE, at: end, tooLong: false };
    }
    const raw = text.slice(start + 1, close.at);
    return { kind: "field", value: raw.includes(QUOTE) ? raw.replaceAll('""', QUOTE) : raw, end };
  }

  private plainField(): Field {
    const text = this.text;
    const lineEnd = text.lineEnd(this.fieldStart);
    const delimiter = text.delimiterFrom(this.fieldStart);
    const end = lineEnd === null ? delimiter : Math.min(lineEnd, delimiter);
    if (end - this.fieldStart > this.limits.field) {
      return { kind: "wrong", detail: TOO_LONG_FIELD, at: end, tooLong: true };
    }
    if (lineEnd === null && delimiter === text.length) return INCOMPLETE;
    return { kind: "field", value: text.slice(this.fieldStart, end), end };
  }

  private rejectLong(at: number): CsvRow {
    return this.reject(`is in a row longer than ${this.limits.row} characters`, at, true);
  }

  /** Reports the first physical line of the row and goes on with the one after it. */
  private reject(detail: string, at: number, tooLong: boolean): CsvRow {
    const text = this.text;
    const column = this.fields.length + 1;
    text.rewind();
    const end = text.lineEnd(text.start);
    if (end === null || (tooLong && end >= at)) return this.giveUp(column, detail);
    this.rescanned += Math.max(0, at - end);
    if (this.rescanned > RESCAN_ALLOWANCE + RESCAN_FACTOR * (this.consumed + text.start)) {
      return this.giveUp(column, "is one of too many that open a quote and do not close it");
    }
    const shown = text.slice(text.start, Math.min(end, text.start + MAX_SHOWN));
    const row: CsvRow = { kind: "malformed", line: this.line, column, detail, text: shown };
    this.advance(end, 1);
    return row;
  }

  private giveUp(column: number, detail: string): CsvRow {
    this.dead = true;
    const shown = this.text.slice(this.text.start, this.text.start + MAX_SHOWN);
    return { kind: "hopeless", line: this.line, column, detail, text: shown };
  }

  private advance(end: number, lines: number): void {
    this.line += lines;
    this.text.startAfter(end);
    this.fields = [];
    this.fieldStart = this.text.start;
    this.scanned = this.text.start;
  }
}

/** Each completes the sentence "the value …". */
const TOO_LONG_FIELD = "is longer than 1 MB";
const LONG_OR_UNCLOSED = "opens a quote that is not closed within 1 MB";
const UNCLOSED = "opens a quote that is never closed";
const TEXT_AFTER_QUOTE = "has text after its closing quote";
