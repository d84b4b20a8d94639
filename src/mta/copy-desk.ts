/**
 * Where copies leave a sender: each archive has lanes of its own (mail servers, folders, object stores), so that no original ever waits
 * behind a copy on a connection, and no server that gets originals sees one. The desk makes the bytes, hands them over and writes down
 * what the archive said; whether an original waits for that is copy-first.ts, what is owed later is debts.ts.
 *
 * Longer than the house limit: lanes of both kinds share their ends, and every copy must come to exactly one.
 */
import type { CopyKey } from "../core/archive/archive.ts";
import { folderOf, formatCopyName } from "../core/archive/copy-name.ts";
import { planCopy } from "../core/archive/plan-copy.ts";
import { parseRetryHint } from "../core/delivery/hints.ts";
import { shareOf } from "../core/shaping/share.ts";
import { replyText, type Outcome } from "../core/smtp/outcome.ts";
import { copyReturnPath } from "../core/tracking/copy-tag.ts";
import { type Duration, type Instant, MINUTE, SECOND } from "../core/time.ts";
import type { KnownArchive, KnownTarget } from "../features/archive/index.ts";
import type { CopyStore } from "../platform/copy-store.ts";
import { errorText } from "../platform/errors.ts";
import { createArchiveHealth, REST, type Trouble } from "./archive-health.ts";
import { type CopyIntent, type CopyRecord, copyTag } from "./copy-record.ts";
import type { Clock, Timers } from "./clock.ts";
import type { CopyResult, CopyTask } from "./copy-task.ts";
import { createLane, type Lane } from "./lane.ts";
import { createPlainShaping } from "./lane-shaping.ts";
import { type Crypto, makeMessage, type MadeBytes } from "./make-message.ts";
import { type Destination, routeDomain, type RoutingOptions, toServer } from "./routing.ts";
import type { OpenSession } from "./session-port.ts";
import { createStoreLane, type StoreLane } from "./store-lane.ts";
import type { PreparedCopy } from "./task.ts";
import { createFifo } from "./task-queue.ts";

/** A copy's final dot is answered by then, or the copy is in doubt. Shorter than debts wait for what is in hand (copy-first.ts). */
export const COPY_DOT_TIMEOUT: Duration = MINUTE;
const MESSAGES_PER_CONNECTION = 1000;
/** Copies that are made and not on the wire, in all lanes together. */
const AHEAD_ALL = 32;
const FILES_AT_ONCE = 16;
/** As many attempts as the ledger can count. An archive that asks for it every second gets there within its time. */
const ATTEMPTS_MAX = 32_767;
const DESTINATION_FOR: Duration = MINUTE;
/** Copies for an archive that is switched off or removed wait for somebody to bring it back. */
const UNKNOWN_FOR: Duration = 30 * SECOND;
const REPLY_MAX = 2000;
export type CopyDeskOptions = {
  readonly index: number;
  readonly of: number;
  readonly routing: RoutingOptions;
  readonly crypto: Crypto;
  readonly openSession: OpenSession;
  readonly openStore: (target: Exclude<KnownTarget, { kind: "smtp" }>) => Pick<CopyStore, "put">;
  /** As they are now. */
  readonly archives: () => ReadonlyMap<number, KnownArchive>;
  readonly giveUpAfter: () => Duration;
  readonly mayTake: () => boolean;
  /** Writes down what is about to be stored; false: it cannot, so nothing may. */
  readonly writeIntent: (intent: CopyIntent) => boolean;
  /** The archive as a whole takes nothing: for whoever looks after it. */
  readonly onTrouble: (archive: number, deliveryId: number, reply: string) => void;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly random: () => number;
};

export type CopyDesk = {
  /** Brings the copy on its way; its end is told to the task, possibly at once. */
  start(task: CopyTask): void;
  /** Why the archive takes none, and when to ask again: it did not, or somebody switched it off. Null: it takes copies, as far as known. */
  trouble(archive: number): { readonly until: Instant; readonly reason: string } | null;
  /** Copies on their way to the archive. */
  waiting(archive: number): number;
  /** Lately the archive has answered at once: if copies wait, then for us. */
  isQuick(archive: number): boolean;
  /** Why it took no copy at the last attempt; null: it did. */
  lastRefusal(archive: number): string | null;
  /** Somebody wants all archives tried at once. */
  retryNow(): void;
  /** Takes matching copies that are not on the wire out again; each ends as `later`. */
  recall(match: (task: CopyTask) => boolean): void;
  readonly intentOf: (copy: PreparedCopy) => CopyIntent;
  readonly pump: () => void;
  /** Takes no new copies; resolves when none is on the wire. */
  close(): Promise<void>;
};

type SmtpTarget = Extract<KnownTarget, { kind: "smtp" }>;
type AnyLane = Lane<PreparedCopy> | StoreLane;
type Held = { readonly archive: KnownArchive; readonly lane: AnyLane };

export function createCopyDesk(options: CopyDeskOptions): CopyDesk {
  const { now } = options.clock;
  const lanes = new Map<string, Held>();
  const destinations = new Map<string, { until: Instant; destination: Promise<Destination> }>();
  const health = createArchiveHealth(now);
  /** Begun and not ended; a copy between two awaits is in no lane. */
  const open = new Set<CopyTask>();
  const openOf = new Map<number, number>();
  let ahead = 0;
  let closing = false;
  let onQuiet: (() => void)[] = [];

  function end(task: CopyTask, result: CopyResult, record: CopyRecord | null = null): void {
    if (!open.delete(task)) return;
    const { archive } = task.key;
    const left = (openOf.get(archive) ?? 1) - 1;
    openOf.set(archive, left);
    if (left === 0) health.noteIdle(archive);
    task.onEnd(result, record);
    if (open.size === 0) for (const resolve of onQuiet.splice(0)) resolve();
  }
  const later = (task: CopyTask, until: Instant) => {
    const trouble = obstacleOf(task.key.archive);
    end(task, { kind: "later", until: Math.max(until, trouble?.until ?? 0), reason: trouble?.reason ?? "" });
  };
  const recall = (match: (task: CopyTask) => boolean) => {
    for (const { lane } of lanes.values()) for (const task of lane.remove(match)) later(task, now());
  };

  function start(task: CopyTask): void {
    open.add(task);
    openOf.set(task.key.archive, (openOf.get(task.key.archive) ?? 0) + 1);
    const archive = options.archives().get(task.key.archive);
    if (closing || !archive?.enabled) return later(task, now());
    const trouble = health.trouble(archive.id);
    // What is beyond its time does not wait for a better one.
    if (trouble && task.isCharged && now() >= task.dueSince + options.giveUpAfter())
      return giveUp(task, trouble.reason);
    if (trouble) return later(task, trouble.until);
    if (archive.target.kind !== "smtp") return join(task, storeLane(archive, archive.target));
    const { target } = archive;
    void destinationOf(task, archive, target).then((destination) => {
      // Lanes that are closed bring nothing to an end.
      if (closing) return later(task, now());
      if (destination.kind !== "failed") return join(task, smtpLane(archive, target, firstOf(destination)));
      // All that waited for the same answer hear it: one of them is enough to say so.
      const isNews = health.trouble(archive.id) === null;
      if (isNews) setTrouble(archive.id, now() + REST.first, destination.detail);
      siteFailed([task], destination.detail, isNews);
    });
  }

  function join(task: CopyTask, lane: AnyLane): void {
    const added = lane.add(task);
    if (added.kind === "later") later(task, added.until);
    else lane.pump();
  }

  function destinationOf(task: CopyTask, archive: KnownArchive, target: SmtpTarget): Promise<Destination> {
    if (target.server) return Promise.resolve(toServer(target.server));
    const { routes, transport } = task.delivery;
    const owner = Object.keys(routes).length > 0 ? task.delivery.id : transport;
    const key = `${archive.id}/${archive.version} ${owner}`;
    const known = destinations.get(key);
    if (known && known.until > now()) return known.destination;
    const destination = routeDomain(target.address.domain, { routes, transport }, options.routing).catch(
      (error: unknown): Destination => ({ kind: "failed", trouble: "dns", detail: errorText(error) }),
    );
    const entry = { until: now() + DESTINATION_FOR, destination };
    destinations.set(key, entry);
    // After a rest it is asked anew: what failed may be well again.
    void destination.then(({ kind }) => {
      if (kind === "failed") entry.until = Math.min(entry.until, now() + REST.first);
    });
    return destination;
  }

  function laneOf<L extends AnyLane>(key: string, archive: KnownArchive, make: () => L): L {
    const known = lanes.get(key);
    // A key names one kind of lane for good.
    if (known) return known.lane as L;
    const lane = make();
    lanes.set(key, { archive, lane });
    return lane;
  }

  function smtpLane(
    archive: KnownArchive,
    target: SmtpTarget,
    destination: Extract<Destination, { kind: "site" }>,
  ): Lane<PreparedCopy> {
    const site = `archive ${archive.id}/${archive.version} ${destination.site}`;
    return laneOf(site, archive, () => {
      const lane: Lane<PreparedCopy> = createLane<PreparedCopy>({
        site,
        shaping: createPlainShaping(
          {
            // Each sender has at least one connection: a copy must be able to leave with its original.
            connections: Math.max(1, shareOf(target.connections, options.index, options.of, site)),
            messagesPerConnection: MESSAGES_PER_CONNECTION,
            messagesPerHour: target.ratePerMinute === null ? null : (target.ratePerMinute * 60) / options.of,
          },
          options.clock.steady(),
          REST,
        ),
        queue: createFifo(),
        targets: () => destination.targets(options.random),
        session: () => ({
          source: null,
          relay: target.server ?? destination.relay,
          tls: target.tls,
          dotTimeout: COPY_DOT_TIMEOUT,
        }),
        openSession: options.openSession,
        prepare: (task) => prepareMail(task, target),
        mayPrepareMore: () => ahead < AHEAD_ALL,
        onStockChange: (difference) => {
          ahead += difference;
        },
        // What waits for an archive is bounded by those who bring it.
        holdAtLeast: () => Number.POSITIVE_INFINITY,
        gate: null,
        mayTake: options.mayTake,
        admit: admitTo(archive),
        postpone: later,
        handBack: (tasks, until) => {
          for (const task of tasks) later(task, until);
        },
        onTaken: () => {},
        onReturned: () => {},
        onOutcome: (copy, outcome, facts) => {
          health.noteAnswer(archive.id, facts.durationMs);
          concludeMail(copy, outcome);
        },
        onSiteFailure: (tasks, outcome) => {
          setTrouble(archive.id, lane.suspendedUntil(), outcomeText(outcome));
          siteFailed(tasks, outcomeText(outcome));
        },
        clock: options.clock,
        timers: options.timers,
      });
      return lane;
    });
  }

  function storeLane(archive: KnownArchive, target: Exclude<KnownTarget, SmtpTarget>): StoreLane {
    return laneOf(`store ${archive.id}/${archive.version}`, archive, () => {
      const lane: StoreLane = createStoreLane({
        store: options.openStore(target),
        atOnce: target.kind === "s3" ? target.connections : FILES_AT_ONCE,
        rest: REST,
        prepare: async (task) => {
          const made = await make(task);
          return made && { ...made, name: nameOf(task) };
        },
        mayTake: options.mayTake,
        admit: admitTo(archive),
        postpone: later,
        beforePut: (task, made) => options.writeIntent(intentFor(task, made.digest, made.name)),
        onStored: (task, made, durationMs) => {
          health.noteAnswer(archive.id, durationMs);
          archived(task, made.digest, made.name, "stored");
        },
        onRefused: (task, made, reply) => failed(task, { reply, digest: made.digest, location: made.name }),
        onSiteFailure: (tasks, reply) => {
          setTrouble(archive.id, lane.suspendedUntil(), reply);
          siteFailed(tasks, reply);
        },
        now,
      });
      return lane;
    });
  }

  const nameOf = (task: CopyTask) =>
    task.location ??
    formatCopyName({
      folder: folderOf(task.dueSince),
      deliveryId: task.delivery.id,
      key: task.key,
      progress: task.isSent ? "sent" : "made",
    });

  /** Nothing goes where the archive is no more: it may have been switched off because it is the wrong place. */
  const mayGo = (task: CopyTask, { id, version }: KnownArchive, at: Instant) => {
    const current = options.archives().get(id);
    return current?.enabled === true && current.version === version && at <= task.startBy && task.isWanted();
  };

  const admitTo = (archive: KnownArchive) => (task: CopyTask, at: Instant) => {
    if (mayGo(task, archive, at)) return true;
    later(task, at);
    return false;
  };

  async function prepareMail(task: CopyTask, target: SmtpTarget): Promise<PreparedCopy | null> {
    const made = await make(task);
    if (made === null) return null;
    const { bytes, needsSmtpUtf8, digest } = made;
    const mailFrom = target.returnPath ?? copyReturnPath(made.mailFrom, task.delivery.tokens.key, task.key);
    const rcptTo = target.address.envelope;
    return { kind: "copy", task, tag: copyTag(task.key), rcptTo, bytes, mailFrom, needsSmtpUtf8, digest };
  }

  /** Null: they cannot be made, and the copy has ended. */
  async function make(task: CopyTask): Promise<MadeBytes | null> {
    const made = await makeCopy(task);
    if (made === null) {
      later(task, now());
      return null;
    }
    if (typeof made !== "string" && (task.digest === null || task.digest === made.digest)) {
      health.noteMade(task.key.archive);
      task.onMade?.();
      return made;
    }
    const reply = typeof made === "string" ? made : "the message would have other bytes than at its first attempt";
    giveUp(task, reply);
    return null;
  }

  /** A string says why it cannot be made. */
  async function makeCopy(task: CopyTask): Promise<MadeBytes | string | null> {
    try {
      if (task.delivery.archive?.copy !== "inert") return await task.make();
      const made = await makeInert(task).catch(unexpected);
      if (typeof made !== "string") return made;
      // Where there is no original there is nothing to copy either, and that is not the archive's loss.
      return (await task.make()) === null ? null : made;
    } catch (error) {
      return unexpected(error);
    }
  }

  async function makeInert({ delivery, key, address, vars }: CopyTask): Promise<MadeBytes | string> {
    const marked = { ...delivery, tokens: { ...delivery.tokens, mark: "copy" as const } };
    const made = await makeMessage(options.crypto, marked, key, address, vars);
    return made.kind === "made" ? made : made.message;
  }

  function concludeMail({ task, digest }: PreparedCopy, outcome: Outcome): void {
    const { archive } = task.key;
    if (outcome.kind === "accepted") {
      health.noteAccepted(archive);
      return archived(task, digest, null, replyText(outcome.reply));
    }
    const inDoubt = outcome.kind === "lost" && outcome.inDoubt;
    failed(task, { reply: outcomeText(outcome), digest, location: null, inDoubt });
    // Those that wait in its lanes would meet the same; outside they are in nobody's way.
    if (health.noteRefused(archive, named(archive, outcomeText(outcome)))) {
      queueMicrotask(() => recall((waiting) => waiting.key.archive === archive));
    }
  }

  const obstacleOf = (archive: number): Trouble | null => {
    const trouble = health.trouble(archive);
    if (trouble !== null || options.archives().get(archive)?.enabled) return trouble;
    return { until: now() + UNKNOWN_FOR, reason: named(archive, "switched off or removed") };
  };

  const named = (archive: number, reason: string) =>
    `${options.archives().get(archive)?.name ?? `archive ${archive}`}: ${storable(reason)}`;

  const setTrouble = (archive: number, until: Instant, reason: string) =>
    health.setTrouble(archive, { until, reason: named(archive, reason) });

  /** An original that waits for its copy is not charged: it will be tried again with the bytes in hand. */
  function siteFailed(tasks: readonly CopyTask[], reply: string, isNews = true): void {
    for (const task of tasks) {
      if (task.isCharged) failed(task, { reply, digest: null, location: null });
      else later(task, health.trouble(task.key.archive)?.until ?? now() + REST.first);
    }
    const [first] = tasks;
    if (first && isNews) options.onTrouble(first.key.archive, first.delivery.id, storable(reply));
  }

  type Failure = Pick<CopyRecord, "reply" | "digest" | "location"> & { readonly inDoubt?: boolean };

  function failed(task: CopyTask, failure: Failure): void {
    const attempt = attemptOf(task);
    const at = now();
    const { dueSince } = task;
    const hint = parseRetryHint(failure.reply);
    const giveUpAfter = options.giveUpAfter();
    const plan = planCopy({ attempt, now: at, dueSince, giveUpAfter, hint, random: options.random() });
    const reply = storable(failure.reply);
    const record: CopyRecord = {
      ...identity(task),
      attempt,
      state: plan.kind === "retry" ? "owed" : "given-up",
      inDoubt: failure.inDoubt ?? false,
      dueSince,
      nextAt: plan.kind === "retry" ? plan.at : null,
      at,
      reply,
      digest: failure.digest,
      location: failure.location ?? task.location,
    };
    end(task, { kind: "failed", reply }, record);
  }

  function giveUp(task: CopyTask, reply: string): void {
    const { dueSince, digest, location } = task;
    const ended = { attempt: attemptOf(task), state: "given-up", inDoubt: false, nextAt: null, at: now() } as const;
    const record = { ...identity(task), ...ended, dueSince, reply: storable(reply), digest, location };
    end(task, { kind: "failed", reply }, record);
  }

  function archived(task: CopyTask, digest: string, location: string | null, reply: string): void {
    const { dueSince } = task;
    const ended = { attempt: attemptOf(task), state: "archived", inDoubt: false, nextAt: null, at: now() } as const;
    end(
      task,
      { kind: "archived" },
      { ...identity(task), ...ended, dueSince, reply: storable(reply), digest, location },
    );
  }

  function intentFor(task: CopyTask, digest: string, location: string | null): CopyIntent {
    return { ...identity(task), attempt: attemptOf(task), dueSince: task.dueSince, at: now(), digest, location };
  }

  return {
    start,
    trouble: obstacleOf,
    waiting: (archive) => {
      let sum = 0;
      for (const held of lanes.values()) if (held.archive.id === archive) sum += held.lane.waiting();
      return sum;
    },
    isQuick: (archive) => obstacleOf(archive) === null && health.isQuick(archive),
    lastRefusal: (archive) => health.lastRefusal(archive),
    retryNow: () => {
      health.forgive();
      for (const [key, { lane }] of lanes) {
        if (now() >= lane.suspendedUntil()) continue;
        for (const task of lane.remove(() => true)) later(task, now());
        // The next one begins without a rest.
        if (lane.isIdle()) lanes.delete(key);
      }
    },
    recall,
    intentOf: ({ task, digest }) => intentFor(task, digest, null),
    pump: () => {
      for (const [key, { until }] of destinations) if (until <= now()) destinations.delete(key);
      for (const [key, { archive, lane }] of lanes) {
        // A lane that does not move looks at nothing: behind an archive that says nothing they would wait for ever.
        for (const task of lane.remove((waiting) => !mayGo(waiting, archive, now()))) later(task, now());
        // A lane remembers how often its site failed.
        if (lane.isIdle() && now() >= lane.suspendedUntil() + REST.longest) lanes.delete(key);
        else lane.pump();
      }
    },
    close: async () => {
      closing = true;
      for (const { lane } of lanes.values()) lane.close();
      if (open.size > 0) await new Promise<void>((resolve) => void onQuiet.push(resolve));
    },
  };
}

/** Copies keep to one relay: their order and rate at the archive stay what its lane makes them. */
function firstOf(destination: Exclude<Destination, { kind: "failed" }>): Extract<Destination, { kind: "site" }> {
  if (destination.kind === "site") return destination;
  const [first] = destination.choices;
  if (!first) throw new Error("a choice of relays without relays");
  return first.destination;
}

const unexpected = (error: unknown) => `unexpected: ${errorText(error)}`;

function attemptOf({ attempts }: CopyTask): number {
  return Math.min(attempts + 1, ATTEMPTS_MAX);
}

function identity({ key, lease }: CopyTask): CopyKey & CopyTask["lease"] {
  return { partId: key.partId, seq: key.seq, archive: key.archive, side: lease.side, epoch: lease.epoch };
}

function outcomeText(outcome: Outcome): string {
  return outcome.kind === "lost" ? outcome.detail || outcome.trouble : replyText(outcome.reply);
}

/** PostgreSQL text cannot hold NUL. */
function storable(text: string): string {
  return text.replaceAll("\0", "�").slice(0, REPLY_MAX);
}
