/**
 * A sender: one per process. It knows which deliveries are in progress, fills its window with their parts, lets dispatch
 * bring the messages out, and brings the outcomes home (journal, then database).
 */
import { type Duration, SECOND } from "../core/time.ts";
import { CONTROL_CHANNEL, holdDelivery, settleDelivery } from "../features/deliveries/index.ts";
import type { Db } from "../platform/db.ts";
import { errorText } from "../platform/errors.ts";
import type { Log } from "../platform/log.ts";
import { createCommitter } from "./committer.ts";
import { createDispatch, type DispatchOptions } from "./dispatch.ts";
import type { Journal } from "./journal.ts";
import { loadSendableDelivery, type Sendable, type SendableDeps } from "./sendable-delivery.ts";
import type { BeforeFlush, OpenSession } from "./session-port.ts";
import * as store from "./store.ts";
import { createWindow } from "./window.ts";

/** Control is announced by NOTIFY; this is for what was missed, for retries that come due, and for lanes that rested. */
const TICK: Duration = 500;
const DELIVERIES_KEPT = 50;
const DRAIN_MAX: Duration = 20 * SECOND;

export type SenderOptions = Pick<
  DispatchOptions,
  "index" | "of" | "bounceRules" | "shapingRules" | "routing" | "crypto" | "now" | "random"
> &
  SendableDeps & {
    readonly id: string;
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
  const { id, db, log, journal, now } = options;
  const deliveries = new Map<string, Promise<Sendable | null>>();
  let active = new Map<number, store.ActiveDelivery>();
  let stopping = false;
  let journalOk = true;
  let filling = false;
  let published = "";

  const isActive = (deliveryId: number) => !stopping && active.get(deliveryId)?.state === "in-progress";
  const onError = (what: string) => (error: unknown) => log.warn({ error: errorText(error) }, what);

  const committer = createCommitter({
    db,
    sender: id,
    log,
    onCommitted: (records) => {
      journal.markCommitted(records);
      window.markCommitted(records);
    },
  });

  /** Nothing is sent whose intent is not written. */
  const beforeFlush: BeforeFlush = (messages) => {
    try {
      journal.writeIntents(messages.map(dispatch.intentOf));
      journalOk = true;
    } catch (error) {
      journalOk = false;
      log.error({ error: errorText(error) }, "the journal cannot be written; sending waits");
      throw error;
    }
  };

  const dispatch = createDispatch({
    ...options,
    openSession: options.sessions(beforeFlush),
    mayTake: () => journalOk && !committer.isBehind(),
    isActive,
    onRecord: (record) => {
      journal.writeOutcome(record);
      committer.add(record);
    },
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
    onLoaded: dispatch.pump,
    recall: dispatch.recall,
    onDeliveryLeft: async (deliveryId) => {
      await settle(deliveryId);
      void fill();
    },
  });

  const settle = (deliveryId: number) =>
    settleDelivery(db, deliveryId, now()).catch(onError("the delivery's state cannot be settled"));

  /** What is in progress, and what is to be left alone from now on. */
  async function refresh(): Promise<void> {
    const rows = await store.loadActiveDeliveries(db);
    active = new Map(rows.map((row) => [row.id, row]));
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
      for (const delivery of active.values()) {
        if (!isActive(delivery.id) || !window.hasRoom()) continue;
        const loaded = await sendable(delivery);
        if (loaded?.kind === "unusable") await holdDelivery(db, delivery.id, loaded.reason, now());
        if (loaded?.kind !== "sendable") continue;
        const isOver = now() >= loaded.delivery.validUntil;
        await window.lease(loaded.delivery, isOver ? [] : dispatch.avoidedDomains());
      }
    } catch (error) {
      onError("parts cannot be leased")(error);
    } finally {
      filling = false;
    }
  }

  function sendable(delivery: store.ActiveDelivery): Promise<Sendable | null> {
    const key = `${delivery.id}/${delivery.analysed_version}`;
    let loading = deliveries.get(key);
    if (!loading) {
      loading = loadSendableDelivery(db, delivery.id, options);
      deliveries.set(key, loading);
      loading.catch(() => deliveries.delete(key));
      for (const old of [...deliveries.keys()].slice(0, -DELIVERIES_KEPT)) deliveries.delete(old);
    }
    return loading;
  }

  /** What the operator sees as "on the wire". */
  async function publish(): Promise<void> {
    const counts = new Map<number, { deliveryId: number; onWire: number; leasedParts: number }>();
    const count = (deliveryId: number) => {
      const entry = counts.get(deliveryId) ?? { deliveryId, onWire: 0, leasedParts: 0 };
      counts.set(deliveryId, entry);
      return entry;
    };
    for (const part of window.parts()) count(part.lease.deliveryId).leasedParts++;
    for (const task of dispatch.onWire()) count(task.part.lease.deliveryId).onWire++;
    const rows = [...counts.values()];
    const text = JSON.stringify(rows);
    if (text === published) return;
    await store.saveSenderStatus(db, id, rows, now());
    published = text;
  }

  async function tick(): Promise<void> {
    journalOk ||= journal.isWritable();
    try {
      await window.renew();
      await publish();
      await refresh();
    } catch (error) {
      onError("the database does not answer; sending waits")(error);
    }
    if (!stopping) timer = setTimeout(() => void tick(), TICK);
  }

  const listener = await db.listen(CONTROL_CHANNEL, () => void refresh().catch(onError("deliveries cannot be read")));
  let timer = setTimeout(() => void tick(), TICK);

  const finishWire = () => {
    stopping = true;
    clearTimeout(timer);
    window.drain(() => true);
    return dispatch.close();
  };

  return {
    stop: async () => {
      await finishWire();
      // Without the database the journal remembers: the next start commits what is in it.
      await Promise.race([window.empty(), new Promise((resolve) => setTimeout(resolve, DRAIN_MAX).unref())]);
      await listener.close();
      journal.close();
    },
    abandon: async () => {
      await finishWire();
      journal.close();
    },
  };
}
