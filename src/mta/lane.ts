/**
 * A lane: one source IP and one site. It holds the messages for the site, keeps connections open within the limits, hands
 * each connection its next prepared message, and goes slower or rests when the site is in trouble. All shaping state of
 * the site lives here; the lane decides nothing about messages (that is settle-outcome.ts).
 *
 * Longer than the house limit for functions: the lane's state is shared by its small closures and by nothing else.
 */
import { emptyBucket, take } from "../core/shaping/token-bucket.ts";
import { accepted, connectionRefused, initialPace, siteFailed, slowDown, type Rest } from "../core/shaping/pace.ts";
import type { Limits } from "../core/shaping/limits.ts";
import type { Outcome } from "../core/smtp/outcome.ts";
import type { Instant } from "../core/time.ts";
import type { OpenSession, Session, SessionEnd, SessionFacts, SessionOptions, Target } from "./session-port.ts";
import type { Relay } from "../platform/config.ts";
import type { Prepared, PreparedMessage } from "./task.ts";

/** Messages of one lane prepared ahead of its connections, at most. */
const AHEAD_MAX = 64;
/** So many a lane may always prepare, however many the others have. */
const AHEAD_ALWAYS = 2;
/** A lane whose rate is limited holds what it can send within this time; the rest goes back to its part. */
const HOLD_MS = 30_000;
/** A host that failed is not tried again for this long while others work. */
const HOST_REST_MS = 60_000;
/** Connections without work stay open this long for the next messages. */
const IDLE_MS = 5_000;

export type LaneOptions<P extends Prepared = PreparedMessage> = {
  readonly site: string;
  readonly limits: Limits;
  /** Servers in the order to try them; called for each new connection. */
  readonly targets: () => readonly Target[];
  readonly source: string | null;
  readonly relay: Relay | null;
  readonly tls?: SessionOptions["tls"];
  readonly dotTimeout?: SessionOptions["dotTimeout"];
  /** How long the site rests after it gave us no session. */
  readonly rest?: Rest;
  readonly openSession: OpenSession;
  /** Makes the bytes; null when the message could not be made (and was settled as such). */
  readonly prepare: (task: P["task"]) => Promise<P | null>;
  /** Prepared messages cost memory: no when all lanes together have enough of them. */
  readonly mayPrepareMore: () => boolean;
  /** So many more (or fewer) messages are prepared or being prepared here. */
  readonly onStockChange: (difference: number) => void;
  /** May a message leave now at all? No while the journal or the database cannot follow. */
  readonly mayTake: () => boolean;
  /** May this message still leave? No when its delivery was paused or its time is over (then it was dealt with). */
  readonly admit: (task: P["task"], now: Instant) => boolean;
  /** Gives a message back unattempted, not to be tried before `until`. */
  readonly postpone: (task: P["task"], until: Instant) => void;
  readonly onTaken: (task: P["task"]) => void;
  readonly onReturned: (task: P["task"]) => void;
  /** What became of a message on the wire; tells the lane to slow down by its answer. */
  readonly onOutcome: (message: P, outcome: Outcome, facts: SessionFacts) => "go-on" | "slow-down";
  /** The site gave us no session: every message waiting in the lane had this attempt. False: put them off uncharged. */
  readonly onSiteFailure: (tasks: readonly P["task"][], outcome: Outcome, facts: SessionFacts) => void;
  readonly now: () => Instant;
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
  readonly suspendedUntil: () => Instant;
  readonly isIdle: () => boolean;
  /** Lets messages on the wire finish and closes the connections. */
  close(): void;
};

type OpenedSession = { handle: Session; wantsMessage: boolean; working: boolean; target: Target; idleSince: Instant };

export function createLane<P extends Prepared = PreparedMessage>(options: LaneOptions<P>): Lane<P> {
  const { limits, now } = options;
  let queue: P["task"][] = [];
  let ready: P[] = [];
  let preparing = 0;
  const sessions = new Set<OpenedSession>();
  let pace = initialPace(limits.connections, now());
  let bucket = emptyBucket(now());
  const restingHosts = new Map<string, Instant>();
  let wakeTimer: NodeJS.Timeout | undefined;
  let closing = false;

  let reportedStock = 0;
  const reportStock = () => {
    const stock = preparing + ready.length;
    if (stock !== reportedStock) options.onStockChange(stock - reportedStock);
    reportedStock = stock;
  };

  const backlog = () => queue.length + ready.length + preparing;
  const roomFor = () =>
    limits.messagesPerHour === null
      ? Number.POSITIVE_INFINITY
      : Math.max(1, Math.ceil((limits.messagesPerHour * HOLD_MS) / 3_600_000));

  const roomAt = () => {
    if (now() < pace.suspendedUntil) return pace.suspendedUntil;
    return backlog() >= roomFor() ? now() + HOLD_MS : null;
  };

  const wakeAt = (at: Instant) => {
    clearTimeout(wakeTimer);
    wakeTimer = setTimeout(pump, Math.min(60_000, Math.max(1, at - now())));
  };

  function pump(): void {
    if (closing) return;
    if (now() < pace.suspendedUntil) return wakeAt(pace.suspendedUntil);
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
      const task = queue.shift();
      if (!task) return;
      if (!options.admit(task, now())) continue;
      preparing++;
      reportStock();
      void options.prepare(task).then(onPrepared);
    }
  }

  function onPrepared(message: P | null): void {
    preparing--;
    reportStock();
    if (message && (closing || now() < pace.suspendedUntil)) {
      options.postpone(message.task, Math.max(now(), pace.suspendedUntil));
    } else if (message && options.admit(message.task, now())) {
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
    const allowed = Math.min(pace.connections, limits.connections);
    while (sessions.size < allowed && sessions.size < backlog()) {
      const target = chooseTarget();
      if (!target) return;
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
      target,
      idleSince: now(),
    };
    sessions.add(session);
    const { relay, source, tls = null, dotTimeout = null } = options;
    session.handle = options.openSession<P>(
      { target, relay, source, maxMessages: limits.messagesPerConnection, tls, dotTimeout },
      {
        takeMessage: () => takeMessage(session),
        onOutcome: (message, outcome, facts) => {
          if (outcome.kind === "accepted") pace = accepted(pace, limits.connections, now());
          session.working = true;
          if (options.onOutcome(message, outcome, facts) === "slow-down") pace = slowDown(pace, now());
        },
        onReturned: (message) => {
          options.onReturned(message.task);
          if (closing) options.postpone(message.task, now());
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
    const message = closing ? null : nextReady();
    session.wantsMessage = message === null;
    if (message === null) session.idleSince = now();
    else options.onTaken(message.task);
    // Only making more, never `pump`: that would wake this very session, which may be waiting for the rate.
    if (ready.length < sessions.size) prepareAhead();
    return message;
  }

  function nextReady(): P | null {
    if (now() < pace.suspendedUntil || !options.mayTake()) {
      wakeAt(Math.max(pace.suspendedUntil, now() + 100));
      return null;
    }
    for (;;) {
      const message = ready[0];
      if (!message) return null;
      if (!options.admit(message.task, now())) {
        ready.shift();
        reportStock();
        continue;
      }
      if (limits.messagesPerHour !== null) {
        const taken = take(bucket, limits.messagesPerHour, now());
        if (taken.kind === "wait") {
          wakeAt(taken.until);
          return null;
        }
        bucket = taken.bucket;
      }
      ready.shift();
      reportStock();
      return message;
    }
  }

  function onSessionEnd(session: OpenedSession, end: SessionEnd): void {
    sessions.delete(session);
    if (end.kind === "failed") onFailedSession(session, end.outcome, end.facts);
    pump();
  }

  /** A session that never got as far as taking a message. */
  function onFailedSession(session: OpenedSession, outcome: Outcome, facts: SessionFacts): void {
    const open = [...sessions].filter((other) => other.working).length;
    if (open > 0) {
      pace = connectionRefused(pace, open, now());
      return;
    }
    restingHosts.set(hostOf(session.target), now() + HOST_REST_MS);
    const others = options.targets().some((target) => (restingHosts.get(hostOf(target)) ?? 0) <= now());
    if (others || sessions.size > 0) return;
    restingHosts.clear();
    pace = siteFailed(pace, now(), options.rest);
    options.onSiteFailure(
      removeWaiting(() => true),
      outcome,
      facts,
    );
  }

  function removeWaiting(match: (task: P["task"]) => boolean): P["task"][] {
    const out = [
      ...ready.filter((message) => match(message.task)).map((message) => message.task),
      ...queue.filter(match),
    ];
    ready = ready.filter((message) => !match(message.task));
    reportStock();
    queue = queue.filter((task) => !match(task));
    return out;
  }

  function closeIdle(): void {
    if (backlog() > 0) return;
    let oldest = Number.POSITIVE_INFINITY;
    for (const session of sessions) {
      if (!session.wantsMessage) continue;
      if (now() - session.idleSince >= IDLE_MS) session.handle.quit();
      else oldest = Math.min(oldest, session.idleSince);
    }
    if (oldest !== Number.POSITIVE_INFINITY) wakeAt(oldest + IDLE_MS);
  }

  return {
    site: options.site,
    roomAt,
    add: (task) => {
      const until = roomAt();
      if (until !== null) return { kind: "later", until };
      queue.push(task);
      return { kind: "queued" };
    },
    remove: removeWaiting,
    pump,
    waiting: backlog,
    suspendedUntil: () => pace.suspendedUntil,
    isIdle: () => backlog() === 0 && sessions.size === 0,
    close: () => {
      closing = true;
      clearTimeout(wakeTimer);
      for (const task of removeWaiting(() => true)) options.postpone(task, now());
      for (const session of sessions) session.handle.quit();
    },
  };
}

function hostOf(target: Target): string {
  return `${target.address ?? target.host}:${target.port}`;
}
