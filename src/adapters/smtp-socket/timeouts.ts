/** How long each phase of a connection may take (RFC 5321 §4.5.3.2), watched by one coarse timer per connection. */
import type { Phase } from "../../core/smtp/session.ts";
import { type Duration, MINUTE, SECOND } from "../../core/time.ts";

/** `body`: without any byte of the content leaving. */
export type Timeouts = Readonly<Record<Phase | "body", Duration>>;

/** RFC 5321 §4.5.3.2 where it says something; the others are as short as large senders have them. */
export const DEFAULT_TIMEOUTS: Timeouts = {
  connect: 30 * SECOND,
  greeting: 5 * MINUTE,
  ehlo: 5 * MINUTE,
  starttls: 30 * SECOND,
  tls: 30 * SECOND,
  auth: MINUTE,
  mail: 5 * MINUTE,
  rcpt: 5 * MINUTE,
  data: 2 * MINUTE,
  body: 3 * MINUTE,
  dot: 10 * MINUTE,
  rset: MINUTE,
  quit: 5 * SECOND,
};

/** Less makes doubles: a server may take that long and accept, and the message is sent once more (RFC 5321 §4.5.3.2.6 says ten). */
const SHORTEST_DOT = 5 * MINUTE;

/** What an MX rule says; null: as above. `data`: the answer to DATA, the content and the reply to it. `other`: all commands. */
export type RuleTimeouts = {
  readonly connect: Duration | null;
  readonly data: Duration | null;
  readonly other: Duration | null;
};

export function timeoutsOf({ connect, data, other }: RuleTimeouts): Timeouts {
  const usual = DEFAULT_TIMEOUTS;
  return {
    connect: connect ?? usual.connect,
    greeting: other ?? usual.greeting,
    ehlo: other ?? usual.ehlo,
    starttls: other ?? usual.starttls,
    tls: other ?? usual.tls,
    auth: other ?? usual.auth,
    mail: other ?? usual.mail,
    rcpt: other ?? usual.rcpt,
    rset: other ?? usual.rset,
    data: data ?? usual.data,
    body: data ?? usual.body,
    dot: Math.max(SHORTEST_DOT, data ?? usual.dot),
    quit: usual.quit,
  };
}

/** What the watch looks at; `progress` changes whenever the dialogue gets on. */
export type Watched = { readonly phase: Phase | null; readonly progress: number; readonly unsentBytes: number };

const FINEST: Duration = 5;

/**
 * Calls `onTimeout` when a phase outlasts its time-out, at most a second late. Looking at intervals costs nothing per
 * reply, where setting a timer for each would.
 */
export function watchTimeouts(
  timeouts: Timeouts,
  look: () => Watched,
  onTimeout: (after: Duration) => void,
): () => void {
  const interval = Math.max(FINEST, Math.min(SECOND, Math.min(...Object.values(timeouts)) / 4));
  let last = look();
  let since = performance.now();
  const timer = setInterval(() => {
    const seen = look();
    const now = performance.now();
    const isSame =
      seen.phase === last.phase && seen.progress === last.progress && seen.unsentBytes === last.unsentBytes;
    if (!isSame) since = now;
    last = seen;
    if (seen.phase === null) return;
    const limit = seen.phase === "dot" && seen.unsentBytes > 0 ? timeouts.body : timeouts[seen.phase];
    if (now - since >= limit) onTimeout(now - since);
  }, interval);
  return () => clearInterval(timer);
}
