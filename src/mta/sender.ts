/**
 * A sender: one per process. It knows which deliveries are in progress, fills its window with their parts, lets dispatch
 * bring the messages out, and brings the outcomes home (journal, then database).
 *
 * Longer than the house limit: it is the one place where the parts of a sender meet, and they call each other.
 */
import { type Duration, SECOND } from "../core/time.ts";
import { CONTROL_CHANNEL, holdDelivery, settleDelivery } from "../features/deliveries/index.ts";
import type { ShapingFiles } from "../core/shaping/rule.ts";
import { weightOf } from "../core/delivery/priority.ts";
import type { Db } from "../platform/db.ts";
import { errorText } from "../platform/errors.ts";
import { COMPLAINT_CHANNEL, type ComplaintNote, SHAPING_CHANNEL, SINGLES_CHANNEL } from "../platform/events.ts";
import type { Log } from "../platform/log.ts";
import { createArchiveWatch } from "./archive-watch.ts";
import { createClockWatch } from "./clock-watch.ts";
import { createCommitter } from "./committer.ts";
import { createCopyDesk, type CopyDeskOptions } from "./copy-desk.ts";
import { createCopyFirst, type CopyFirst } from "./copy-first.ts";
import { type AnyRecord, isCopyRecord } from "./copy-record.ts";
import { createDebts } from "./debts.ts";
import { createDispatch, type DispatchOptions, PUT_OFF_MAX } from "./dispatch.ts";
import type { Journal } from "./journal.ts";
import { lanesBySite } from "./lane-figures.ts";
import { createLeasing } from "./leasing.ts";
import { createSendableDeliveries } from "./sendable-deliveries.ts";
import type { SendableDeps } from "./sendable-delivery.ts";
import type { BeforeFlush, OpenSession } from "./session-port.ts";
import * as store from "./store.ts";
import { noteTrouble } from "./store-copies.ts";
import { openShapingDesk } from "./shaping-desk.ts";
import { createSpeedGate } from "./speed-gate.ts";
import { createStatusBoard } from "./status-board.ts";
import { createWindow } from "./window.ts";

/** Control is announced by NOTIFY; this is for what was missed, for retries that come due, and for lanes that rested. */
const TICK: Duration = 500;
const DRAIN_MAX: Duration = 20 * SECOND;

export type SenderOptions = Pick<
  DispatchOptions,
  "bounceRules" | "routing" | "crypto" | "clock" | "timers" | "random"
> &
  Pick<CopyDeskOptions, "index" | "of" | "openStore"> &
  SendableDeps & {
    readonly id: string;
    readonly shaping: ShapingFiles;
    readonly db: Db;
    readonly log: Log;
    readonly journal: Journal;
    /** Makes the function that opens sessions around the journal hook. */
    readonly sessions: (beforeFlush: BeforeFlush) => OpenSession;
  };

export type Sender = {
  /** Takes no new messages, waits for those on the wire, commits, gives parts back. */
  stop(): Promise<void>;
  /** The same without the database: what becomes of the messages on the wire stays in the journal. */
  abandon(): Promise<void>;
};

export async function startSender(options: SenderOptions): Promise<Sender> {
  const { id, db, log, journal, clock } = options;
  const { now } = clock;
  const sendable = createSendableDeliveries(db, options);
  const clockWentBack = createClockWatch(clock);
  const publish = createStatusBoard(db, id, now);
  let active = new Map<number, store.ActiveDelivery>();
  let stopping = false;
  let journalOk = true;
  /** At the beginning of an hour many warm-ups are granted at once: lanes look once. */
  let pumping: unknown = null;
  let copyFirst: CopyFirst;

  const isActive = (deliveryId: number) => !stopping && active.get(deliveryId)?.state === "in-progress";
  const onError = (what: string) => (error: unknown) => log.warn({ error: errorText(error) }, what);

  const committer = createCommitter({
    db,
    sender: id,
    log,
    onCommitted: (records) => {
      journal.markCommitted(records);
      window.markCommitted(records.filter((record) => !isDebt(record)));
      debts.markCommitted(records.filter(isDebt));
    },
  });
  const onRecord = (record: AnyRecord) => {
    journal.writeOutcome(record);
    committer.add(record);
  };
  const mayTake = () => journalOk && !committer.isBehind();

  const writeIntents = (intents: Parameters<Journal["writeIntents"]>[0]) => {
    try {
      journal.writeIntents(intents);
      journalOk = true;
    } catch (error) {
      journalOk = false;
      log.error({ error: errorText(error) }, "the journal cannot be written; sending waits");
      throw error;
    }
  };
  /** Nothing is sent whose intent is not written. */
  const beforeFlush: BeforeFlush = (messages) => {
    writeIntents(messages.map((m) => (m.kind === "copy" ? desk.intentOf(m) : dispatch.intentOf(m))));
  };
  const openSession = options.sessions(beforeFlush);

  const watch = createArchiveWatch(db, options.masterKey, now, () => desk.retryNow());
  const desk = createCopyDesk({
    ...options,
    openSession,
    archives: watch.archives,
    giveUpAfter: watch.giveUpAfter,
    mayTake,
    writeIntent: (intent) => {
      try {
        writeIntents([intent]);
        return true;
      } catch {
        return false;
      }
    },
    onTrouble: (archive, deliveryId, reply) => {
      noteTrouble(db, id, { archive, deliveryId, reply }, now()).catch(
        onError("the trouble of an archive is not noted"),
      );
    },
  });

  const shaping = await openShapingDesk({
    ...options,
    sender: id,
    files: options.shaping,
    onDecided: () => {
      dispatch.forgetAvoided();
      dispatch.pump();
      wakeParts().catch(onError("parts that were put off cannot be woken"));
    },
    onGranted: () => {
      pumping ??= options.timers.set(() => {
        pumping = null;
        dispatch.pump();
      }, 0);
    },
  });
  const speed = createSpeedGate((deliveryId) => {
    const perHour = active.get(deliveryId)?.speed ?? null;
    return perHour === null ? null : perHour / options.of;
  });

  const dispatch = createDispatch({
    ...options,
    // Operators change them while the sender runs.
    get bounceRules() {
      return options.bounceRules;
    },
    shaper: shaping.shaper,
    sources: shaping.sources,
    speed,
    weightOf: (deliveryId) => weightOf(active.get(deliveryId)?.priority),
    onRouted: (...route) => shaping.noteRoute(...route),
    onReply: (site, text) => shaping.noteReply(site, text),
    openSession,
    mayTake,
    isActive,
    copyFirst: (make) => {
      copyFirst = createCopyFirst({
        desk,
        make,
        isActive,
        onRecord,
        onMoved: (part) => window.advance(part),
        now,
      });
      return copyFirst;
    },
    onRecord,
    onMoved: (part) => window.advance(part),
    onHold: (deliveryId, reason) => {
      holdDelivery(db, deliveryId, reason, now()).then(refresh).catch(onError("the delivery cannot be paused"));
    },
  });

  const window = createWindow({
    sender: id,
    db,
    log,
    now,
    onMessage: dispatch.start,
    standing: () => copyFirst.waiting() + dispatch.standing(),
    mostOf: (deliveryId) => speed.windowOf(deliveryId),
    recall: dispatch.recall,
    onDeliveryLeft: async (deliveryId) => {
      const left = active.get(deliveryId);
      // A carrier goes on for its day.
      if (left?.single && left.state === "in-progress") return leasing.wake(deliveryId);
      await settle(deliveryId);
      void leasing.fill();
    },
  });

  const debts = createDebts({
    sender: id,
    db,
    log,
    desk,
    crypto: options.crypto,
    archives: watch.archives,
    giveUpAfter: watch.giveUpAfter,
    // What is owed may be of a delivery that ended long ago; its manifest does not change any more.
    sendable: (deliveryId) => sendable({ id: deliveryId, analysed_version: 0 }),
    onRecord,
    now,
  });

  const leasing = createLeasing({
    db,
    window,
    dispatch,
    copyFirst: {
      obstacle: (delivery) => copyFirst.obstacle(delivery),
      holdReason: (deliveryId) => copyFirst.holdReason(deliveryId),
    },
    archives: watch,
    sources: shaping.sources,
    sendable,
    active: () => [...active.values()].filter((delivery) => isActive(delivery.id)),
    isActive,
    mayLease: () => !stopping && mayTake(),
    onError: onError("parts cannot be leased"),
    now,
  });

  const settle = (deliveryId: number) =>
    settleDelivery(db, deliveryId, now()).catch(onError("the delivery's state cannot be settled"));

  /** What is in progress, and what is to be left alone from now on. */
  async function refresh(): Promise<void> {
    const rows = await store.loadActiveDeliveries(db, now());
    // A delivery that is new here may have archives that are.
    if (rows.some(({ id }) => !active.has(id))) await readArchives(true);
    active = new Map(rows.map((row) => [row.id, row]));
    speed.keep((deliveryId) => active.has(deliveryId));
    window.drain((part) => !isActive(part.lease.deliveryId));
    const held = new Set([...window.parts()].map((part) => part.lease.deliveryId));
    for (const delivery of rows) {
      if (delivery.state !== "in-progress" && !held.has(delivery.id)) await settle(delivery.id);
    }
    dispatch.pump();
    void leasing.fill();
  }

  /** What was put off a moment ago is due now. */
  async function wakeParts(): Promise<void> {
    await store.wakeParts(db, [...active.keys()], now(), now() + PUT_OFF_MAX);
    void leasing.fill();
  }

  /** Messages without copies must not wait for an archive that cannot be read. */
  const readArchives = (all = false) => watch.refresh(all).catch(onError("the archives cannot be read; copies wait"));

  /** Dates that were put off stand in the future of a clock that went back: they are due as they were meant to be. */
  async function meanDatesAnew(wentBack: Duration): Promise<void> {
    log.warn({ milliseconds: wentBack }, "the clock went back");
    await store.wakeParts(db, [...active.keys()], now(), now() + wentBack + PUT_OFF_MAX);
  }

  async function tick(): Promise<void> {
    journalOk ||= journal.isWritable();
    try {
      const wentBack = clockWentBack();
      if (wentBack > 0) await meanDatesAnew(wentBack);
      await window.renew();
      await debts.renew();
      await readArchives();
      desk.pump();
      void debts.fill();
      await publish({
        parts: window.parts(),
        onWire: dispatch.onWire(),
        obstacles: [...leasing.obstacles].filter(([deliveryId]) => active.has(deliveryId)),
      });
      await shaping.tick(
        () => lanesBySite(dispatch.lanes()),
        journalOk ? (committer.isBehind() ? "database" : null) : "journal",
      );
      await refresh();
    } catch (error) {
      onError("the database does not answer; sending waits")(error);
    }
    if (!stopping) timer = setTimeout(() => void tick(), TICK);
  }

  await readArchives();
  const listener = await db.listen(CONTROL_CHANNEL, () => void refresh().catch(onError("deliveries cannot be read")));
  // What is missed is found at the next tick, as all that is due.
  const singles = await db.listen(SINGLES_CHANNEL, (carrier) => {
    if (active.has(Number(carrier))) leasing.wake(Number(carrier));
    else void refresh().catch(onError("deliveries cannot be read"));
  });
  const decisions = await db.listen(SHAPING_CHANNEL, () => shaping.noteDecision());
  const complaints = await db.listen(COMPLAINT_CHANNEL, (note) => {
    // Nothing is said when the connection was made anew: what was missed meanwhile weighs nothing here.
    if (note !== "") shaping.noteComplaint(JSON.parse(note) as ComplaintNote);
  });
  let timer = setTimeout(() => void tick(), TICK);

  const finishWire = async () => {
    stopping = true;
    clearTimeout(timer);
    window.drain(() => true);
    debts.drain();
    await dispatch.close();
    await desk.close();
  };

  return {
    stop: async () => {
      await finishWire();
      // Without the database the journal remembers: the next start commits what is in it.
      const empty = Promise.all([window.empty(), debts.empty()]);
      await Promise.race([empty, new Promise((resolve) => setTimeout(resolve, DRAIN_MAX).unref())]);
      await shaping.close().catch(onError("the last state of lanes is not saved"));
      await decisions.close();
      await complaints.close();
      await singles.close();
      await listener.close();
      journal.close();
    },
    abandon: async () => {
      await finishWire();
      journal.close();
    },
  };
}

const isDebt = (record: AnyRecord) => isCopyRecord(record) && record.side === "debt";
