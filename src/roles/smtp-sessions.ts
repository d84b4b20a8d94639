/**
 * Opens the sessions of a sender process: the lanes' port (mta/session-port) on top of adapters/smtp-socket. Remembers what
 * servers cannot do although they say so.
 */
import { isIP } from "node:net";

import { peerChain, verifyDane } from "../adapters/dns/verify-dane.ts";
import { BoundedMap } from "../adapters/smtp-socket/bounded-map.ts";
import type { CloseReason, ConnectionFacts, ConnectionOptions } from "../adapters/smtp-socket/connection-types.ts";
import { openSession } from "../adapters/smtp-socket/open-session.ts";
import { DEFAULT_TIMEOUTS, type Timeouts, timeoutsOf } from "../adapters/smtp-socket/timeouts.ts";
import type { TlsPolicy, WireOptions } from "../core/smtp/session.ts";
import { DAY, type Duration, SECOND } from "../core/time.ts";
import type {
  BeforeFlush,
  OpenSession,
  Session,
  SessionCallbacks,
  SessionFacts,
  SessionOptions,
} from "../mta/session-port.ts";
import type { Prepared } from "../mta/task.ts";

/** How long a server whose TLS is broken is spoken to in plain text before TLS is tried again. */
const REMEMBER_BROKEN_TLS: Duration = 3 * DAY;
/** How long a server that offers CHUNKING and does not know BDAT gets DATA. */
const REMEMBER_NO_CHUNKING: Duration = DAY;
/** Servers remembered of each kind. */
const REMEMBERED = 10_000;

const ANSWER_WITHIN: Duration = 20 * SECOND;

type Taken = { readonly message: Prepared; readonly at: number };

/** How one connection is tried: at first, once more because an old TLS session may have been in the way, once more in plain. */
type Try = {
  readonly tls: TlsPolicy;
  readonly chunking: boolean;
  readonly turn: "first" | "without-ticket" | "in-plain";
};

export function smtpSessions(heloName: string, beforeFlush: BeforeFlush): OpenSession {
  /** Messages on the wire by tag; a message is on one connection at a time. */
  const taken = new Map<string, Taken>();
  const brokenTls = memory(REMEMBER_BROKEN_TLS);
  const noChunking = memory(REMEMBER_NO_CHUNKING);
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
    tried: Try,
    callbacks: SessionCallbacks<P>,
    renew: (next: Session) => void,
  ): Session => {
    const host = hostOf(options);
    const startedAt = performance.now();
    let isNews = tried.turn === "in-plain";
    // What a session gives back is what it took.
    const releaseOwn = (tag: string) => release(tag) as Taken & { readonly message: P };
    const again = (next: Try) => {
      callbacks.onReconnect?.();
      renew(open(options, next, callbacks, renew));
    };
    return openSession(connectionOptions(heloName, options, tried), {
      takeMessage: () => {
        // TLS failed and all the rest works: so it is TLS that is broken, and not the way there.
        if (isNews) brokenTls.note(host);
        isNews = false;
        const message: (P & WireOptions) | null = callbacks.takeMessage();
        if (message === null) return null;
        taken.set(message.tag, { message, at: performance.now() });
        return outgoing(message);
      },
      onOutcome: (tag, outcome, facts) => {
        const { message, at } = releaseOwn(tag);
        callbacks.onOutcome(message, outcome, factsOf(facts, at));
      },
      onReturn: (tag) => callbacks.onReturned(releaseOwn(tag).message),
      beforeFlush: hook,
      onClose: (reason, facts) => {
        if (facts.tls !== null) brokenTls.forget(host);
        if (reason.kind === "chunking-refused") noChunking.note(host);
        if (isTlsTrouble(reason) && reason.isResuming && tried.turn === "first") {
          again({ ...tried, turn: "without-ticket" });
        } else if (isTlsTrouble(reason) && tried.tls === "opportunistic") {
          again({ ...tried, tls: "none", turn: "in-plain" });
        } else if (reason.kind === "failed") {
          callbacks.onEnd({ kind: "failed", outcome: reason.outcome, facts: factsOf(facts, startedAt) });
        } else callbacks.onEnd({ kind: "ended" });
      },
    });
  };

  return (options, callbacks) => {
    if (lacksFamily(options)) return failedSession(options, callbacks);
    const host = hostOf(options);
    const policy = policyOf(options);
    const tls = policy === "opportunistic" && brokenTls.has(host) ? "none" : policy;
    const chunking = (options.chunking ?? true) && !noChunking.has(host);
    let current: Session;
    current = open(options, { tls, chunking, turn: "first" }, callbacks, (next) => {
      current = next;
    });
    return { wake: () => current.wake(), quit: () => current.quit() };
  };
}

type Memory = { has(host: string): boolean; note(host: string): void; forget(host: string): void };

/** What was noted of a host, for so long. Runs on the monotonic clock. */
function memory(lasts: Duration): Memory {
  const notedAt = new BoundedMap<number>(REMEMBERED);
  return {
    has: (host) => performance.now() - (notedAt.get(host) ?? Number.NEGATIVE_INFINITY) < lasts,
    note: (host) => notedAt.set(host, performance.now()),
    forget: (host) => notedAt.delete(host),
  };
}

function hostOf({ target }: SessionOptions): string {
  return `${target.host}:${target.port}`;
}

function isTlsTrouble(reason: CloseReason): reason is Extract<CloseReason, { kind: "failed" }> {
  return reason.kind === "failed" && reason.outcome.kind === "lost" && reason.outcome.trouble === "tls";
}

function factsOf({ mx, tls, sourceIp, remoteIp }: ConnectionFacts, since: number): SessionFacts {
  return { mx, tls, sourceIp, remoteIp, durationMs: Math.round(performance.now() - since) };
}

function outgoing({
  tag,
  mailFrom,
  rcptTo,
  bytes,
  needsSmtpUtf8,
  dsn = null,
  untilRcpt = false,
}: Prepared & WireOptions) {
  const sizeBytes = bytes.length;
  return { tag, mailFrom, rcptTo, sizeBytes, is8bit: false, needsSmtpUtf8, dsn, untilRcpt, body: bytes };
}

/** DANE asks for TLS in any case. A password goes over the network encrypted or not at all. */
function policyOf({ relay, tls, daneRecords = null }: SessionOptions): TlsPolicy {
  if (daneRecords !== null && tls !== "implicit") return "encrypted";
  if (tls !== null) return tls;
  if (relay?.implicitTls) return "implicit";
  const isLocal = relay !== null && /^(127\.|localhost$|::1$)/.test(relay.host);
  return relay?.user && !isLocal ? "required" : "opportunistic";
}

/** Mail must not leave from an address that nobody chose. */
function lacksFamily(options: SessionOptions): boolean {
  const { source, sourceV6 = null } = options;
  return (source !== null || sourceV6 !== null) && localAddressOf(options) === null;
}

/** Of the target's family; for a target that is a name the first there is, in whose family it is then looked up. */
function localAddressOf({ target, source, sourceV6 = null }: SessionOptions): string | null {
  const family = isIP(target.address ?? target.host);
  const own = [source, sourceV6].filter((address) => address !== null);
  return own.find((address) => family === 0 || isIP(address) === family) ?? null;
}

function failedSession<P extends Prepared>({ target }: SessionOptions, callbacks: SessionCallbacks<P>): Session {
  const detail = `the source has no address of the family of ${target.address ?? target.host}`;
  const outcome = { kind: "lost", stage: "connect", trouble: "unreachable", detail, inDoubt: false } as const;
  setImmediate(() => {
    callbacks.onEnd({ kind: "failed", outcome, facts: { mx: target.host, tls: null, durationMs: 0 } });
  });
  return { wake: () => {}, quit: () => {} };
}

function connectionOptions(heloName: string, options: SessionOptions, { tls, chunking }: Try): ConnectionOptions {
  const { target, relay, maxMessages, tlsName = null, daneRecords = null } = options;
  const name = tlsName ?? target.host;
  return {
    helo: options.helo ?? heloName,
    tls,
    credentials: relay?.user ? { user: relay.user, password: relay.password ?? "" } : null,
    maxMessages,
    pipelining: true,
    chunking,
    address: target.address ?? target.host,
    port: target.port,
    mx: target.host,
    localAddress: localAddressOf(options),
    timeouts: timeoutsFor(options),
    ca: null,
    tlsName,
    verifyPeer: daneRecords === null ? null : (peer) => verifyDane(daneRecords, peerChain(peer), name, Date.now()),
  };
}

function timeoutsFor({ dotTimeout, timeouts = null }: SessionOptions): Timeouts {
  if (dotTimeout !== null) return shortTimeouts(dotTimeout);
  return timeouts === null ? DEFAULT_TIMEOUTS : timeoutsOf(timeouts);
}

/** A server of our own answers at once or is in trouble. */
function shortTimeouts(dot: Duration): Timeouts {
  const short = Object.entries(DEFAULT_TIMEOUTS).map(([phase, after]) => [phase, Math.min(after, ANSWER_WITHIN)]);
  return { ...(Object.fromEntries(short) as Timeouts), body: dot, dot };
}
