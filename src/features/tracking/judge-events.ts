/**
 * What events mean, as far as it can be known when they go into the database. Whether a recipient may have had the message at all
 * can depend on outcomes that its sender has not committed yet; such an event is neither counted nor thrown away but kept aside
 * in the database, and judged again every few seconds: an hour at most, then it counts as a recipient's.
 */
import { isbot } from "isbot";

import { HOUR, SECOND, type Duration, type Instant } from "../../core/time.ts";
import { classify, type ArchiveSignal } from "../../core/tracking/classify.ts";
import { judgeByTime, type TimeFacts, type TimeVerdict } from "../../core/tracking/judge-by-time.ts";
import type { Tx } from "../../platform/db.ts";
import type { ArchiveReaders } from "./archive-readers.ts";
import type { TrackingEvent } from "./event.ts";
import {
  dropUndecided,
  keepUndecided,
  loadTimeFacts,
  postponeUndecided,
  takeUndecided,
  type Undecided,
} from "./first-view-store.ts";
import type { Scanners } from "./load-scanners.ts";
import { createNeighbours } from "./neighbours.ts";
import { loadSentTimes, storeEvents, type StorableEvent } from "./store.ts";

/** Outcomes are committed within a fraction of a second, unless something is wrong. */
const CHECK_EVERY: Duration = 5 * SECOND;
const WAIT_MAX: Duration = HOUR;

export type Judge = {
  /** To be told of every event when it is taken. */
  note(event: TrackingEvent): void;
  /** Events as they are to be stored; those that nobody can judge yet are kept aside. */
  judge(tx: Tx, events: readonly TrackingEvent[], now: Instant): Promise<StorableEvent[]>;
};

type Times = ReadonlyMap<string, Omit<TimeFacts, "at">>;

export function createJudge(scanners: Scanners, readers: ArchiveReaders): Judge {
  const neighbours = createNeighbours();
  const archiveOf = (event: TrackingEvent) => event.archive ?? readers.find(event);

  const classifyEvent = (event: TrackingEvent, archive: readonly ArchiveSignal[], sent: Instant | undefined) => ({
    ...event,
    ...classify({
      kind: event.kind,
      userAgent: event.userAgent,
      posted: event.posted,
      honeypot: event.honeypot,
      bot: isbot(event.userAgent),
      rule: scanners.find(event.kind, event.ip, event.userAgent),
      sinceSent: sent === undefined ? null : event.at - sent,
      archive,
      ...neighbours.around(event),
    }),
  });
  // What reads the archive says nothing about who else follows links of the same message.
  const note = (event: TrackingEvent, archive: readonly ArchiveSignal[]) =>
    archive.length > 0 ? neighbours.forget(event) : neighbours.note(event);
  return {
    note: (event) => note(event, archiveOf(event)),
    judge: async (tx, events, now) => {
      const seen = events.map((event) => ({ event, archive: archiveOf(event) }));
      // Those that were read back from a file are new to us; noting one twice changes nothing.
      for (const { event, archive } of seen) note(event, archive);
      const sentAt = await loadSentTimes(tx, events);
      const asked = seen.filter(({ event, archive }) => event.archive === null && archive.length === 0);
      const times = await loadTimeFacts(
        tx,
        asked.map(({ event }) => event),
      );
      const known: StorableEvent[] = [];
      const open: Undecided[] = [];
      for (const { event, archive } of seen) {
        const verdict = event.archive === null && archive.length === 0 ? verdictOf(event, times) : "any";
        const signals = verdict === "copy" ? (["archive-time"] as const) : archive;
        const judged = classifyEvent(event, signals, sentAt.get(keyOf(event)));
        if (verdict === "open" && event.at + WAIT_MAX > now) open.push({ event: judged, until: event.at + WAIT_MAX });
        else known.push(judged);
      }
      await keepUndecided(tx, open, now + CHECK_EVERY);
      return known;
    },
  };
}

/** One batch of those that were kept aside; answers how many it looked at. */
export async function settleUndecided(tx: Tx, now: Instant, limit: number): Promise<number> {
  const taken = await takeUndecided(tx, now, limit);
  const times = await loadTimeFacts(
    tx,
    taken.map(({ event }) => event),
  );
  const decided: StorableEvent[] = [];
  const open: string[] = [];
  for (const { event, until } of taken) {
    const verdict = verdictOf(event, times);
    if (verdict === "open" && until > now) open.push(event.id);
    else if (verdict !== "copy") decided.push(event);
    else decided.push({ ...event, class: "archive", signals: ["archive-time", ...event.signals] });
  }
  await storeEvents(tx, decided);
  await dropUndecided(
    tx,
    decided.map(({ id }) => id),
  );
  await postponeUndecided(tx, open, now + CHECK_EVERY);
  return taken.length;
}

function verdictOf(event: TrackingEvent, times: Times): TimeVerdict {
  const facts = times.get(keyOf(event));
  return facts === undefined ? "any" : judgeByTime({ ...facts, at: event.at });
}

function keyOf({ partId, seq }: TrackingEvent): string {
  return `${partId}-${seq}`;
}
