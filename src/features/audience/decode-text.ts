/**
 * Bytes of a text file in, text out, piece by piece. UTF-8 and Windows-1252 are told apart line by line, because files
 * glued together from several exports mix them: a line that is not valid UTF-8 is Windows-1252.
 */
import { isUtf8 } from "node:buffer";

import type { Encoding } from "../../core/csv/sniff-encoding.ts";

export type TextDecoding = {
  push(bytes: Uint8Array): string;
  /** What was left over. */
  end(): string;
};

const LF = 0x0a;
const CR = 0x0d;
/** A longer line is cut at a character instead of being kept until it ends. */
const MAX_KEPT = 1 << 20;

export function createTextDecoding(encoding: Encoding): TextDecoding {
  if (encoding === "utf-16le" || encoding === "utf-16be") {
    const decoder = new TextDecoder(encoding, { ignoreBOM: true });
    return { push: (bytes) => decoder.decode(bytes, { stream: true }), end: () => decoder.decode() };
  }
  let kept: Uint8Array = new Uint8Array(0);
  return {
    push: (bytes) => {
      const all =
        kept.length === 0 ? Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length) : Buffer.concat([kept, bytes]);
      const cut = lastCut(all);
      kept = Uint8Array.from(all.subarray(cut));
      return decodeLines(all.subarray(0, cut));
    },
    end: () => decodeLines(Buffer.from(kept)),
  };
}

/** Behind the last line end; in a very long line, before the last character that may be incomplete. */
function lastCut(bytes: Buffer): number {
  const lineEnd = Math.max(bytes.lastIndexOf(LF), bytes.lastIndexOf(CR)) + 1;
  if (bytes.length - lineEnd < MAX_KEPT) return lineEnd;
  let cut = bytes.length;
  while (cut > bytes.length - 4 && ((bytes[cut - 1] ?? 0) & 0xc0) === 0x80) cut--;
  return (bytes[cut - 1] ?? 0) >= 0xc0 ? cut - 1 : bytes.length;
}

function decodeLines(bytes: Buffer): string {
  if (isUtf8(bytes)) return bytes.toString("utf8");
  const decoder = new TextDecoder("windows-1252");
  let text = "";
  for (let start = 0; start < bytes.length; ) {
    const end = lineEndFrom(bytes, start);
    const line = bytes.subarray(start, end);
    text += isUtf8(line) ? line.toString("utf8") : decoder.decode(line);
    start = end;
  }
  return text;
}

/** Behind the line that holds `start`. */
function lineEndFrom(bytes: Buffer, start: number): number {
  const lf = bytes.indexOf(LF, start);
  if (lf >= 0) return lf + 1;
  const cr = bytes.indexOf(CR, start);
  return cr >= 0 ? cr + 1 : bytes.length;
}
