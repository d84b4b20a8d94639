/** Opens the sessions of a sender process: the lanes' port (mta/session-port) on top of adapters/smtp-socket. */
import { openSession, type CloseReason, type ConnectionOptions } from "../adapters/smtp-socket/open-session.ts";
import { DEFAULT_TIMEOUTS, type Timeouts } from "../adapters/smtp-socket/timeouts.ts";
import type { TlsPolicy } from "../core/smtp/session.ts";
import { type Duration, HOUR, SECOND } from "../core/time.ts";
import type { BeforeFlush, OpenSession, Session, SessionCallbacks, SessionOptions } from "../mta/session-port.ts";
import type { Prepared } from "../mta/task.ts";

/** How long a server whose TLS is broken is spoken to in plain text before TLS is tried again. */
const REMEMBER_BROKEN_TLS = HOUR;

const ANSWER_WITHIN: Duration = 20 * SECOND;

type Taken = { readonly message: Prepared; readonly at: number };

export function smtpSessions(heloName: string, beforeFlush: BeforeFlush): OpenSession {
  /** Messages on the wire by tag; a message is on one connection at a time. */
  const taken = new Map<string, Taken>();
  const brokenTls = new Map<string, number>();
  // One function for all connections: the flush queue then asks once per tick.
  const hook = (tags: readonly string[]) => beforeFlush(tags.flatMap((tag) => taken.get(tag)?.message ?? []));

  const release = (tag: string): Taken => {
    const entry = taken.get(tag);
    if (!entry) throw new Error(`message ${tag} is not on the wire`);
    taken.delete(tag);
    return entry;
  };

  const open = <P extends Prepared>(
    options: SessionOptions,
    tls: TlsPolicy,
    callbacks: SessionCallbacks<P>,
    renew: (next: Session) => void,
  ): Session => {
    // What a session gives back is what it took.
    const releaseOwn = (tag: string) => release(tag) as Taken & { readonly message: P };
    return openSession(connectionOptions(heloName, options, tls), {
      takeMessage: () => {
        const message = callbacks.takeMessage();
        if (message === null) return null;
        const { tag, mailFrom, rcptTo, bytes, needsSmtpUtf8 } = message;
        taken.set(tag, { message, at: performance.now() });
        return { tag, mailFrom, rcptTo, sizeBytes: bytes.length, is8bit: false, needsSmtpUtf8, body: bytes };
      },
      onOutcome: (tag, outcome, facts) => {
        const { message, at } = releaseOwn(tag);
        const durationMs = Math.round(performance.now() - at);
        callbacks.onOutcome(message, outcome, { mx: facts.mx, tls: facts.tls ? "TLS" : null, durationMs });
      },
      onReturn: (tag) => callbacks.onReturned(releaseOwn(tag).message),
      beforeFlush: hook,
      onClose: (reason) => {
        if (isBrokenTls(reason) && tls === "opportunistic") {
          brokenTls.set(hostOf(options), performance.now());
          renew(open(options, "none", callbacks, renew));
        } else if (reason.kind === "failed") {
          const facts = { mx: options.target.host, tls: null, durationMs: 0 };
          callbacks.onEnd({ kind: "failed", outcome: reason.outcome, facts });
        } else {
          callbacks.onEnd({ kind: "ended" });
        }
      },
    });
  };

  return (options, callbacks) => {
    const knownBroken =
      performance.now() - (brokenTls.get(hostOf(options)) ?? Number.NEGATIVE_INFINITY) < REMEMBER_BROKEN_TLS;
    const policy = policyOf(options);
    let current: Session;
    current = open(options, policy === "opportunistic" && knownBroken ? "none" : policy, callbacks, (next) => {
      current = next;
    });
    return { wake: () => current.wake(), quit: () => current.quit() };
  };
}

function hostOf({ target }: SessionOptions): string {
  return `${target.host}:${target.port}`;
}

function isBrokenTls(reason: CloseReason): boolean {
  return reason.kind === "failed" && reason.outcome.kind === "lost" && reason.outcome.trouble === "tls";
}

/** A password goes over the network encrypted or not at all. */
function policyOf({ relay, tls }: SessionOptions): TlsPolicy {
  if (tls !== null) return tls;
  if (relay?.implicitTls) return "implicit";
  const isLocal = relay !== null && /^(127\.|localhost$|::1$)/.test(relay.host);
  return relay?.user && !isLocal ? "required" : "opportunistic";
}

function connectionOptions(helo: string, options: SessionOptions, tls: TlsPolicy): ConnectionOptions {
  const { target, relay, source, maxMessages, dotTimeout } = options;
  return {
    helo,
    tls,
    credentials: relay?.user ? { user: relay.user, password: relay.password ?? "" } : null,
    maxMessages,
    pipelining: true,
    address: target.address ?? target.host,
    port: target.port,
    mx: target.host,
    localAddress: source,
    timeouts: dotTimeout === null ? DEFAULT_TIMEOUTS : shortTimeouts(dotTimeout),
    ca: null,
  };
}

/** A server of our own answers at once or is in trouble. */
function shortTimeouts(dot: Duration): Timeouts {
  const short = Object.entries(DEFAULT_TIMEOUTS).map(([phase, after]) => [phase, Math.min(after, ANSWER_WITHIN)]);
  return { ...(Object.fromEntries(short) as Timeouts), body: dot, dot };
}
