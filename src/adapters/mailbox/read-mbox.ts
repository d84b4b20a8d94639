/**
 * Messages of a mailbox file (RFC 4155 and its kin): each begins with a line `From …` at the start or after an empty line. Lines are as
 * they stand in the file; whether `>From` was quoted depends on the kind of file, so whoever compares has to try both.
 */
import { createReadStream } from "node:fs";

import type { ArchiveItem } from "../../core/archive/compare-copies.ts";
import { errorText } from "../../platform/errors.ts";
import { MAX_COPY_BYTES, TOO_LARGE } from "./limits.ts";

const LF = 10;
const CHUNK = 1024 * 1024;

type Current = { lines: Buffer[]; size: number; endsEmpty: boolean };

/** One message at a time is in memory. */
export async function* readMbox(path: string, where: string): AsyncGenerator<ArchiveItem> {
  let number = 0;
  let current: Current | null = null;
  const unreadable = (detail: string): ArchiveItem => ({ kind: "unreadable", where, detail });
  try {
    for await (const line of linesOf(path)) {
      const isSeparator = line.subarray(0, 5).toString("latin1") === "From ";
      if (isSeparator && (current === null || current.endsEmpty)) {
        if (current) yield finish(current, `${where} message ${number}`);
        current = { lines: [], size: 0, endsEmpty: false };
        number++;
        continue;
      }
      if (current === null) return yield unreadable("no mailbox file: it does not begin with a line From …");
      add(current, line);
    }
  } catch (error) {
    return yield unreadable(errorText(error));
  }
  if (current) yield finish(current, `${where} message ${number}`);
}

function add(current: Current, line: Buffer): void {
  current.size += line.length;
  current.endsEmpty = line.length <= 2 && /^\r?\n$/.test(line.toString("latin1"));
  if (current.size <= MAX_COPY_BYTES) current.lines.push(line);
  else current.lines = [];
}

/** The empty line before the next separator belongs to the file, not to the message. */
function finish({ lines, size, endsEmpty }: Current, where: string): ArchiveItem {
  if (size > MAX_COPY_BYTES) return { kind: "unreadable", where, detail: TOO_LARGE };
  const bytes = Buffer.concat(endsEmpty ? lines.slice(0, -1) : lines);
  return { kind: "message", where, bytes, named: null, mayBeQuoted: true };
}

/** With their line ends. */
async function* linesOf(path: string): AsyncGenerator<Buffer> {
  let rest: Buffer = Buffer.alloc(0);
  for await (const chunk of createReadStream(path, { highWaterMark: CHUNK }) as AsyncIterable<Buffer>) {
    const data: Buffer = rest.length > 0 ? Buffer.concat([rest, chunk]) : chunk;
    let start = 0;
    for (let lf = data.indexOf(LF); lf >= 0; lf = data.indexOf(LF, start)) {
      yield data.subarray(start, lf + 1);
      start = lf + 1;
    }
    rest = data.subarray(start);
    if (rest.length > MAX_COPY_BYTES) throw new Error(`a line is ${TOO_LARGE}`);
  }
  if (rest.length > 0) yield rest;
}
