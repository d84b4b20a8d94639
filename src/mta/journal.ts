/**
 * A sender's local memory of what went out and what came back. `S` is written before the final dot leaves, `R` when the
 * reply is in, `C` and `D` are the same of a copy for the archive; one write per event-loop tick, no fsync. Read again after a crash: `R`
 * without a commit is committed, `S` without `R` is in doubt. A line cut short by the crash was never acted upon and is ignored.
 *
 * Files are segments `00000001.log`, …; one is removed once every attempt that it started is committed.
 */
import { closeSync, mkdirSync, openSync, readdirSync, readFileSync, rmSync, writeSync } from "node:fs";
import { join } from "node:path";

import type { Instant } from "../core/time.ts";
import { appError, errorCode, errorText } from "../platform/errors.ts";
import { type AnyRecord, copyTag, type CopyIntent, type CopyRecord, isCopyRecord } from "./copy-record.ts";
import type { OutcomeRecord } from "./outcome-record.ts";

/** What must be known of an attempt before its final dot leaves. */
export type Intent = Pick<
  OutcomeRecord,
  "partId" | "seq" | "epoch" | "attempt" | "fromStatus" | "mx" | "digest" | "address" | "domain" | "debts"
> & { readonly at: Instant };

export type Journal = {
  /** Writes intents at once; throws `journal-unwritable` or `disk-full`, and then nothing may be sent. */
  writeIntents(intents: readonly (Intent | CopyIntent)[]): void;
  /** Notes an outcome; it is written before the next tick at the latest. */
  writeOutcome(record: AnyRecord): void;
  /** These outcomes are in the database. */
  markCommitted(records: readonly AnyRecord[]): void;
  /** After a failure: is there room again? Tried out with some empty lines. */
  isWritable(): boolean;
  close(): void;
};

const SEGMENT_BYTES = 32 * 1024 * 1024;
/** A full disk is tried again this often. */
const RETRY_MS = 200;
/** As large as the intents of a busy tick, so that room for it is room for them. */
const PROBE = "\n".repeat(16_384);

type Segment = { readonly path: string; open: number };

export function openJournal(dir: string): Journal {
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  let number = 0;
  let bytes = 0;
  let fd = -1;
  let current: Segment = { path: "", open: 0 };
  /** Segment of each attempt that is not committed yet. */
  const segmentOf = new Map<string, Segment>();
  let waiting: string[] = [];
  let scheduled = false;

  const nextSegment = () => {
    const path = join(dir, `${String(number + 1).padStart(8, "0")}.log`);
    const next = openSync(path, "a", 0o600);
    if (fd >= 0) closeSync(fd);
    if (current.path && current.open === 0) rmSync(current.path, { force: true });
    number++;
    current = { path, open: 0 };
    fd = next;
    bytes = 0;
  };
  /** A write that failed half way left a torn line; the next line must not grow on to it. */
  let torn = false;
  const write = (text: string) => {
    const data = Buffer.from(torn ? `\n${text}` : text);
    torn = true;
    for (let done = 0; done < data.length; ) done += writeSync(fd, data, done);
    torn = false;
    bytes += data.length;
    if (bytes > SEGMENT_BYTES) rotate();
  };
  const rotate = () => {
    try {
      nextSegment();
    } catch {
      // What was to be written is written; the old segment goes on until a new one can be made.
    }
  };
  const flush = () => {
    scheduled = false;
    if (waiting.length === 0) return;
    const text = waiting.join("");
    try {
      write(text);
      waiting = [];
    } catch {
      // Outcomes are also on their way to the database; the lines are tried again with the next ones, or after a while.
      scheduled = true;
      setTimeout(flush, RETRY_MS).unref();
    }
  };
  const schedule = () => {
    if (scheduled) return;
    scheduled = true;
    setImmediate(flush);
  };
  const note = (key: string) => {
    if (segmentOf.has(key)) return;
    segmentOf.set(key, current);
    current.open++;
  };

  try {
    number = Math.max(0, ...segmentNames(dir).map((name) => Number.parseInt(name, 10)));
    nextSegment();
  } catch (error) {
    throw appError("journal-unwritable", { dir, detail: errorText(error) });
  }
  return {
    writeIntents: (intents) => {
      const lines = intents.map((intent) => `${"archive" in intent ? "C" : "S"}${JSON.stringify(intent)}\n`).join("");
      const text = waiting.join("") + lines;
      try {
        write(text);
      } catch (error) {
        const code = errorCode(error) === "ENOSPC" ? "disk-full" : "journal-unwritable";
        throw appError(code, { dir, detail: errorText(error) });
      }
      waiting = [];
      for (const intent of intents) note(attemptKey(intent));
    },
    writeOutcome: (record) => {
      waiting.push(`${isCopyRecord(record) ? "D" : "R"}${JSON.stringify(record)}\n`);
      note(attemptKey(record));
      schedule();
    },
    markCommitted: (records) => {
      for (const record of records) {
        const segment = segmentOf.get(attemptKey(record));
        if (!segment) continue;
        segmentOf.delete(attemptKey(record));
        if (--segment.open === 0 && segment !== current) rmSync(segment.path, { force: true });
      }
    },
    isWritable: () => {
      try {
        write(PROBE);
        return true;
      } catch {
        return false;
      }
    },
    close: () => {
      flush();
      closeSync(fd);
      if (segmentOf.size === 0) rmSync(current.path, { force: true });
    },
  };
}

export type Replay = {
  readonly outcomes: OutcomeRecord[];
  readonly inDoubt: Intent[];
  readonly copies: CopyRecord[];
  readonly copiesInDoubt: CopyIntent[];
};

/** What a sender that ended without closing its journal left behind. */
export function replayJournal(dir: string): Replay {
  const sent = new Map<string, Intent>();
  const settled = new Map<string, OutcomeRecord>();
  const sentCopies = new Map<string, CopyIntent>();
  const settledCopies = new Map<string, CopyRecord>();
  for (const name of segmentNames(dir)) {
    const lines = readFileSync(join(dir, name), "utf8").split("\n");
    // The last element is empty, or a line that the crash cut short.
    for (const line of lines.slice(0, -1)) {
      const value = parseLine(line);
      if (value === null) continue;
      if (line.startsWith("S")) sent.set(attemptKey(value as Intent), value as Intent);
      if (line.startsWith("R")) settled.set(attemptKey(value as OutcomeRecord), value as OutcomeRecord);
      if (line.startsWith("C")) sentCopies.set(attemptKey(value as CopyIntent), value as CopyIntent);
      if (line.startsWith("D")) settledCopies.set(attemptKey(value as CopyRecord), value as CopyRecord);
    }
  }
  const open = <T>(intents: Map<string, T>, outcomes: ReadonlyMap<string, unknown>) =>
    [...intents].filter(([key]) => !outcomes.has(key)).map(([, intent]) => intent);
  return {
    outcomes: [...settled.values()],
    inDoubt: open(sent, settled),
    copies: [...settledCopies.values()],
    copiesInDoubt: open(sentCopies, settledCopies),
  };
}

/** Removes what was replayed and committed. */
export function clearJournal(dir: string): void {
  for (const name of segmentNames(dir)) rmSync(join(dir, name), { force: true });
}

/** A line torn by a full disk: what it said was not acted upon. */
function parseLine(line: string): unknown {
  try {
    return JSON.parse(line.slice(1));
  } catch {
    return null;
  }
}

function attemptKey(entry: Pick<Intent, "partId" | "seq" | "attempt"> | CopyIntent): string {
  // With the bytes in hand and as a debt: both may be a first attempt.
  const message = "archive" in entry ? `${copyTag(entry)}-${entry.side}` : `${entry.partId}-${entry.seq}`;
  return `${message}-${entry.attempt}`;
}

function segmentNames(dir: string): string[] {
  try {
    return readdirSync(dir)
      .filter((name) => /^\d+\.log$/.test(name))
      .sort();
  } catch (error) {
    if (errorCode(error) === "ENOENT") return [];
    throw error;
  }
}
