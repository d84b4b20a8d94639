/** The connections of a lane: who works, who waits for a message, who was told to go. */
import type { Instant } from "../core/time.ts";
import type { Counted } from "./lane-shaping.ts";
import type { Session, Target } from "./session-port.ts";

export type OpenedSession = {
  handle: Session;
  readonly counted: Counted;
  readonly target: Target;
  readonly openedAt: Instant;
  wantsMessage: boolean;
  working: boolean;
  /** It was told to quit. */
  leaving: boolean;
  sent: number;
  idleSince: Instant;
};

export type LaneSessions = {
  readonly size: () => number;
  /** Those that wait for a message, or are about to. Counted, because it is asked for each message that was made. */
  readonly free: () => number;
  /** Those that got as far as taking messages. */
  readonly working: () => number;
  readonly wanting: () => number;
  /** Those of now: others end and begin while one goes through them. */
  readonly present: () => readonly OpenedSession[];
  firstWaiting(): OpenedSession | undefined;
  /** Of those that may stay. */
  youngest(): Instant;
  /** The caller sets its handle. */
  add(target: Target, counted: Counted, at: Instant): OpenedSession;
  /** It has ended. */
  delete(session: OpenedSession, at: Instant): void;
  /** It got as far as taking messages, and waits for the next one or not. */
  setWorking(session: OpenedSession, wantsMessage: boolean): void;
  /** At once, so that no other leaves in its place. */
  markLeaving(session: OpenedSession): void;
  leave(session: OpenedSession): void;
};

export function createLaneSessions(): LaneSessions {
  const sessions = new Set<OpenedSession>();
  let free = 0;

  const count = (fits: (session: OpenedSession) => boolean) => {
    let n = 0;
    for (const session of sessions) if (fits(session)) n++;
    return n;
  };

  function markLeaving(session: OpenedSession): void {
    if (session.leaving) return;
    session.counted.leave();
    if (isFree(session)) free--;
    session.leaving = true;
  }

  return {
    size: () => sessions.size,
    free: () => free,
    working: () => count(({ working }) => working),
    wanting: () => count(({ wantsMessage }) => wantsMessage),
    present: () => [...sessions],
    firstWaiting: () => {
      for (const session of sessions) if (session.wantsMessage && !session.leaving) return session;
      return undefined;
    },
    youngest: () => {
      let youngest = Number.NEGATIVE_INFINITY;
      for (const { openedAt, leaving } of sessions) if (!leaving) youngest = Math.max(youngest, openedAt);
      return youngest;
    },
    add: (target, counted, at) => {
      const session: OpenedSession = {
        handle: undefined as unknown as Session,
        counted,
        target,
        openedAt: at,
        wantsMessage: false,
        working: false,
        leaving: false,
        sent: 0,
        idleSince: at,
      };
      sessions.add(session);
      free++;
      return session;
    },
    delete: (session, at) => {
      sessions.delete(session);
      if (isFree(session)) free--;
      session.counted.closed(at);
    },
    setWorking: (session, wantsMessage) => {
      if (isFree(session)) free--;
      session.working = true;
      session.wantsMessage = wantsMessage;
      if (isFree(session)) free++;
    },
    markLeaving,
    leave: (session) => {
      if (!sessions.has(session)) return;
      markLeaving(session);
      session.handle.quit();
    },
  };
}

function isFree({ leaving, wantsMessage, working }: OpenedSession): boolean {
  return !leaving && (wantsMessage || !working);
}
