/** What a copy that was found means beside the ledger, and where its bytes leave those of the message. */
import type { CopyState } from "./archive.ts";
import type { NamedCopy } from "./match-copy-key.ts";
import { fieldStarts } from "./match-copy.ts";

/** What a reader of an archive hands out, in any order. `where` finds it again: a path, a UID. */
export type ArchiveItem =
  | {
      readonly kind: "message";
      readonly where: string;
      readonly bytes: Uint8Array;
      /** What its name says (`copyNamed`). */
      readonly named: NamedCopy | null;
      /** Out of a mailbox file, so that lines may be quoted (`withoutFromQuotes`). */
      readonly mayBeQuoted: boolean;
    }
  /** By its name, of a message that nobody asked for; not read. */
  | { readonly kind: "foreign"; readonly where: string }
  | { readonly kind: "unreadable"; readonly where: string; readonly detail: string };

/** Of a copy, as the ledger has it. */
export type LedgerCopy = { readonly state: CopyState; readonly inDoubt: boolean };

export type SurplusReason = "twice" | "not in the ledger" | "owed" | "given up";

export type CopyVerdict =
  | { readonly kind: "identical" }
  | { readonly kind: "different" }
  /** One more than the ledger says; `explained`: an attempt ended in doubt, so it had to be reckoned with. */
  | { readonly kind: "surplus"; readonly why: SurplusReason; readonly explained: boolean };

/**
 * `copy`: null when the ledger has none of this message. `identical`: its bytes are those of the message; `before`: so were those of
 * another one that was found.
 */
export function judgeCopy(copy: LedgerCopy | null, identical: boolean, before: boolean): CopyVerdict {
  if (copy === null) return { kind: "surplus", why: "not in the ledger", explained: false };
  if (!identical) return { kind: "different" };
  const surplus = (why: SurplusReason) => ({ kind: "surplus" as const, why, explained: copy.inDoubt });
  switch (copy.state) {
    case "archived":
      return before ? surplus("twice") : { kind: "identical" };
    case "owed":
      return surplus("owed");
    case "given-up":
      return surplus("given up");
  }
}

export type Difference = {
  /** Of the message, from 1. */
  readonly line: number;
  /** The line in ASCII, other bytes as `\xNN`, long ones cut around the difference; null: there is nothing left. */
  readonly expected: string | null;
  readonly found: string | null;
};

const SHOWN = 200;
const SHOWN_BEFORE = 60;
const NO_LINE_END = " (without a line end)";

/** Null when `found` ends with all of `expected`. Line ends of both are CRLF. */
export function firstDifference(expected: Uint8Array, found: Uint8Array): Difference | null {
  let best = { start: 0, same: -1 };
  for (const start of fieldStarts(found)) {
    const same = samePrefix(expected, found, start);
    if (same > best.same) best = { start, same };
  }
  const same = Math.max(0, best.same);
  if (same === expected.length && best.start + same === found.length) return null;
  const lineStart = same === 0 ? 0 : expected.lastIndexOf(10, same - 1) + 1;
  const column = same - lineStart;
  const lines = { expected: lineAt(expected, lineStart), found: lineAt(found, best.start + lineStart) };
  const [one, other] = [show(lines.expected, column), show(lines.found, column)];
  const alike = one === other;
  return {
    line: lineNumber(expected, lineStart),
    expected: one && alike && !lines.expected?.ended ? one + NO_LINE_END : one,
    found: other && alike && !lines.found?.ended ? other + NO_LINE_END : other,
  };
}

function samePrefix(expected: Uint8Array, found: Uint8Array, start: number): number {
  const length = Math.min(expected.length, found.length - start);
  for (let i = 0; i < length; i++) if (expected[i] !== found[start + i]) return i;
  return length;
}

type Line = { readonly bytes: Uint8Array; readonly ended: boolean };

function lineAt(text: Uint8Array, start: number): Line | null {
  if (start >= text.length) return null;
  const lf = text.indexOf(10, start);
  if (lf < 0) return { bytes: text.subarray(start), ended: false };
  return { bytes: text.subarray(start, text[lf - 1] === 13 ? lf - 1 : lf), ended: true };
}

function show(line: Line | null, column: number): string | null {
  if (line === null) return null;
  const from = column > SHOWN - SHOWN_BEFORE ? column - SHOWN_BEFORE : 0;
  const cut = line.bytes.subarray(from, from + SHOWN);
  const text = Array.from(cut, (byte) =>
    byte >= 32 && byte < 127 ? String.fromCharCode(byte) : `\\x${byte.toString(16).padStart(2, "0")}`,
  ).join("");
  return `${from > 0 ? "…" : ""}${text}${from + cut.length < line.bytes.length ? "…" : ""}`;
}

function lineNumber(text: Uint8Array, start: number): number {
  let line = 1;
  for (let lf = text.indexOf(10); lf >= 0 && lf < start; lf = text.indexOf(10, lf + 1)) line++;
  return line;
}
