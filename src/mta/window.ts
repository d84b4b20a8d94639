/**
 * The parts a sender holds: leased, loaded in slices, kept alive, given back. The window bounds what is in memory; it
 * knows nothing of lanes and sessions.
 */
import { SECOND, type Duration, type Instant } from "../core/time.ts";
import { type Db, isTransientDbError } from "../platform/db.ts";
import { errorText } from "../platform/errors.ts";
import type { Log } from "../platform/log.ts";
import { holdPart, isDone, type HeldPart } from "./held-part.ts";
import type { SendableDelivery } from "./sendable-delivery.ts";
import * as store from "./store.ts";
import { type KnownCopy, loadCopies } from "./store-copies.ts";
import { PUT_OFF_MAX } from "./ways.ts";

/** Messages in memory beyond which no further part is leased. */
export const WINDOW = 3000;
/** So many more that do not move cost memory and nothing else. */
const STANDING_MAX = 9000;
/** Room that only single messages have: what is under way in bulk must not keep them out. */
const SINGLES_ROOM = 1000;
const SLICE = 500;
const LEASE_FOR: Duration = 60 * SECOND;
const RENEW_EVERY: Duration = 15 * SECOND;
/** Of leasing in a row for one delivery: others have their turn. */
const ROUNDS = 10;
/** Parts whose give-back failed because the database was away are tried again this often. */
const RETRY_MS = 500;

export type WindowOptions = {
  readonly sender: string;
  readonly db: Db;
  readonly log: Log;
  readonly now: () => Instant;
  /** Brings one loaded message on its way; `copies`: what the ledger has of it. */
  readonly onMessage: (part: HeldPart, message: store.WaitingMessage, copies: readonly KnownCopy[]) => void;
  /** Messages that are loaded and take up nobody's room: they wait for an archive, or for a destination that is slow. */
  readonly standing: () => number;
  /** Messages of this delivery that are worth having here: more could not leave soon. */
  readonly mostOf: (deliveryId: number) => number;
  /** Takes the part's messages out of the lanes and puts them off. */
  readonly recall: (part: HeldPart) => void;
  /** The sender holds nothing of this delivery any more. */
  readonly onDeliveryLeft: (deliveryId: number) => Promise<void>;
};

export type Window = {
  /** Leases parts of this delivery while there is room, and while it has less than `most` messages here. True: there may be more. */
  lease(delivery: SendableDelivery, wish: Omit<store.LeaseWish, "limit">, most: number): Promise<boolean>;
  readonly hasRoom: (single?: boolean) => boolean;
  /** Something of this part was settled, put off or committed: load on, or give back. */
  advance(part: HeldPart): void;
  /** These outcomes are in the database. */
  markCommitted(keys: readonly { partId: number; epoch: number }[]): void;
  /** Nothing more of these parts leaves; they go back as soon as what is on the wire is settled. */
  drain(match: (part: HeldPart) => boolean): void;
  /** Keeps leases alive; parts whose lease went to somebody else are dropped. */
  renew(): Promise<void>;
  readonly parts: () => Iterable<HeldPart>;
  /** Resolves when nothing is held any more. */
  empty(): Promise<void>;
};

export function createWindow(options: WindowOptions): Window {
  const { sender, db, log, now } = options;
  const parts = new Map<number, HeldPart>();
  const leaving = new Set<HeldPart>();
  let renewedAt = now();
  let onEmpty: (() => void)[] = [];

  const outstanding = () => {
    let sum = 0;
    for (const part of parts.values()) sum += part.outstanding;
    return sum;
  };

  const room = (single: boolean) =>
    WINDOW + (single ? SINGLES_ROOM : 0) - outstanding() + Math.min(STANDING_MAX, options.standing());

  const outstandingOf = (deliveryId: number) => {
    let sum = 0;
    for (const part of parts.values()) if (part.lease.deliveryId === deliveryId) sum += part.outstanding;
    return sum;
  };

  async function loadSlice(part: HeldPart): Promise<void> {
    if (part.loading || part.exhausted) return;
    part.loading = true;
    try {
      const slice = sliceOf(part);
      const messages = await store.loadMessages(db, part.lease.partId, part.cursor, slice, now());
      const copies = await copiesOf(part, messages);
      part.cursor = messages.at(-1)?.seq ?? part.cursor;
      part.exhausted ||= messages.length < slice;
      part.outstanding += messages.length;
      for (const message of messages) options.onMessage(part, message, copies.get(message.seq) ?? []);
    } catch (error) {
      log.warn({ part: part.lease.partId, error: errorText(error) }, "messages cannot be loaded");
      part.exhausted = true;
    } finally {
      part.loading = false;
    }
    advance(part);
  }

  const sliceOf = (part: HeldPart) => Math.min(SLICE, options.mostOf(part.lease.deliveryId));

  async function copiesOf(
    part: HeldPart,
    messages: readonly store.WaitingMessage[],
  ): Promise<Map<number, KnownCopy[]>> {
    const bySeq = new Map<number, KnownCopy[]>();
    const [first, last] = [messages[0], messages.at(-1)];
    if (part.delivery.archive === null || !first || !last) return bySeq;
    for (const copy of await loadCopies(db, part.lease.partId, first.seq, last.seq)) {
      bySeq.set(copy.seq, [...(bySeq.get(copy.seq) ?? []), copy]);
    }
    return bySeq;
  }

  function advance(part: HeldPart): void {
    if (!part.exhausted && part.outstanding < sliceOf(part) / 2) void loadSlice(part);
    if (!isDone(part) || parts.get(part.lease.partId) !== part) return;
    parts.delete(part.lease.partId);
    leaving.add(part);
    void giveBack(part);
  }

  async function giveBack(part: HeldPart): Promise<void> {
    const { deliveryId, partId, epoch } = part.lease;
    try {
      // Whatever it waits for, the end of the validity period comes first.
      const notBefore = Math.min(part.notBefore, part.delivery.validUntil, now() + PUT_OFF_MAX);
      if (!part.lost) await store.releasePart(db, sender, { partId, epoch }, now(), notBefore);
    } catch (error) {
      log.warn({ part: partId, error: errorText(error) }, "a part cannot be given back");
      if (isTransientDbError(error)) return void setTimeout(() => void giveBack(part), RETRY_MS);
    }
    leaving.delete(part);
    if (!holds(deliveryId)) await options.onDeliveryLeft(deliveryId);
    if (parts.size + leaving.size === 0) for (const resolve of onEmpty.splice(0)) resolve();
  }

  const holds = (deliveryId: number) =>
    [...parts.values(), ...leaving].some((part) => part.lease.deliveryId === deliveryId);

  return {
    hasRoom: (single = false) => room(single) > 0,
    lease: async (delivery, wish, most) => {
      // Parts may be small, or have little that is due: there is room until it is full.
      for (let round = 0; round < ROUNDS; round++) {
        const wanted = Math.min(
          room(delivery.loadContent !== null),
          Math.min(most, options.mostOf(delivery.id)) - outstandingOf(delivery.id),
        );
        if (wanted <= 0) return false;
        const limit = Math.ceil(wanted / SLICE);
        const leases = await store.leaseParts(db, sender, delivery.id, { ...wish, limit }, now(), now() + LEASE_FOR);
        for (const lease of leases) {
          const part = holdPart(lease, delivery);
          parts.set(lease.partId, part);
          await loadSlice(part);
        }
        if (leases.length < limit) return false;
      }
      return true;
    },
    advance,
    markCommitted: (keys) => {
      for (const { partId, epoch } of keys) {
        const part = parts.get(partId);
        if (!part || part.lost || part.lease.epoch !== epoch) continue;
        part.uncommitted--;
        advance(part);
      }
    },
    drain: (match) => {
      for (const part of [...parts.values()].filter(match)) {
        part.exhausted = true;
        options.recall(part);
        advance(part);
      }
    },
    renew: async () => {
      // Also a clock that went back is a reason: leases end by dates.
      if (Math.abs(now() - renewedAt) < RENEW_EVERY || parts.size === 0) return;
      const held = [...parts.values()];
      const still = await store.renewLeases(
        db,
        sender,
        held.map(({ lease }) => ({ partId: lease.partId, epoch: lease.epoch })),
        now() + LEASE_FOR,
      );
      renewedAt = now();
      for (const part of held) {
        if (still.has(part.lease.partId) || parts.get(part.lease.partId) !== part) continue;
        log.warn({ part: part.lease.partId }, "the lease was lost");
        part.lost = true;
        part.uncommitted = 0;
        part.exhausted = true;
        options.recall(part);
        advance(part);
      }
    },
    parts: () => parts.values(),
    empty: () =>
      parts.size + leaving.size === 0 ? Promise.resolve() : new Promise((resolve) => void onEmpty.push(resolve)),
  };
}
