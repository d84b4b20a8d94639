/**
 * A lane: one source and one site. It holds the messages for the site, keeps connections open as far as its shaping lets it, and hands each
 * connection its next prepared message. It decides nothing: what it may is for lane-shaping.ts to say, what becomes of messages for
 * settle-outcome.ts. Inside it is the steady clock; what it says outside are dates.
 *
 * Longer than the house limit: the lane's state is shared by its small closures and by nothing else.
 */
import type { Outcome } from "../core/smtp/outcome.ts";
import { HOUR, SECOND, type Duration, type Instant } from "../core/time.ts";
import { type Clock, dateOf, type Timers } from "./clock.ts";
import type { LaneShaping } from "./lane-shaping.ts";
import type { OpenSession, Session, SessionEnd, SessionFacts, SessionOptions, Target } from "./session-port.ts";
import type { Prepared, PreparedMessage } from "./task.ts";

/** Messages of one lane prepared ahead of its connections, at most. */
const AHEAD_MAX = 64;
/** So many a lane may always prepare, however many the others have. */
const AHEAD_ALWAYS = 2;
/** A lane holds what it can send within this time; the rest goes back to its part. */
const HOLD: Duration = 30 * SECOND;
/** When a full lane will have room again: at least, and when it has not sent anything yet. */
const WAIT_LEAST: Duration = SECOND;
const WAIT_UNKNOWN: Duration = 5 * SECOND;
/** A host that failed is not tried again for this long while others work. */
const HOST_REST: Duration = 60 * SECOND;
/** Connections without work stay open this long for the next messages. */
const IDLE: Duration = 5 * SECOND;
/** What a lane gets done is counted over this time. */
const PACE_WINDOW: Duration = 10 * SECOND;
/** When everything stands still for a reason outside the lane, it looks again after this. */
const LOOK_AGAIN: Duration = SECOND / 10;

/** In which order messages leave. */
export type TaskQueue<T> = {
  add(task: T): void;
  /** Undefined: none, or none before `blockedUntil`. */
  next(now: Instant): T | undefined;
  /** Steady; infinite when nothing is blocked. */
  blockedUntil(now: Instant): Instant;
  remove(match: (task: T) => boolean): T[];
  readonly size: () => number;
};

/** What a message has to pass besides its lane's limits when it leaves. Steady instants. */
export type TaskGate<T> = {
  /** Null: it may pass now; else from when on. */
  wait(task: T, now: Instant): Instant | null;
  /** It passes. */
  take(task: T, now: Instant): void;
};

export type LaneOptions<P extends Prepared = PreparedMessage> = {
  readonly site: string;
  readonly shaping: LaneShaping;
  readonly queue: TaskQueue<P["task"]>;
  /** Servers in the order to try them; called for each new connection. */
  readonly targets: () => readonly Target[];
  /** How a connection to this server is to be made. */
  readonly session: (target: Target) => Omit<SessionOptions, "target" | "maxMessages">;
  readonly openSession: OpenSession;
  /** Makes the bytes; null when the message could not be made (and was settled as such). */
  readonly prepare: (task: P["task"]) => Promise<P | null>;
  /** Prepared messages cost memory: no when all lanes together have enough of them. */
  readonly mayPrepareMore: () => boolean;
  /** So many more (or fewer) messages are prepared or being prepared here. */
  readonly onStockChange: (difference: number) => void;
  /** So many the lane may hold whatever its pace: nobody knows it yet. */
  readonly holdAtLeast: () => number;
  /** May a message leave now at all? No while the journal or the database cannot follow. */
  readonly mayTake: () => boolean;
  /** May this message still leave? No when its delivery was paused or its time is over (then it was dealt with). */
  readonly admit: (task: P["task"], now: Instant) => boolean;
  /** The speed of its delivery; null: no delivery has one. */
  readonly gate: TaskGate<P["task"]> | null;
  /** Gives a message back unattempted, not to be tried before `until`. */
  readonly postpone: (task: P["task"], until: Instant) => void;
  readonly onTaken: (task: P["task"]) => void;
  readonly onReturned: (task: P["task"]) => void;
  /** What became of a message on the wire. */
  readonly onOutcome: (message: P, outcome: Outcome, facts: SessionFacts) => void;
  /** The site gave us no session: every message waiting in the lane had this attempt. */
  readonly onSiteFailure: (tasks: readonly P["task"][], outcome: Outcome, facts: SessionFacts) => void;
  readonly clock: Clock;
  readonly timers: Timers;
};

/** What a lane is doing, for whoever explains it. */
export type LaneState = {
  readonly waiting: number;
  readonly connections: number;
  /** Connections that could take a message and have none. */
  readonly wanting: number;
};

export type Lane<P extends Prepared = PreparedMessage> = {
  readonly site: string;
  /** When the lane will have room for a message; null: now. */
  roomAt(): Instant | null;
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

type OpenedSession = {
  handle: Session;
  wantsMessage: boolean;
  working: boolean;
  sent: number;
  target: Target;
  idleSince: Instant;
};

export function createLane<P extends Prepared = PreparedMessage>(options: LaneOptions<P>): Lane<P> {
  const { shaping, queue, clock, timers } = options;
  const now = clock.steady;
  let ready: P[] = [];
  let preparing = 0;
  const sessions = new Set<OpenedSession>();
  const restingHosts = new Map<string, Instant>();
  let wake: { readonly handle: unknown; readonly at: Instant } | null = null;
  let closing = false;
  let done = { since: now(), count: 0, before: 0 };

  let reportedStock = 0;
  const reportStock = () => {
    const stock = preparing + ready.length;
    if (stock !== reportedStock) options.onStockChange(stock - reportedStock);
    reportedStock = stock;
  };

  const backlog = () => queue.size() + ready.length + preparing;

  /** Outcomes in the last ten to twenty seconds. */
  const recentlyDone = () => {
    if (now() - done.since >= PACE_WINDOW) {
      const isOld = now() - done.since >= 2 * PACE_WINDOW;
      done = { since: now(), count: 0, before: isOld ? 0 : done.count };
    }
    return done.count + done.before;
  };

  const roomFor = () => {
    const perHour = shaping.messagesPerHour(now());
    if (perHour !== null) return Math.max(1, Math.ceil((perHour * HOLD) / HOUR));
    const known = (recentlyDone() * HOLD) / PACE_WINDOW;
    return Math.max(options.holdAtLeast(), known);
  };

  /** How long half of what waits will take. */
  const untilHalf = (): Duration => {
    const perHour = shaping.messagesPerHour(now());
    if (perHour !== null) return HOLD / 2;
    const pace = recentlyDone() / PACE_WINDOW;
    return pace === 0 ? WAIT_UNKNOWN : Math.min(HOLD, Math.max(WAIT_LEAST, backlog() / 2 / pace));
  };

  /** Steady. */
  const hasRoomAt = (): Instant | null => {
    const suspended = shaping.suspendedUntil(now());
    if (now() < suspended) return suspended;
    return backlog() >= roomFor() ? now() + untilHalf() : null;
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
    const suspended = shaping.suspendedUntil(now());
    if (now() < suspended) {
      for (const session of sessions) if (session.wantsMessage) session.handle.quit();
      return wakeAt(suspended);
    }
    prepareAhead();
    for (const session of sessions) {
      if (ready.length === 0) break;
      if (session.wantsMessage) session.handle.wake();
    }
    openSessions();
    closeIdle();
  }

  function prepareAhead(): void {
    const wanted = Math.min(AHEAD_MAX, Math.max(4, sessions.size * 2));
    while (preparing + ready.length < (options.mayPrepareMore() ? wanted : AHEAD_ALWAYS)) {
      const task = queue.next(now());
      if (!task) return wakeAt(queue.size() === 0 ? Number.POSITIVE_INFINITY : queue.blockedUntil(now()));
      if (!options.admit(task, clock.now())) continue;
      preparing++;
      reportStock();
      void options.prepare(task).then(onPrepared);
    }
  }

  function onPrepared(message: P | null): void {
    preparing--;
    reportStock();
    const suspended = shaping.suspendedUntil(now());
    if (message && (closing || now() < suspended)) {
      options.postpone(message.task, closing ? clock.now() : toDate(suspended));
    } else if (message && options.admit(message.task, clock.now())) {
      ready.push(message);
      reportStock();
      for (const session of sessions) {
        if (session.wantsMessage) return session.handle.wake();
      }
    }
    pump();
  }

  function openSessions(): void {
    if (!options.mayTake()) return;
    while (sessions.size < shaping.connections(now()) && sessions.size < backlog()) {
      const target = chooseTarget();
      if (!target) return;
      const refusal = shaping.connect(now(), pump);
      if (refusal) return wakeAt(refusal.until);
      open(target);
    }
  }

  function chooseTarget(): Target | undefined {
    const targets = options.targets();
    const awake = targets.find((t) => (restingHosts.get(hostOf(t)) ?? 0) <= now());
    // All rest: connections on their way may yet be served. Opening more behind each refusal would never end.
    return awake ?? (sessions.size === 0 ? targets[0] : undefined);
  }

  function open(target: Target): void {
    const session: OpenedSession = {
      handle: undefined as unknown as Session,
      wantsMessage: false,
      working: false,
      sent: 0,
      target,
      idleSince: now(),
    };
    sessions.add(session);
    session.handle = options.openSession<P>(
      { ...options.session(target), target, maxMessages: shaping.messagesPerConnection() },
      {
        takeMessage: () => takeMessage(session),
        onOutcome: (message, outcome, facts) => {
          done.count++;
          session.working = true;
          if (outcome.kind === "accepted") shaping.accepted(now());
          options.onOutcome(message, outcome, facts);
        },
        onReturned: (message) => {
          options.onReturned(message.task);
          if (closing) options.postpone(message.task, clock.now());
          else ready.unshift(message);
          reportStock();
        },
        onEnd: (end) => onSessionEnd(session, end),
      },
    );
  }

  function takeMessage(session: OpenedSession): P | null {
    session.working = true;
    restingHosts.delete(hostOf(session.target));
    const mustYield = session.sent > 0 && shaping.shouldYield(session.sent);
    const message = closing || mustYield || sessions.size > shaping.connections(now()) ? null : nextReady();
    session.wantsMessage = message === null;
    if (message === null) {
      session.idleSince = now();
      // Not within the session's own question: it is not through with it.
      if (!closing && (mustYield || sessions.size > shaping.connections(now()))) queueMicrotask(closeSurplus);
    } else {
      session.sent++;
      options.onTaken(message.task);
    }
    // Only making more, never `pump`: that would wake this very session, which may be waiting for the rate.
    if (ready.length < sessions.size) prepareAhead();
    return message;
  }

  function nextReady(): P | null {
    const suspended = shaping.suspendedUntil(now());
    if (now() < suspended || !options.mayTake()) {
      wakeAt(Math.max(suspended, now() + LOOK_AGAIN));
      return null;
    }
    const at = firstPastGate();
    if (at.index < 0) {
      wakeAt(at.until);
      return null;
    }
    const refusal = shaping.take(now());
    if (refusal) {
      wakeAt(refusal.until);
      return null;
    }
    const [message = null] = ready.splice(at.index, 1);
    if (message) options.gate?.take(message.task, now());
    reportStock();
    return message;
  }

  /** The first that may leave as far as its delivery is concerned; -1: none before `until`. */
  function firstPastGate(): { index: number; until: Instant } {
    let until = Number.POSITIVE_INFINITY;
    for (let index = 0; index < ready.length; index++) {
      const task = ready[index]?.task;
      if (task === undefined) break;
      if (!options.admit(task, clock.now())) {
        ready.splice(index--, 1);
        reportStock();
        continue;
      }
      const wait = options.gate?.wait(task, now()) ?? null;
      if (wait === null) return { index, until: 0 };
      until = Math.min(until, wait);
    }
    return { index: -1, until };
  }

  function onSessionEnd(session: OpenedSession, end: SessionEnd): void {
    sessions.delete(session);
    shaping.disconnected(now());
    if (end.kind === "failed") onFailedSession(session, end.outcome, end.facts);
    pump();
  }

  /** A session that never got as far as taking a message. */
  function onFailedSession(session: OpenedSession, outcome: Outcome, facts: SessionFacts): void {
    const open = [...sessions].filter((other) => other.working).length;
    if (open > 0) {
      shaping.connectionRefused(open, outcome, now());
      return;
    }
    restingHosts.set(hostOf(session.target), now() + HOST_REST);
    const others = options.targets().some((target) => (restingHosts.get(hostOf(target)) ?? 0) <= now());
    if (others || sessions.size > 0) return;
    restingHosts.clear();
    shaping.siteFailed(outcome, facts, now());
    options.onSiteFailure(
      removeWaiting(() => true),
      outcome,
      facts,
    );
  }

  function removeWaiting(match: (task: P["task"]) => boolean): P["task"][] {
    const out = ready.filter((message) => match(message.task)).map((message) => message.task);
    ready = ready.filter((message) => !match(message.task));
    reportStock();
    return [...out, ...queue.remove(match)];
  }

  /** More connections than the lane may have now, or one that others wait for: those without work go. */
  function closeSurplus(): void {
    let surplus = sessions.size - shaping.connections(now());
    for (const session of sessions) {
      if (!session.wantsMessage) continue;
      if (surplus-- > 0 || shaping.shouldYield(session.sent)) session.handle.quit();
    }
  }

  function closeIdle(): void {
    if (backlog() > 0) return;
    let oldest = Number.POSITIVE_INFINITY;
    for (const session of sessions) {
      if (!session.wantsMessage) continue;
      if (now() - session.idleSince >= IDLE || shaping.shouldYield(session.sent)) session.handle.quit();
      else oldest = Math.min(oldest, session.idleSince);
    }
    wakeAt(oldest + IDLE);
  }

  const wanting = () => {
    let count = 0;
    for (const session of sessions) if (session.wantsMessage) count++;
    return count;
  };

  return {
    site: options.site,
    roomAt: () => {
      const at = hasRoomAt();
      return at === null ? null : toDate(at);
    },
    add: (task) => {
      const until = hasRoomAt();
      if (until !== null) return { kind: "later", until: toDate(until) };
      queue.add(task);
      return { kind: "queued" };
    },
    remove: removeWaiting,
    pump,
    waiting: backlog,
    // What a lane got done in ten seconds it will get done again.
    standing: () => Math.max(0, backlog() - AHEAD_MAX - recentlyDone()),
    state: () => ({ waiting: backlog(), connections: sessions.size, wanting: wanting() }),
    suspendedUntil: () => {
      const until = shaping.suspendedUntil(now());
      return until === 0 ? 0 : toDate(until);
    },
    isIdle: () => backlog() === 0 && sessions.size === 0,
    close: () => {
      closing = true;
      if (wake) timers.clear(wake.handle);
      for (const task of removeWaiting(() => true)) options.postpone(task, clock.now());
      for (const session of sessions) session.handle.quit();
    },
  };
}

function hostOf(target: Target): string {
  return `${target.address ?? target.host}:${target.port}`;
}
