/**
 * Brings out what is owed: copies that no archive has taken yet, whatever became of their messages and deliveries meanwhile. Debts are
 * leased by part, made again from their messages' rows, and tried by their own schedule (core/archive/plan-copy).
 */
import type { Instant, Duration } from "../core/time.ts";
import { HOUR, SECOND } from "../core/time.ts";
import type { KnownArchive } from "../features/archive/index.ts";
import { isTransientDbError, type Db } from "../platform/db.ts";
import { errorText } from "../platform/errors.ts";
import type { Log } from "../platform/log.ts";
import type { CopyDesk } from "./copy-desk.ts";
import type { CopyRecord } from "./copy-record.ts";
import type { CopyTask } from "./copy-task.ts";
import { type Crypto, makeMessage, type MadeBytes } from "./make-message.ts";
import type { Sendable, SendableDelivery } from "./sendable-delivery.ts";
import * as store from "./store-copies.ts";

/** Copies of one archive in memory beyond which no further ones are loaded: a slow archive holds up nobody but itself. */
const WINDOW = 500;
const SLICE = 250;
/** When there may be room again for an archive that has its share. */
const FULL_FOR: Duration = 10 * SECOND;
const LEASE_FOR: Duration = 60 * SECOND;
const RENEW_EVERY: Duration = 15 * SECOND;
const RETRY_MS = 500;
/** A delivery that cannot be read is somebody's work, not ours. */
const UNUSABLE_FOR: Duration = HOUR;

export type DebtsOptions = {
  readonly sender: string;
  readonly db: Db;
  readonly log: Log;
  readonly desk: CopyDesk;
  readonly crypto: Crypto;
  /** As they are now. */
  readonly archives: () => ReadonlyMap<number, KnownArchive>;
  readonly giveUpAfter: () => Duration;
  readonly sendable: (deliveryId: number) => Promise<Sendable | null>;
  readonly onRecord: (record: CopyRecord) => void;
  readonly now: () => Instant;
};

export type Debts = {
  /** Leases what may be tried now, as far as there is room. */
  fill(): Promise<void>;
  renew(): Promise<void>;
  markCommitted(records: readonly { readonly partId: number; readonly epoch: number }[]): void;
  /** Nothing more is begun. */
  drain(): void;
  /** Resolves when everything is given back. */
  empty(): Promise<void>;
};

type Held = {
  readonly lease: store.DebtLease;
  outstanding: number;
  uncommitted: number;
  /** Before that nothing of the part can be tried. */
  notBefore: Instant;
  /** … and of these archives nothing before then. */
  readonly shut: Map<number, Instant>;
  lost: boolean;
  loaded: boolean;
};

export function createDebts(options: DebtsOptions): Debts {
  const { sender, db, log, now } = options;
  const held = new Map<number, Held>();
  const leaving = new Set<Held>();
  /** Copies on their way, by archive. */
  const outstanding = new Map<number, number>();
  let draining = false;
  let filling = false;
  let renewedAt = now();
  let onEmpty: (() => void)[] = [];

  /** Parts that may be leased: each archive that copies are on the way to has a share, and so has one more. */
  const room = () => {
    const counts = [...outstanding.values()].filter((n) => n > 0);
    return Math.ceil((WINDOW * (counts.length + 1) - counts.reduce((sum, n) => sum + n, 0)) / SLICE);
  };
  const isFull = (archive: number) => (outstanding.get(archive) ?? 0) >= WINDOW;
  const count = (archive: number, difference: number) => {
    outstanding.set(archive, (outstanding.get(archive) ?? 0) + difference);
  };
  /** Nothing is loaded for these. */
  const unusable = () => [
    ...[...outstanding.keys()].filter(isFull),
    ...[...options.archives().values()].filter(({ enabled }) => !enabled).map(({ id }) => id),
  ];

  /** What cannot be tried now stays where it is, and in nobody's way. */
  function shutOut(part: Held, archives: readonly number[]): store.ShutOut {
    const closed: number[] = [];
    const resting: number[] = [];
    for (const id of archives) {
      const trouble = options.desk.trouble(id);
      const until = trouble?.until ?? (isFull(id) ? now() + FULL_FOR : null);
      if (until === null) continue;
      part.shut.set(id, until);
      (trouble !== null && options.archives().get(id)?.enabled && !isFull(id) ? resting : closed).push(id);
    }
    return { closed, resting, overdueSince: now() - options.giveUpAfter() };
  }

  async function load(part: Held): Promise<void> {
    const { partId, deliveryId } = part.lease;
    const loaded = await options.sendable(deliveryId);
    const archives = loaded?.kind === "sendable" ? (loaded.delivery.archive?.archives ?? []) : [];
    const owed = await store.loadOwed(db, partId, SLICE, now(), shutOut(part, archives));
    if (loaded?.kind !== "sendable") {
      part.notBefore = now() + UNUSABLE_FOR;
      log.warn({ deliveryId, reason: loaded?.reason ?? "it is gone" }, "copies of a delivery cannot be made");
    } else {
      part.outstanding += owed.length;
      for (const { archive } of owed) count(archive, 1);
      for (const copy of owed) options.desk.start(taskOf(part, loaded.delivery, copy));
    }
  }

  function taskOf(part: Held, delivery: SendableDelivery, owed: store.OwedCopy): CopyTask {
    const { partId, epoch } = part.lease;
    const key = { partId, seq: owed.seq, archive: owed.archive };
    const original = delivery.archive?.copy === "inert" ? null : owed.message_digest;
    return {
      key,
      delivery,
      address: owed.address,
      vars: owed.vars,
      attempts: owed.attempts,
      dueSince: owed.due_since,
      digest: (owed.copy_digest ?? original)?.toString("base64") ?? null,
      location: owed.location,
      isSent: owed.status === "sent",
      startBy: Number.POSITIVE_INFINITY,
      isCharged: true,
      isWanted: () => !part.lost && !draining,
      make: () => make(delivery, key, owed),
      lease: { side: "debt", epoch },
      onEnd: (result, record) => {
        part.outstanding--;
        count(owed.archive, -1);
        if (result.kind === "later") part.shut.set(owed.archive, result.until);
        if (record !== null) {
          if (!part.lost) part.uncommitted++;
          options.onRecord(record);
        }
        advance(part);
      },
    };
  }

  async function make(delivery: SendableDelivery, key: CopyTask["key"], owed: store.OwedCopy): Promise<MadeBytes> {
    const made = await makeMessage(options.crypto, delivery, key, owed.address, owed.vars);
    if (made.kind === "made") return made;
    throw new Error(made.message);
  }

  function advance(part: Held): void {
    const isDone = part.loaded && part.outstanding === 0 && part.uncommitted === 0;
    if (!isDone || held.get(part.lease.partId) !== part) return;
    held.delete(part.lease.partId);
    leaving.add(part);
    void giveBack(part);
  }

  async function giveBack(part: Held): Promise<void> {
    try {
      if (!part.lost) await store.releaseDebts(db, sender, part.lease, part.notBefore, part.shut);
    } catch (error) {
      log.warn({ part: part.lease.partId, error: errorText(error) }, "the debts of a part cannot be given back");
      if (isTransientDbError(error)) return void setTimeout(() => void giveBack(part), RETRY_MS);
    }
    leaving.delete(part);
    if (held.size + leaving.size === 0) for (const resolve of onEmpty.splice(0)) resolve();
    void fill();
  }

  async function fill(): Promise<void> {
    if (filling || draining) return;
    filling = true;
    try {
      for (const lease of await store.leaseDebts(db, sender, room(), unusable(), now(), now() + LEASE_FOR)) {
        const part = holdDebts(lease);
        held.set(lease.partId, part);
        await load(part).catch((error: unknown) => {
          part.notBefore = now() + RETRY_MS;
          log.warn({ part: lease.partId, error: errorText(error) }, "debts cannot be loaded");
        });
        part.loaded = true;
        advance(part);
      }
    } catch (error) {
      log.warn({ error: errorText(error) }, "debts cannot be leased");
    } finally {
      filling = false;
    }
  }

  return {
    fill,
    renew: async () => {
      if (now() - renewedAt < RENEW_EVERY || held.size === 0) return;
      const parts = [...held.values()];
      const leases = parts.map(({ lease }) => lease);
      const still = await store.renewDebts(db, sender, leases, now() + LEASE_FOR);
      renewedAt = now();
      for (const part of parts) {
        if (still.has(part.lease.partId) || part.lost) continue;
        part.lost = true;
        part.uncommitted = 0;
        options.desk.recall((task) => task.lease.side === "debt" && task.key.partId === part.lease.partId);
        advance(part);
      }
    },
    markCommitted: (records) => {
      for (const { partId, epoch } of records) {
        const part = held.get(partId);
        if (!part || part.lost || part.lease.epoch !== epoch) continue;
        part.uncommitted--;
        advance(part);
      }
    },
    drain: () => {
      draining = true;
      options.desk.recall((task) => task.lease.side === "debt");
    },
    empty: () =>
      held.size + leaving.size === 0 ? Promise.resolve() : new Promise((resolve) => void onEmpty.push(resolve)),
  };
}

function holdDebts(lease: store.DebtLease): Held {
  return { lease, outstanding: 0, uncommitted: 0, notBefore: 0, shut: new Map(), lost: false, loaded: false };
}
