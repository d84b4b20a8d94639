/**
 * What originals have to do with their copies. Timing `before`: an original goes on once its copies were accepted; if it must (strict),
 * never without them, else when they had their chance. Timing `after`: the copy follows with the bytes in hand. What an archive does not
 * take here is owed, and debts.ts sees to it.
 *
 * Longer than the house limit: who waits, who holds bytes and what the ledger was told must change together.
 */
import type { CopyKey, DeliveryArchive } from "../core/archive/archive.ts";
import { type Duration, type Instant, SECOND } from "../core/time.ts";
import type { CopyDesk } from "./copy-desk.ts";
import { COPY_DOT_TIMEOUT } from "./copy-desk.ts";
import type { CopyRecord } from "./copy-record.ts";
import type { CopyResult, CopyTask } from "./copy-task.ts";
import type { HeldPart } from "./held-part.ts";
import type { MadeBytes } from "./make-message.ts";
import type { NewDebt } from "./outcome-record.ts";
import type { SendableDelivery } from "./sendable-delivery.ts";
import type { Task } from "./task.ts";

/** An archive that has not answered for so long to a copy that is made is slow: originals that may leave without it wait no longer. */
const PATIENCE: Duration = 2 * SECOND;
/** … and for so long it is taken for slow. */
const SLOW_FOR: Duration = 10 * SECOND;
/** Copies in hand begin by then, or are owed instead: bytes in memory cost more than making them again. */
const IN_HAND_FOR: Duration = 20 * SECOND;
/** When a copy in hand is a debt after all: everything that can hold it up is over by then. */
const GRACE: Duration = IN_HAND_FOR + COPY_DOT_TIMEOUT + 10 * SECOND;
/** Copies in hand of an archive that is not quick, beyond which further ones are owed at once; of a quick one no more are leased meanwhile. */
const IN_HAND_MAX = 500;
/** Originals that wait for one archive, beyond which no more are leased for such deliveries. */
const WAITING_MAX = 1000;
/** A strict original whose copy is owed looks again when that was tried, another lease brings it out; but never sooner or later than that. */
const LOOK_AGAIN: Duration = 2 * SECOND;
const LOOK_AGAIN_MAX: Duration = 30 * SECOND;
/** An archive that takes nothing more looks no better soon. */
const GIVEN_UP_AGAIN: Duration = 3600 * SECOND;
/** Bytes kept from copies for their originals, and from originals for their copies. */
const KEPT_BYTES = 32 * 1024 * 1024;

export type CopyFirstOptions = {
  readonly desk: CopyDesk;
  /** The bytes of the original; null: they cannot be made. */
  readonly make: (task: Task) => Promise<MadeBytes | null>;
  readonly isActive: (deliveryId: number) => boolean;
  readonly onRecord: (record: CopyRecord) => void;
  readonly onMoved: (part: HeldPart) => void;
  readonly now: () => Instant;
};

export type CopyFirst = {
  /** Timing `before`: calls one of the two, later or at once. */
  wait(task: Task, goOn: () => void, putOff: (until: Instant) => void): void;
  /** The copies that are due now that a server had the message, as far as the ledger does not have them. */
  debts(task: Task): NewDebt[];
  /** Timing `after`, the message was accepted: the same, and its copies are on their way. */
  follow(task: Task, made: MadeBytes): NewDebt[];
  /** Why no further messages of the delivery should be leased now; null: they can. Empty: only until we have caught up. */
  obstacle(delivery: SendableDelivery): string | null;
  /** Why messages of the delivery were put off lately although it is their turn; null: none was. */
  holdReason(deliveryId: number): string | null;
  /** Messages that are in no lane because they wait for their copies. */
  readonly waiting: () => number;
  /** Originals that waited long enough go on. */
  sweep(): void;
  /** Originals of this part wait no longer. */
  recall(part: HeldPart): void;
  /** The bytes that were kept for this original, if they were: not kept any more. To be called at the end of its way, too. */
  takeMade(task: Task): MadeBytes | null;
};

type Waiting = {
  readonly task: Task;
  readonly since: Instant;
  readonly goOn: () => void;
  readonly putOff: (until: Instant) => void;
  /** Archives that have not answered yet. */
  readonly open: Set<number>;
  /** Bytes that are being made for one of its copies. */
  making: Promise<MadeBytes | null> | null;
  putOffUntil: Instant;
  released: boolean;
  releasedAt: Instant;
  /** There is nothing to copy: the message goes on and fails by itself. */
  unmakeable: boolean;
  /** Since when only the archive can be what it waits for. */
  madeAt: Instant;
};

export function createCopyFirst(options: CopyFirstOptions): CopyFirst {
  const { desk, now } = options;
  const waiting = new Set<Waiting>();
  /** So many originals wait for an archive; strict ones and others do not get in each other's way. */
  const waitingFor = { strict: new Map<number, number>(), patient: new Map<number, number>() };
  /** Deliveries with strict messages that were put off for their copies. */
  const holding = new Map<number, { until: Instant; reason: string }>();
  let keptBytes = 0;
  let slowUntil = 0;

  const keyOf = (task: Task, archive: number): CopyKey => ({
    partId: task.part.lease.partId,
    seq: task.seq,
    archive,
  });

  const record = (part: HeldPart, entry: CopyRecord | null) => {
    if (entry === null) return;
    if (!part.lost) part.uncommitted++;
    options.onRecord(entry);
  };

  function wait(task: Task, goOn: () => void, putOff: (until: Instant) => void): void {
    const archive = task.part.delivery.archive;
    const strict = archive?.strict ?? false;
    const missing = (archive?.archives ?? []).filter((id) => task.copies.get(id) !== "archived");
    const inLedger = missing.filter((id) => task.copies.has(id));
    if (strict && inLedger.length > 0) {
      const until = lookAgainAt(task, inLedger);
      holding.set(task.part.lease.deliveryId, { until: until + LOOK_AGAIN, reason: reasonOf(inLedger) });
      return putOff(until);
    }
    const toSend = missing.filter((id) => !task.copies.has(id) && (strict || isPromising(id)));
    if (toSend.length === 0) return goOn();
    const entry: Waiting = {
      task,
      since: now(),
      goOn,
      putOff,
      open: new Set(toSend),
      making: null,
      putOffUntil: 0,
      released: false,
      releasedAt: 0,
      unmakeable: false,
      madeAt: Number.POSITIVE_INFINITY,
    };
    waiting.add(entry);
    for (const id of toSend) countWaiting(strict, id, 1);
    for (const id of toSend) startBefore(entry, id, strict);
  }

  function lookAgainAt(task: Task, inLedger: readonly number[]): Instant {
    if (inLedger.some((id) => task.copies.get(id) === "given-up")) return now() + GIVEN_UP_AGAIN;
    const wait = (task.copiesDueAt ?? now()) + LOOK_AGAIN - now();
    return now() + Math.min(LOOK_AGAIN_MAX, Math.max(LOOK_AGAIN, wait));
  }

  const reasonOf = (archives: readonly number[]) =>
    archives.map((id) => desk.lastRefusal(id)).find((reason) => reason !== null) ?? "copies are owed to the archive";

  const countsOf = (strict: boolean) => (strict ? waitingFor.strict : waitingFor.patient);
  const countWaiting = (strict: boolean, archive: number, difference: number) => {
    const counts = countsOf(strict);
    counts.set(archive, (counts.get(archive) ?? 0) + difference);
  };
  const isFull = ({ archives, strict }: DeliveryArchive) =>
    archives.some((id) => (countsOf(strict).get(id) ?? 0) >= WAITING_MAX);

  const isCrowded = (archive: number) => desk.waiting(archive) >= IN_HAND_MAX;
  const hasRoom = (archive: number) => desk.trouble(archive) === null && (desk.isQuick(archive) || !isCrowded(archive));
  const isPromising = (archive: number) => (now() < slowUntil ? hasRoom(archive) : desk.trouble(archive) === null);

  function startBefore(entry: Waiting, archive: number, strict: boolean): void {
    const { task } = entry;
    task.copies.set(archive, "in-hand");
    desk.start({
      ...copyOf(task, archive),
      isSent: false,
      startBy: Number.POSITIVE_INFINITY,
      isCharged: !strict,
      // Its original waits for it, or left without it a moment ago.
      isWanted: () => !task.part.lost && isInHand(entry),
      make: () => makeFor(entry),
      onMade: () => {
        entry.madeAt = Math.min(entry.madeAt, now());
      },
      onEnd: (result, made) => onCopied(entry, archive, result, made),
    });
  }

  const isInHand = ({ task, released, releasedAt }: Waiting) =>
    released ? now() <= releasedAt + IN_HAND_FOR : options.isActive(task.part.lease.deliveryId);

  /** Signing is what a message costs: the copies of all archives share the bytes, and the original gets them while there is room. */
  function makeFor(entry: Waiting): Promise<MadeBytes | null> {
    const { task } = entry;
    if (task.made !== null) return Promise.resolve(task.made);
    entry.making ??= makeAndKeep(entry);
    return entry.making;
  }

  async function makeAndKeep(entry: Waiting): Promise<MadeBytes | null> {
    const { task } = entry;
    const made = await options.make(task);
    entry.making = null;
    entry.unmakeable ||= made === null;
    // Of an original that waits no longer nobody would give them back.
    if (made !== null && !entry.released && keptBytes < KEPT_BYTES) {
      task.made = made;
      keptBytes += made.bytes.length;
    }
    return made;
  }

  function onCopied(entry: Waiting, archive: number, result: CopyResult, made: CopyRecord | null): void {
    const { task } = entry;
    const { part } = task;
    record(part, made);
    if (result.kind === "archived") task.copies.set(archive, "archived");
    else if (result.kind === "failed") task.copies.set(archive, made?.state ?? "owed");
    else notBegun(entry, archive, result.until);
    entry.open.delete(archive);
    if (entry.released) {
      part.copies--;
      options.onMoved(part);
      return;
    }
    countWaiting(part.delivery.archive?.strict ?? false, archive, -1);
    if (entry.open.size === 0) release(entry);
  }

  function notBegun(entry: Waiting, archive: number, until: Instant): void {
    const { task } = entry;
    const wasTold = task.copies.get(archive) === "owed";
    if (!wasTold) task.copies.delete(archive);
    entry.putOffUntil = Math.max(entry.putOffUntil, until);
    // Its message has left and the ledger waits for this copy: from now on it is a debt like any other.
    if (wasTold) record(task.part, releasedRecord(task, archive, until, now()));
  }

  function release(entry: Waiting): void {
    const { task } = entry;
    waiting.delete(entry);
    entry.released = true;
    entry.releasedAt = now();
    task.part.copies += entry.open.size;
    const { archive } = task.part.delivery;
    for (const id of entry.open) countWaiting(archive?.strict ?? false, id, -1);
    const missing = archive?.strict ? archive.archives.filter((id) => task.copies.get(id) !== "archived") : [];
    if (missing.length === 0 || entry.unmakeable) return entry.goOn();
    dropMade(task);
    entry.putOff(Math.max(entry.putOffUntil, now() + LOOK_AGAIN));
  }

  function dropMade(task: Task): MadeBytes | null {
    const { made } = task;
    if (made !== null) keptBytes -= made.bytes.length;
    task.made = null;
    return made;
  }

  /** What is on its way with the bytes in hand becomes a debt only when that came to nothing. */
  function debts(task: Task): NewDebt[] {
    const archive = task.part.delivery.archive;
    const due = (archive?.archives ?? []).filter((id) => {
      const state = task.copies.get(id);
      return state === undefined || state === "in-hand";
    });
    return due.map((id) => {
      const nextAt = now() + (task.copies.get(id) === "in-hand" ? GRACE : 0);
      task.copies.set(id, "owed");
      return { archive: id, nextAt };
    });
  }

  function follow(task: Task, made: MadeBytes): NewDebt[] {
    const { part } = task;
    const due = (part.delivery.archive?.archives ?? []).filter((id) => !task.copies.has(id));
    const inHand = due.filter((id) => !part.lost && keptBytes < KEPT_BYTES && hasRoom(id));
    for (const id of inHand) {
      part.copies++;
      keptBytes += made.bytes.length;
      task.copies.set(id, "in-hand");
    }
    const owed = debts(task);
    // After the outcome of the message is on its way into the journal: the copy's comes behind it.
    queueMicrotask(() => {
      for (const id of inHand) startAfter(task, id, made);
    });
    return owed;
  }

  function startAfter(task: Task, archive: number, made: MadeBytes): void {
    const { part } = task;
    desk.start({
      ...copyOf(task, archive),
      isSent: true,
      startBy: now() + IN_HAND_FOR,
      isCharged: true,
      isWanted: () => !part.lost,
      make: () => Promise.resolve(made),
      onEnd: (result, entry) => {
        part.copies--;
        keptBytes -= made.bytes.length;
        record(part, entry);
        if (result.kind === "later") record(part, releasedRecord(task, archive, result.until, now()));
        options.onMoved(part);
      },
    });
  }

  return {
    wait,
    debts,
    follow,
    obstacle: ({ archive }) => {
      if (archive === null) return null;
      // A copy that is made of the bytes in hand costs a fraction of one that is made again.
      if (archive.timing === "after")
        return archive.archives.some((id) => isCrowded(id) && desk.isQuick(id)) ? "" : null;
      if (isFull(archive)) {
        return archive.archives.every((id) => desk.isQuick(id))
          ? ""
          : "the archive takes copies more slowly than messages leave";
      }
      if (!archive.strict) return null;
      for (const id of archive.archives) {
        const trouble = desk.trouble(id);
        if (trouble) return trouble.reason;
      }
      return null;
    },
    holdReason: (deliveryId) => {
      const held = holding.get(deliveryId);
      if (held && held.until > now()) return held.reason;
      holding.delete(deliveryId);
      return null;
    },
    waiting: () => waiting.size,
    sweep: () => {
      const before = now() - PATIENCE;
      const patient = [...waiting].filter(({ task }) => !task.part.delivery.archive?.strict);
      // Until its bytes are made a copy waits for us, and its original would as well.
      if (!patient.some(({ madeAt }) => madeAt <= before)) return;
      slowUntil = now() + SLOW_FOR;
      for (const entry of patient) if (entry.since <= before) release(entry);
    },
    recall: (part) => {
      desk.recall((copy) => copy.lease.side === "part" && copy.key.partId === part.lease.partId && !copy.isSent);
      for (const entry of waiting) if (entry.task.part === part) release(entry);
    },
    takeMade: dropMade,
  };

  function copyOf(task: Task, archive: number) {
    const { delivery, lease } = task.part;
    return {
      key: keyOf(task, archive),
      delivery,
      address: task.address,
      vars: task.vars,
      attempts: 0,
      dueSince: now(),
      digest: null,
      location: null,
      lease: { side: "part", epoch: lease.epoch },
    } as const satisfies Partial<CopyTask>;
  }
}

/** A copy in hand was not begun: it may be taken up as a debt from `until` on. */
function releasedRecord(task: Task, archive: number, until: Instant, now: Instant): CopyRecord {
  const { lease } = task.part;
  return {
    partId: lease.partId,
    seq: task.seq,
    archive,
    side: "part",
    epoch: lease.epoch,
    attempt: 0,
    state: "owed",
    inDoubt: false,
    dueSince: now,
    nextAt: until,
    at: now,
    reply: "",
    digest: null,
    location: null,
  };
}
