/** One copy beside the message it should be: by digest, and where that says no, line by line with the message made again. */
import type { CopyKind } from "../../../core/archive/archive.ts";
import { type ArchiveItem, firstDifference } from "../../../core/archive/compare-copies.ts";
import {
  fieldsBeforeOriginal,
  sameBytes,
  type Sha256,
  withCrlf,
  withoutFromQuotes,
} from "../../../core/archive/match-copy.ts";
import type { MessageKey } from "../../../core/delivery/status.ts";
import type { DifferentCopy, FoundAt } from "./report.ts";

export type FoundMessage = Extract<ArchiveItem, { kind: "message" }>;

export type CompareDeps = {
  readonly sha256: Sha256;
  /** The bytes of a copy as they should be; null when they cannot be made again. */
  readonly render: (key: MessageKey, copy: CopyKind) => Promise<Uint8Array | null>;
};

export type Comparison = "identical" | Omit<DifferentCopy, keyof FoundAt>;

export type CompareCopy = (
  found: FoundMessage,
  key: MessageKey,
  /** Null: neither the copy nor its message was ever tried, so only the message made again can tell. */
  digest: Uint8Array | null,
  /** Else that the bytes differ is enough. */
  wantsLine: boolean,
) => Promise<Comparison>;

const NOT_SHOWN: Comparison = { line: null, expected: null, found: null };

export function createCompareCopy({ sha256, render }: CompareDeps, kind: CopyKind): CompareCopy {
  let fieldsBefore = 0;

  function holds(text: Uint8Array, digest: Uint8Array): boolean {
    const fields = fieldsBeforeOriginal(text, digest, sha256, fieldsBefore);
    fieldsBefore = fields ?? fieldsBefore;
    return fields !== null;
  }

  return async (found, key, digest, wantsLine) => {
    const texts = readingsOf(found);
    if (digest && texts.some((text) => holds(text, digest))) return "identical";
    if (digest && !wantsLine) return NOT_SHOWN;
    const expected = await render(key, kind);
    if (expected === null || (digest && !sameBytes(sha256(expected), digest))) return NOT_SHOWN;
    const differences = texts.map((text) => firstDifference(expected, text));
    if (differences.includes(null)) return "identical";
    // of both readings of a mailbox file, the one that goes further
    const [difference] = differences.toSorted((a, b) => (b?.line ?? 0) - (a?.line ?? 0));
    return difference ?? NOT_SHOWN;
  };
}

/** With line ends as they were sent; in a mailbox file lines may have been quoted or not. */
function readingsOf({ bytes, mayBeQuoted }: FoundMessage): Uint8Array[] {
  const unquoted = mayBeQuoted ? withoutFromQuotes(bytes) : bytes;
  return unquoted === bytes ? [withCrlf(bytes)] : [withCrlf(bytes), withCrlf(unquoted)];
}
