/**
 * Events between the answer to a visitor and the database, in append-only files: an event is in its file before its visitor is
 * answered, one write per event-loop tick, no fsync. So the database may be away, and the process may be killed. Files are
 * segments of some ten thousand events, read back when their turn comes: memory holds two of them at most.
 *
 * A full disk keeps nobody from being answered: then events wait in memory, and beyond a bound they are lost and counted.
 */
import {
  closeSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmdirSync,
  rmSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";

import { errorCode, errorText } from "../../platform/errors.ts";
import type { Log } from "../../platform/log.ts";
import type { TrackingEvent } from "./event.ts";
import { isAbandoned, nameFolder } from "./owner.ts";

export type Spool = {
  /** Resolves when the event is in the file, or cannot be. */
  add(event: TrackingEvent): Promise<void>;
  /** The oldest events, `max` at most, that were added before `until` (of performance.now); the same until they are `done`. */
  next(max: number, until: number): TrackingEvent[];
  /** The first `count` of what `next` gave are in the database. */
  done(count: number): void;
  /** In memory, in files that are read later, and lost for want of room. */
  figures(): { readonly waiting: number; readonly lost: number };
  /** What is not done stays in its files, for whoever starts next. */
  close(): void;
};

type Held = { readonly event: TrackingEvent; readonly since: number };
type Segment = {
  readonly path: string;
  /** Null: in the file only. */
  events: Held[] | null;
  done: number;
  count: number;
};

/** Events in a file. */
const SEGMENT_EVENTS = 10_000;
/** A file whose events are all done is begun anew from this many on. */
const WORTH_REMOVING = 1000;
/** Events that wait in memory while there is no room on the disk. */
const UNWRITTEN_MAX = 10_000;
const WARN_EVERY_MS = 60_000;

/** Takes over the files of processes that ended. Longer than a screen because the functions inside share its state. */
export function openSpool(dir: string, log: Log): Spool {
  const names = nameFolder();
  const folder = join(dir, names.ours);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  let segments: Segment[] = abandonedFiles(dir).map((path) => ({ path, events: null, done: 0, count: 0 }));
  let number = 0;
  let fd = -1;
  let current: Segment = { path: "", events: [], done: 0, count: 0 };
  let tick: { lines: string[]; held: Held[]; written: Promise<void> } | null = null;
  /** What `next` gave from. */
  let given: Segment | null = null;
  let torn = false;
  let lost = 0;
  let warnedAt = -Infinity;

  const begin = () => {
    const path = join(folder, `${String(++number).padStart(8, "0")}.log`);
    const next = openSync(path, "a", 0o600);
    if (fd >= 0) closeSync(fd);
    fd = next;
    // Only what is being worked off stays in memory.
    if (segments.length > 0 && segments[0] !== current && given !== current) current.events = null;
    current = { path, events: [], done: 0, count: 0 };
    segments.push(current);
  };
  /** A write that failed half way left a torn line; the next line must not grow on to it. */
  const write = (text: string) => {
    const data = Buffer.from(torn ? `\n${text}` : text);
    torn = true;
    for (let at = 0; at < data.length; ) at += writeSync(fd, data, at);
    torn = false;
  };
  const unwritten: Segment = { path: "", events: [], done: 0, count: 0 };
  const keepUnwritten = (held: readonly Held[], error: unknown) => {
    const room = Math.max(0, UNWRITTEN_MAX - (unwritten.count - unwritten.done));
    const kept = held.slice(0, room);
    unwritten.events?.push(...kept);
    unwritten.count += kept.length;
    if (!segments.includes(unwritten)) segments.unshift(unwritten);
    lost += held.length - kept.length;
    if (performance.now() - warnedAt < WARN_EVERY_MS) return;
    warnedAt = performance.now();
    log.error({ dir, error: errorText(error), lost }, "tracking events cannot be written to their file");
  };
  const flush = () => {
    const batch = tick;
    tick = null;
    if (batch === null) return;
    try {
      if (current.count >= SEGMENT_EVENTS) begin();
      write(batch.lines.join(""));
      current.events?.push(...batch.held);
      current.count += batch.held.length;
    } catch (error) {
      keepUnwritten(batch.held, error);
    }
  };
  const remove = (segment: Segment) => {
    segments = segments.filter((each) => each !== segment);
    if (segment === unwritten) Object.assign(unwritten, { events: [], done: 0, count: 0 });
    else rmSync(segment.path, { force: true });
  };
  /** The oldest segment that has something to do, its events in memory. */
  const head = (): Segment | null => {
    for (;;) {
      const [first] = segments;
      if (first === undefined) return null;
      if (first.events === null) {
        first.events = readEvents(first.path).map((event) => ({ event, since: -Infinity }));
        Object.assign(first, { done: 0, count: first.events.length });
      }
      if (first.done < first.count || first === current) return first;
      remove(first);
    }
  };

  begin();
  return {
    add: (event) => {
      if (tick === null) {
        const { promise, resolve } = Promise.withResolvers<void>();
        tick = { lines: [], held: [], written: promise };
        setImmediate(() => {
          flush();
          resolve();
        });
      }
      tick.lines.push(`${JSON.stringify(event)}\n`);
      tick.held.push({ event, since: performance.now() });
      return tick.written;
    },
    next: (max, until) => {
      given = head();
      const events = given?.events?.slice(given.done, given.done + max) ?? [];
      const late = events.findIndex(({ since }) => since > until);
      return events.slice(0, late < 0 ? max : late).map(({ event }) => event);
    },
    done: (count) => {
      const segment = given;
      given = null;
      if (segment === null || count === 0) return;
      segment.done += count;
      if (segment.done < segment.count) return;
      if (segment === current && segment.count < WORTH_REMOVING) return;
      try {
        if (segment === current) begin();
        remove(segment);
      } catch (error) {
        log.warn({ dir, error: errorText(error) }, "a file of tracking events cannot be followed by a new one");
      }
    },
    figures: () => ({
      waiting: segments.reduce((sum, each) => sum + each.count - each.done, tick?.held.length ?? 0),
      lost,
    }),
    close: () => {
      flush();
      closeSync(fd);
      if (current.done === current.count) remove(current);
      leave(dir, folder, join(dir, names.left));
    },
  };
}

/** An empty folder goes; one with events becomes nobody's. */
function leave(dir: string, folder: string, left: string): void {
  try {
    if (readdirSync(folder).length === 0) rmdirSync(folder);
    else renameSync(folder, left);
  } catch (error) {
    if (errorCode(error) !== "ENOENT") throw error;
  }
  removeEmpty(dir);
}

/** Oldest first within each folder. */
function abandonedFiles(dir: string): string[] {
  removeEmpty(dir);
  return readdirSync(dir)
    .filter(isAbandoned)
    .flatMap((name) => list(join(dir, name)).map((file) => join(dir, name, file)));
}

function removeEmpty(dir: string): void {
  for (const name of readdirSync(dir).filter(isAbandoned)) {
    if (list(join(dir, name)).length > 0) continue;
    try {
      rmdirSync(join(dir, name));
    } catch (error) {
      // Another process was faster.
      if (errorCode(error) !== "ENOENT" && errorCode(error) !== "ENOTEMPTY") throw error;
    }
  }
}

function list(folder: string): string[] {
  try {
    return readdirSync(folder)
      .filter((name) => /^\d+\.log$/.test(name))
      .toSorted();
  } catch (error) {
    if (errorCode(error) === "ENOENT") return [];
    throw error;
  }
}

/** A line that a crash or a full disk cut short was never answered for, or is in memory as well. */
function readEvents(path: string): TrackingEvent[] {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (error) {
    // Another process has taken the same files over and is done with them.
    if (errorCode(error) === "ENOENT") return [];
    throw error;
  }
  return text.split("\n").flatMap((line) => {
    if (!line.endsWith("}")) return [];
    try {
      // Lines of an older version know nothing of archives.
      return [Object.assign({ archive: null }, JSON.parse(line) as TrackingEvent)];
    } catch {
      return [];
    }
  });
}
