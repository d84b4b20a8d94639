/**
 * Brings events from the spool into the database, in batches and in order. An event waits a second first: whether a link was
 * followed by a person shows in what follows within that second. While the database is away, everything waits.
 */
import type { Instant } from "../../core/time.ts";
import { isTransientDbError, type Db } from "../../platform/db.ts";
import { errorText } from "../../platform/errors.ts";
import type { Log } from "../../platform/log.ts";
import type { ArchiveReaders } from "./archive-readers.ts";
import type { TrackingEvent } from "./event.ts";
import { createJudge, settleUndecided } from "./judge-events.ts";
import type { Scanners } from "./load-scanners.ts";
import type { Spool } from "./spool.ts";
import { storeEvents } from "./store.ts";

const EVERY_MS = 200;
/** Small enough that no visitor waits while a batch is made ready. */
const BATCH_MAX = 250;
const RETRY_MS = 500;
/** How often those that could not be judged are asked for. */
const SETTLE_EVERY_MS = 1000;
/** How long an event waits for those around it. */
const LOOK_AROUND_MS = 1000;

export type Committer = {
  /** To be told of every event. */
  note(event: TrackingEvent): void;
  /** Events that the database refused for what they are. */
  refused(): number;
  /** Stores all that is there, as far as the database takes it now. */
  close(): Promise<void>;
};

type Options = {
  readonly db: Db;
  readonly log: Log;
  readonly now: () => Instant;
  readonly spool: Spool;
  readonly scanners: Scanners;
  readonly readers: ArchiveReaders;
};

export function createCommitter({ db, log, now, spool, scanners, readers }: Options): Committer {
  const judge = createJudge(scanners, readers);
  let settledAt = -Infinity;
  let refused = 0;
  let closing = false;
  let timer: NodeJS.Timeout | undefined;
  let running: Promise<void> = Promise.resolve();

  const schedule = (ms: number) => {
    timer = setTimeout(() => {
      running = run();
    }, ms);
  };

  /** One batch after the other until nothing is due; false when the database is away. */
  const drain = async (lookAroundMs: number): Promise<boolean> => {
    for (;;) {
      const events = spool.next(BATCH_MAX, performance.now() - lookAroundMs);
      if (events.length === 0) return true;
      try {
        await store(events);
      } catch (error) {
        log.warn({ error: errorText(error), ...spool.figures() }, "tracking events could not be stored");
        if (isTransientDbError(error)) return false;
        if (!(await storeOneByOne(events))) return false;
      }
      spool.done(events.length);
    }
  };

  /** False when the database is away. */
  const settle = async (): Promise<boolean> => {
    if (performance.now() - settledAt < SETTLE_EVERY_MS) return true;
    settledAt = performance.now();
    try {
      while ((await db.transaction((tx) => settleUndecided(tx, now(), BATCH_MAX))) === BATCH_MAX);
      return true;
    } catch (error) {
      log.warn({ error: errorText(error) }, "tracking events that were kept aside could not be judged");
      return false;
    }
  };

  const run = async () => {
    const stored = (await drain(LOOK_AROUND_MS)) && (await settle());
    if (!closing) schedule(stored ? EVERY_MS : RETRY_MS);
  };

  const store = async (events: readonly TrackingEvent[]): Promise<number> => {
    await readers.refresh();
    return db.transaction(async (tx) => storeEvents(tx, await judge.judge(tx, events, now())));
  };

  /** One event that the database refuses must not hold up the others. False: the database went away. */
  const storeOneByOne = async (events: readonly TrackingEvent[]): Promise<boolean> => {
    for (const event of events) {
      try {
        await store([event]);
      } catch (error) {
        if (isTransientDbError(error)) return false;
        refused++;
        log.error({ event, error: errorText(error) }, "the database refuses this tracking event");
      }
    }
    return true;
  };

  schedule(0);
  return {
    note: (event) => judge.note(event),
    refused: () => refused,
    close: async () => {
      closing = true;
      clearTimeout(timer);
      await running;
      await drain(0);
    },
  };
}
