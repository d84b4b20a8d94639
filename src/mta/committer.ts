/**
 * Brings outcomes into PostgreSQL in batches: at most 50 ms or 1,000 outcomes late, one transaction at a time. While the
 * database is away nothing is dropped: the batch is tried again (records are idempotent), and `isBehind` tells the
 * lanes to take no new messages.
 */
import { isTransientDbError, type Db } from "../platform/db.ts";
import { errorText } from "../platform/errors.ts";
import type { Log } from "../platform/log.ts";
import { commitRecords } from "./commit-records.ts";
import type { AnyRecord } from "./copy-record.ts";

const BATCH_MS = 50;
const BATCH_MAX = 1000;
const RETRY_MS = 500;
/** Outcomes that may wait for the database before lanes stop taking messages. */
const BACKLOG_MAX = 5000;

export type Committer = {
  add(record: AnyRecord): void;
  isBehind(): boolean;
};

type Options = {
  readonly db: Db;
  readonly sender: string;
  readonly log: Log;
  readonly onCommitted: (records: readonly AnyRecord[]) => void;
};

export function createCommitter({ db, sender, log, onCommitted }: Options): Committer {
  let waiting: AnyRecord[] = [];
  let timer: NodeJS.Timeout | undefined;
  let running = false;

  const schedule = (ms: number) => {
    if (timer !== undefined || running) return;
    timer = setTimeout(() => {
      timer = undefined;
      void run();
    }, ms);
  };

  const run = async () => {
    running = true;
    const batch = waiting.slice(0, BATCH_MAX);
    let pause = 0;
    try {
      await db.transaction((tx) => commitRecords(tx, sender, batch));
      waiting = waiting.slice(batch.length);
      onCommitted(batch);
    } catch (error) {
      if (isTransientDbError(error)) pause = RETRY_MS;
      else {
        waiting = waiting.slice(batch.length);
        await commitOneByOne(batch);
      }
      log.warn({ error: errorText(error), waiting: waiting.length }, "outcomes could not be committed");
    }
    running = false;
    if (waiting.length > 0) schedule(pause || (waiting.length >= BATCH_MAX ? 0 : BATCH_MS));
  };

  /** One record that the database refuses must not hold up the others; it stays in the journal and is named in the log. */
  const commitOneByOne = async (batch: readonly AnyRecord[]) => {
    for (const record of batch) {
      try {
        await db.transaction((tx) => commitRecords(tx, sender, [record]));
        onCommitted([record]);
      } catch (error) {
        if (isTransientDbError(error)) waiting.push(record);
        else log.error({ record, error: errorText(error) }, "the database refuses this outcome");
      }
    }
  };

  return {
    add: (record) => {
      waiting.push(record);
      if (waiting.length === BATCH_MAX && timer !== undefined) {
        clearTimeout(timer);
        timer = undefined;
      }
      schedule(waiting.length >= BATCH_MAX ? 0 : BATCH_MS);
    },
    isBehind: () => waiting.length > BACKLOG_MAX,
  };
}
