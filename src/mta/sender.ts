/**
 * A sender: one per process. It knows which deliveries are in progress, fills its window with their parts, lets dispatch
 * bring the messages out, and brings the outcomes home (journal, then database).
 */
import { type Duration, SECOND } from "../core/time.ts";
import { CONTROL_CHANNEL, holdDelivery, settleDelivery } from "../features/deliveries/index.ts";
import type { ShapingFiles } from "../core/shaping/rule.ts";
import { weightOf } from "../core/delivery/priority.ts";
import type { Db } from "../platform/db.ts";
import { errorText } from "../platform/errors.ts";
import { COMPLAINT_CHANNEL, type ComplaintNote, SHAPING_CHANNEL } from "../platform/events.ts";
import type { Log } from "../platform/log.ts";
import { createArchiveWatch } from "./archive-watch.ts";
import { createCommitter } from "./committer.ts";
import { createCopyDesk, type CopyDeskOptions } from "./copy-desk.ts";
import { createCopyFirst, type CopyFirst } from "./copy-first.ts";
import { type AnyRecord, isCopyRecord } from "./copy-record.ts";
import { createDebts } from "./debts.ts";
import { createDispatch, type DispatchOptions, PUT_OFF_MAX } from "./dispatch.ts";
import type { Journal } from "./journal.ts";
import type { LaneState } from "./lane.ts";
import { loadSendableDelivery, type Sendable, type SendableDelivery, type SendableDeps } from "./sendable-delivery.ts";
import type { BeforeFlush, OpenSession } from "./session-port.ts";
import * as store from "./store.ts";
import { noteTrouble } from "./store-copies.ts";
import { openShapingDesk } from "./shaping-desk.ts";
import type { SiteShaping } from "./site-shaping.ts";
import { createSpeedGate } from "./speed-gate.ts";
import { createWindow, WINDOW } from "./window.ts";

/** Control is announced by NOTIFY; this is for what was missed, for retries that come due, and for lanes that rested. */
const TICK: Duration = 500;
/** Less is what clocks do when they are set right a little. */
const JUMP_LEAST: Duration = 10 * SECOND;
const PUBLISH_EVERY: Duration = 3 * SECOND;
const DELIVERIES_KEPT = 50;
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
  const deliveries = new Map<string, Promise<Sendable | null>>();
  let active = new Map<number, store.ActiveDelivery>();
  let stopping = false;
  let journalOk = true;
  /** Why messages of a delivery wait, by its id. */
  const obstacles = new Map<number, string>();
  let filling = false;
  /** At the beginning of an hour many warm-ups are granted at once: lanes look once. */
  let pumping: unknown = null;
  /** By so much the wall clock is ahead of the steady one. */
  let ahead = now() - clock.steady();
  let published = "";
  let publishedAt = 0;
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
  const weightOfDelivery = (deliveryId: number) => weightOf(active.get(deliveryId)?.priority);

  const dispatch = createDispatch({
    ...options,
    // Operators change them while the sender runs.
    get bounceRules() {
      return options.bounceRules;
    },
    shaper: shaping.shaper,
    sources: shaping.sources,
    speed,
    weightOf: weightOfDelivery,
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
      await settle(deliveryId);
      void fill();
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

  const settle = (deliveryId: number) =>
    settleDelivery(db, deliveryId, now()).catch(onError("the delivery's state cannot be settled"));

  /** What is in progress, and what is to be left alone from now on. */
  async function refresh(): Promise<void> {
    const rows = await store.loadActiveDeliveries(db);
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
    void fill();
  }

  async function fill(): Promise<void> {
    if (filling || stopping || committer.isBehind() || !journalOk) return;
    filling = true;
    try {
      const sending = [...active.values()]
        .filter(({ id: deliveryId }) => isActive(deliveryId))
        .sort((one, other) => weightOfDelivery(other.id) - weightOfDelivery(one.id));
      const weights = sending.reduce((sum, delivery) => sum + weightOfDelivery(delivery.id), 0);
      // First each has its share of the window; what nobody needs is for those who have more to send.
      for (const delivery of sending) await lease(delivery, (WINDOW * weightOfDelivery(delivery.id)) / weights);
      for (const delivery of sending) await lease(delivery, Number.POSITIVE_INFINITY);
    } catch (error) {
      onError("parts cannot be leased")(error);
    } finally {
      filling = false;
    }
  }

  /** Leases parts of a delivery, up to `share` messages in memory. */
  async function lease(delivery: store.ActiveDelivery, share: number): Promise<void> {
    if (!isActive(delivery.id) || !window.hasRoom()) return;
    const loaded = await sendable(delivery);
    if (loaded?.kind === "unusable") await holdDelivery(db, delivery.id, loaded.reason, now());
    if (loaded?.kind !== "sendable") return;
    const isOver = now() >= loaded.delivery.validUntil;
    const obstacle = isOver ? null : obstacleOf(loaded.delivery);
    const waitsFor = obstacle || copyFirst.holdReason(delivery.id);
    if (waitsFor) obstacles.set(delivery.id, waitsFor);
    else obstacles.delete(delivery.id);
    if (obstacle !== null) return;
    const { wish } = loaded.delivery;
    const avoidDomains = isOver ? [] : dispatch.avoidedDomains(loaded.delivery);
    const isOthers = (partId: number) => !isOver && shaping.sources.isOthers(wish, partId);
    await window.lease(loaded.delivery, { avoidDomains, isOthers }, share);
  }

  /** What was put off a moment ago is due now. */
  async function wakeParts(): Promise<void> {
    await store.wakeParts(db, [...active.keys()], now(), now() + PUT_OFF_MAX);
    void fill();
  }

  /** Why messages of the delivery have to wait for its archive. */
  const obstacleOf = (delivery: SendableDelivery) =>
    delivery.archive === null ? null : (watch.obstacle() ?? copyFirst.obstacle(delivery));

  function sendable(delivery: Pick<store.ActiveDelivery, "id" | "analysed_version">): Promise<Sendable | null> {
    const key = `${delivery.id}/${delivery.analysed_version}`;
    let loading = deliveries.get(key);
    if (!loading) {
      loading = loadSendableDelivery(db, delivery.id, options);
      deliveries.set(key, loading);
      // Somebody may put in order what makes it unusable.
      const forget = () => deliveries.delete(key);
      loading.then((loaded) => loaded?.kind === "sendable" || forget(), forget);
      for (const old of [...deliveries.keys()].slice(0, -DELIVERIES_KEPT)) deliveries.delete(old);
    }
    return loading;
  }

  /** Messages without copies must not wait for an archive that cannot be read. */
  const readArchives = (all = false) => watch.refresh(all).catch(onError("the archives cannot be read; copies wait"));

  /** What the operator sees as "on the wire". */
  async function publish(): Promise<void> {
    const counts = new Map<number, { -readonly [K in keyof store.SenderStatus]: store.SenderStatus[K] }>();
    const count = (deliveryId: number) => {
      const waitingFor = obstacles.get(deliveryId) ?? null;
      const entry = counts.get(deliveryId) ?? { deliveryId, onWire: 0, leasedParts: 0, waitingFor };
      counts.set(deliveryId, entry);
      return entry;
    };
    for (const part of window.parts()) count(part.lease.deliveryId).leasedParts++;
    for (const task of dispatch.onWire()) count(task.part.lease.deliveryId).onWire++;
    for (const deliveryId of obstacles.keys()) if (active.has(deliveryId)) count(deliveryId);
    const rows = [...counts.values()];
    const text = JSON.stringify(rows);
    // What does not change must not look old.
    if (text === published && (rows.length === 0 || now() - publishedAt < PUBLISH_EVERY)) return;
    await store.saveSenderStatus(db, id, rows, now());
    published = text;
    publishedAt = now();
  }

  /** Lanes of one site that differ in their TLS are one to whoever looks. */
  function lanesBySite(): Map<SiteShaping, LaneState> {
    const states = new Map<SiteShaping, LaneState>();
    for (const { lane, site } of dispatch.lanes()) {
      const sum = states.get(site) ?? { waiting: 0, connections: 0, wanting: 0, held: 0 };
      const { waiting, connections, wanting, held } = lane.state();
      states.set(site, {
        waiting: sum.waiting + waiting,
        connections: sum.connections + connections,
        wanting: sum.wanting + wanting,
        held: sum.held + held,
      });
    }
    return states;
  }

  /** Dates that were put off stand in the future of a clock that went back: they are due as they were meant to be. */
  async function watchClock(): Promise<void> {
    const wentBack = ahead - (now() - clock.steady());
    if (wentBack < -JUMP_LEAST) ahead = now() - clock.steady();
    if (wentBack <= JUMP_LEAST) return;
    log.warn({ milliseconds: wentBack }, "the clock went back");
    ahead = now() - clock.steady();
    await store.wakeParts(db, [...active.keys()], now(), now() + wentBack + PUT_OFF_MAX);
  }

  async function tick(): Promise<void> {
    journalOk ||= journal.isWritable();
    try {
      await watchClock();
      await window.renew();
      await debts.renew();
      await readArchives();
      desk.pump();
      void debts.fill();
      await publish();
      await shaping.tick(lanesBySite, journalOk ? (committer.isBehind() ? "database" : null) : "journal");
      await refresh();
    } catch (error) {
      onError("the database does not answer; sending waits")(error);
    }
    if (!stopping) timer = setTimeout(() => void tick(), TICK);
  }

  await readArchives();
  const listener = await db.listen(CONTROL_CHANNEL, () => void refresh().catch(onError("deliveries cannot be read")));
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
