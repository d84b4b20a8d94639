/**
 * A lane: one source and one site. It holds the messages for the site (lane-stock.ts), keeps connections open as far as its shaping lets it,
 * and hands each connection its next prepared message. It decides nothing: what it may is for lane-shaping.ts to say, what becomes of
 * messages for settle-outcome.ts. Inside it is the steady clock; what it says outside are dates.
 *
 * Longer than the house limit: the lane's state is shared by its small closures and by nothing else.
 */
import type { Outcome } from "../core/smtp/outcome.ts";
import { SECOND, type Duration, type Instant } from "../core/time.ts";
import { dateOf, type Timers } from "./clock.ts";
import { createLaneHosts } from "./lane-hosts.ts";
import { createPace, HOLD } from "./lane-pace.ts";
import { createLaneSessions, type OpenedSession } from "./lane-sessions.ts";
import type { Counted, LaneShaping, Waiter } from "./lane-shaping.ts";
import { AHEAD_MAX, createStock, type StockOptions } from "./lane-stock.ts";
import type { OpenSession, SessionEnd, SessionFacts, SessionOptions, Target } from "./session-port.ts";
import type { Prepared, PreparedMessage } from "./task.ts";

/** Connections without work stay open this long for the next messages. */
const IDLE: Duration = 5 * SECOND;
/** … and this long, when messages wait that may not leave yet. Servers have less patience than RFC 5321 §4.5.3.2.7 asks of them. */
const STALLED: Duration = 30 * SECOND;
/** What nothing can move for longer than this may find another way. */
const KEEP: Duration = 15 * SECOND;
/** A lane that sends nothing although it has connections lets its messages be looked at by others after this. */
const NO_SHARE_FOR: Duration = 5 * SECOND;
/** So long a server may take to greet, when all others of its site have failed. */
const LAST_HOPE: Duration = 60 * SECOND;
/** Messages that wait are asked this often whether they still may. */
const ADMIT_EVERY: Duration = 2 * SECOND;
/** A message that is made and waits longer than this for one of few connections is worth another. */
const PATIENCE: Duration = SECOND / 4;
/** When everything stands still for a reason outside the lane, it looks again after this. */
const LOOK_AGAIN: Duration = SECOND / 10;

export type LaneOptions<P extends Prepared = PreparedMessage> = StockOptions<P> & {
  readonly site: string;
  readonly shaping: LaneShaping;
  /** Servers in the order to try them; called for each new connection. */
  readonly targets: () => readonly Target[];
  /** How a connection to this server is to be made. */
  readonly session: (target: Target) => Omit<SessionOptions, "target" | "maxMessages">;
  readonly openSession: OpenSession;
  /** So many the lane may hold whatever its pace: nobody knows it yet. */
  readonly holdAtLeast: () => number;
  /** May a message leave now at all? No while the journal or the database cannot follow. */
  readonly mayTake: () => boolean;
  /** Gives a message back unattempted, not to be tried before `until`. */
  readonly postpone: (task: P["task"], until: Instant) => void;
  /** The lane cannot move these before `until`: perhaps another can. */
  readonly handBack: (tasks: readonly P["task"][], until: Instant) => void;
  readonly onTaken: (task: P["task"]) => void;
  readonly onReturned: (task: P["task"]) => void;
  /** What became of a message on the wire. */
  readonly onOutcome: (message: P, outcome: Outcome, facts: SessionFacts) => void;
  /** The site gave us no session: every message waiting in the lane had this attempt. */
  readonly onSiteFailure: (tasks: readonly P["task"][], outcome: Outcome, facts: SessionFacts) => void;
  readonly timers: Timers;
};

/** What a lane is doing, for whoever explains it. */
export type LaneState = {
  readonly waiting: number;
  readonly connections: number;
  /** Connections that could take a message and have none. */
  readonly wanting: number;
  /** Of what waits, so many have to wait for the speed of their delivery. */
  readonly held: number;
};

export type Lane<P extends Prepared = PreparedMessage> = {
  readonly site: string;
  /** When the lane will have room for a message; null: now. */
  roomAt(task: P["task"]): Instant | null;
  /** Queues the message, or says when the lane will have room for it. */
  add(task: P["task"]): { readonly kind: "queued" } | { readonly kind: "later"; readonly until: Instant };
  /** Takes out all waiting messages that `match`. */
  remove(match: (task: P["task"]) => boolean): P["task"][];
  /** Looks again whether there is something to do. */
  pump(): void;
  readonly waiting: () => number;
  /** Of what waits, so many will not move within the next seconds. */
  readonly standing: () => number;
  readonly state: () => LaneState;
  readonly suspendedUntil: () => Instant;
  readonly isIdle: () => boolean;
  /** Lets messages on the wire finish and closes the connections. */
  close(): void;
};

const QUEUED = { kind: "queued" } as const;

type Failure = { readonly outcome: Outcome; readonly facts: SessionFacts };

export function createLane<P extends Prepared = PreparedMessage>(options: LaneOptions<P>): Lane<P> {
  const { shaping, clock, timers } = options;
  const now = clock.steady;
  const stock = createStock<P>(options);
  const hosts = createLaneHosts();
  const sessions = createLaneSessions();
  const pace = createPace((at) => shaping.messagesPerHour(at), options.holdAtLeast, now());
  const self: Waiter = { wake: () => pump(), open: sessions.size };
  /** The latest of a connection, until one works or the site is given up for now. */
  let failure: Failure | null = null;
  let wake: { readonly handle: unknown; readonly at: Instant } | null = null;
  let closing = false;
  let admittedAt = now();
  /** Steady. Each delivery has room of its own, or the first that comes would leave the queue nothing to choose from. */
  const hasRoomAt = (task: P["task"], at: Instant): Instant | null => {
    const suspended = shaping.suspendedUntil(at);
    if (at < suspended) return suspended;
    return stock.sizeFor(task) >= pace.roomFor(at) ? at + pace.untilHalf(stock.size(), at) : null;
  };

  const toDate = (steady: Instant) => Math.ceil(dateOf(clock, steady));

  /** The earliest instant asked for counts. */
  const wakeAt = (at: Instant) => {
    if (closing || at === Number.POSITIVE_INFINITY || (wake && wake.at <= at)) return;
    if (wake) timers.clear(wake.handle);
    const handle = timers.set(
      () => {
        wake = null;
        pump();
      },
      Math.min(60_000, Math.max(1, Math.ceil(at - now()))),
    );
    wake = { handle, at };
  };

  function pump(): void {
    if (closing) return;
    const at = now();
    dropInadmissible(at);
    const suspended = shaping.suspendedUntil(at);
    if (at < suspended) {
      for (const session of sessions.present()) if (session.wantsMessage) sessions.leave(session);
      if (suspended - at > KEEP) handBack(suspended);
      return wakeAt(suspended);
    }
    handBackStuck(at);
    prepareAhead();
    if (stock.ready() > 0) wakeSessions();
    openSessions(at);
    closeSurplus(at);
    judgeSite();
  }

  function wakeSessions(): void {
    for (const session of sessions.present()) {
      if (stock.ready() === 0) return;
      if (session.wantsMessage && !session.leaving) session.handle.wake();
    }
  }

  /** Paused, or its time is over: nobody may ever take it. */
  function dropInadmissible(at: Instant): void {
    if (at - admittedAt < ADMIT_EVERY) return;
    admittedAt = at;
    stock.remove((task) => !options.admit(task, clock.now()));
  }

  function handBack(until: Instant, match: (task: P["task"]) => boolean = () => true): void {
    const tasks = stock.remove(match);
    if (tasks.length > 0) options.handBack(tasks, toDate(until));
  }

  /** What would only stand here: without a connection to hope for, an allowance, or a rate that gets through with it. */
  function handBackStuck(at: Instant): void {
    if (stock.size() === 0) return;
    if (shaping.connections(at) <= 0) return handBack(at + NO_SHARE_FOR);
    const refusal = shaping.refusal(at);
    if (refusal?.constraint === "warm-up" && refusal.until - at > KEEP) return handBack(refusal.until);
    if (sessions.size() === 0 && options.targets().length === 0) return handBack(at + HOLD);
    if (shaping.messagesPerHour(at) === null) return;
    const room = pace.roomFor(at) * Math.max(1, stock.sharers());
    if (stock.size() <= 2 * room + AHEAD_MAX) return;
    // Evenly, so that every delivery keeps its part.
    const keepEach = Math.ceil(stock.size() / room);
    let place = 0;
    handBack(at + HOLD, () => place++ % keepEach !== 0);
  }

  function prepareAhead(): void {
    if (!closing) wakeAt(stock.fill(Math.max(4, sessions.size() * 2), onPrepared));
  }

  function onPrepared(message: P | null): void {
    if (message === null) return pump();
    const at = now();
    const suspended = shaping.suspendedUntil(at);
    if (closing || at < suspended) {
      options.postpone(message.task, closing ? clock.now() : toDate(suspended));
      return pump();
    }
    if (!options.admit(message.task, clock.now())) return pump();
    stock.putReady(message, false);
    const waiting = sessions.free() === 0 ? undefined : sessions.firstWaiting();
    if (waiting) return waiting.handle.wake();
    // Of all that `pump` looks at nothing else has changed; this is done for each message.
    prepareAhead();
    openSessions(at);
  }

  /** From when on a message may leave, when that is too far away to keep a connection for it. */
  function stalledUntil(at: Instant): Instant | null {
    const limited = shaping.refusal(at)?.until ?? 0;
    const gated = stock.ready() === 0 ? 0 : stock.first(at).until;
    const until = Math.max(limited, Number.isFinite(gated) ? gated : 0);
    return until - at > STALLED ? until : null;
  }

  function openSessions(at: Instant): void {
    const mayOpen = () =>
      sessions.size() < stock.movable() && sessions.size() < shaping.connections(at) && lacksConnections(at);
    if (!options.mayTake() || !mayOpen()) return;
    const stalled = stalledUntil(at);
    if (stalled !== null) return wakeAt(stalled - STALLED / 2);
    do {
      const target = hosts.choose(options.targets(), sessions.size() > 0, at);
      if (!target) return;
      const connected = shaping.connect(at, self);
      if (connected.kind === "refused") return wakeAt(connected.until);
      open(target, connected.counted, at);
    } while (mayOpen());
  }

  /**
   * Messages are made and nobody is there to take them, or about to be: more of them than there are connections, or for longer than a
   * connection needs when it is the sender that is busy. Where making them is what takes time, a few connections are kept busy; where
   * the server takes its time, there are as many as may be.
   */
  function lacksConnections(at: Instant): boolean {
    const ready = stock.ready();
    if (sessions.size() === 0) return true;
    if (sessions.free() >= ready) return false;
    if (ready > sessions.size()) return true;
    const since = stock.oldestReady();
    if (at - since >= PATIENCE) return true;
    wakeAt(since + PATIENCE);
    return false;
  }

  function open(target: Target, counted: Counted, at: Instant): void {
    const session = sessions.add(target, counted, at);
    session.handle = options.openSession<P>(
      { ...options.session(target), target, maxMessages: shaping.messagesPerConnection(at) },
      {
        takeMessage: () => takeMessage(session),
        onOutcome: (message, outcome, facts) => {
          const answeredAt = now();
          pace.done(answeredAt);
          if (outcome.kind === "accepted") shaping.accepted(answeredAt);
          options.onOutcome(message, outcome, facts);
        },
        onReturned: (message) => {
          options.onReturned(message.task);
          if (closing) options.postpone(message.task, clock.now());
          else stock.putReady(message, true);
        },
        onReconnect: () => counted.remade(now()),
        onEnd: (end) => onSessionEnd(session, end),
      },
    );
  }

  function takeMessage(session: OpenedSession): P | null {
    const at = now();
    failure = null;
    hosts.worked(session.target);
    const leaves = session.leaving || mustLeave(session, at);
    const message = closing || leaves ? null : nextReady(at);
    sessions.setWorking(session, message === null);
    if (message === null) {
      session.idleSince = at;
      if (!closing && (leaves || isUseless(session))) {
        sessions.markLeaving(session);
        // Not within the session's own question: it is not through with it.
        queueMicrotask(() => sessions.leave(session));
      }
    } else {
      session.sent++;
      options.onTaken(message.task);
    }
    // Only making more, never `pump`: that would wake this very session, which may be waiting for the rate.
    if (stock.ready() < sessions.size()) prepareAhead();
    return message;
  }

  /** The lane rests, there are more than may be, it sent as many as it may, or it is the turn of another lane. */
  function mustLeave(session: OpenedSession, at: Instant): boolean {
    if (at < shaping.suspendedUntil(at)) return true;
    if (session.sent >= shaping.messagesPerConnection(at) && session.sent > 0) return true;
    return shaping.surplus(at) > 0 || shaping.shouldYield(self, session.sent);
  }

  /** It has nothing to do, and others wait for it. */
  function isUseless(session: OpenedSession): boolean {
    return session.wantsMessage && stock.movable() === 0 && shaping.isWanted(self);
  }

  function nextReady(at: Instant): P | null {
    const suspended = shaping.suspendedUntil(at);
    if (at < suspended || !options.mayTake()) {
      wakeAt(Math.max(suspended, at + LOOK_AGAIN));
      return null;
    }
    const { message, until } = stock.first(at);
    if (message === null) {
      wakeAt(until);
      return null;
    }
    const refusal = shaping.take(at);
    if (refusal) {
      wakeAt(refusal.until);
      return null;
    }
    stock.take(message, at);
    return message;
  }

  function onSessionEnd(session: OpenedSession, end: SessionEnd): void {
    sessions.delete(session, now());
    if (end.kind === "failed") onFailedSession(session, end);
    pump();
  }

  /** A session that never got as far as taking a message. */
  function onFailedSession({ target }: OpenedSession, { outcome, facts }: Failure): void {
    const open = sessions.working();
    if (open > 0) return shaping.connectionRefused(open, outcome, now());
    hosts.failed(target, now());
    failure = { outcome, facts };
    judgeSite();
  }

  /** All its hosts failed: whoever is still connecting has little time left to say otherwise. */
  function judgeSite(): void {
    if (failure === null || !hosts.haveAllFailed(options.targets())) return;
    const youngest = sessions.youngest();
    if (now() < youngest + LAST_HOPE) return wakeAt(youngest + LAST_HOPE);
    const { outcome, facts } = failure;
    failure = null;
    hosts.forget();
    // What was still on its way when the site failed says the same once more.
    if (now() < shaping.suspendedUntil(now())) return;
    // First of all: a lane that rests hands back what it has, and these had an attempt.
    const tasks = stock.remove(() => true);
    shaping.siteFailed(outcome, facts, now());
    for (const session of sessions.present()) sessions.leave(session);
    options.onSiteFailure(tasks, outcome, facts);
  }

  /** Connections that may not be, that others need more, or that nothing will need soon. */
  function closeSurplus(at: Instant): void {
    const isStalled = stock.size() > 0 && stalledUntil(at) !== null;
    let oldest = Number.POSITIVE_INFINITY;
    for (const session of sessions.present()) {
      if (!session.wantsMessage || session.leaving) continue;
      const idle = at - session.idleSince;
      if (
        mustLeave(session, at) ||
        isUseless(session) ||
        idle >= (stock.size() === 0 ? IDLE : STALLED) ||
        (isStalled && idle >= IDLE)
      ) {
        sessions.leave(session);
      } else oldest = Math.min(oldest, session.idleSince);
    }
    wakeAt(oldest + (stock.size() === 0 || isStalled ? IDLE : STALLED));
  }

  return {
    site: options.site,
    roomAt: (task) => {
      const until = hasRoomAt(task, now());
      return until === null ? null : toDate(until);
    },
    add: (task) => {
      const at = now();
      const until = hasRoomAt(task, at);
      if (until !== null) return { kind: "later", until: toDate(until) };
      if (stock.size() === 0) pace.begun(at);
      stock.add(task);
      return QUEUED;
    },
    remove: (match) => stock.remove(match),
    pump,
    waiting: stock.size,
    standing: () => pace.standing(stock.size(), now()),
    state: () => ({
      waiting: stock.size(),
      connections: sessions.size(),
      wanting: sessions.wanting(),
      held: stock.size() - stock.movable(),
    }),
    suspendedUntil: () => {
      const until = shaping.suspendedUntil(now());
      return until === 0 ? 0 : toDate(until);
    },
    isIdle: () => stock.size() === 0 && sessions.size() === 0,
    close: () => {
      closing = true;
      if (wake) timers.clear(wake.handle);
      for (const task of stock.remove(() => true)) options.postpone(task, clock.now());
      for (const session of sessions.present()) session.handle.quit();
    },
  };
}
