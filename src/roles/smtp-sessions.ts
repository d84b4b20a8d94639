/** Opens the sessions of a sender process: the lanes' port (mta/session-port) on top of adapters/smtp-socket. */
import { openSession, type CloseReason, type ConnectionOptions } from "../adapters/smtp-socket/open-session.ts";
import { DEFAULT_TIMEOUTS } from "../adapters/smtp-socket/timeouts.ts";
import { formatKey } from "../core/delivery/status.ts";
import type { TlsPolicy } from "../core/smtp/session.ts";
import { HOUR } from "../core/time.ts";
import type { BeforeFlush, OpenSession, Session, SessionCallbacks, SessionOptions } from "../mta/session-port.ts";
import type { PreparedMessage } from "../mta/task.ts";

/** How long a server whose TLS is broken is spoken to in plain text before TLS is tried again. */
const REMEMBER_BROKEN_TLS = HOUR;

type Taken = { readonly message: PreparedMessage; readonly at: number };

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

  const open = (
    options: SessionOptions,
    tls: TlsPolicy,
    callbacks: SessionCallbacks,
    renew: (next: Session) => void,
  ): Session =>
    openSession(connectionOptions(heloName, options, tls), {
      takeMessage: () => {
        const message = callbacks.takeMessage();
        if (message === null) return null;
        const { part, seq, envelope } = message.task;
        const tag = formatKey({ partId: part.lease.partId, seq });
        taken.set(tag, { message, at: performance.now() });
        return {
          tag,
          mailFrom: message.mailFrom,
          rcptTo: envelope,
          sizeBytes: message.bytes.length,
          is8bit: false,
          needsSmtpUtf8: message.needsSmtpUtf8,
          body: message.bytes,
        };
      },
      onOutcome: (tag, outcome, facts) => {
        const { message, at } = release(tag);
        const durationMs = Math.round(performance.now() - at);
        callbacks.onOutcome(message, outcome, { mx: facts.mx, tls: facts.tls ? "TLS" : null, durationMs });
      },
      onReturn: (tag) => callbacks.onReturned(release(tag).message),
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
function policyOf({ relay }: SessionOptions): TlsPolicy {
  if (relay?.implicitTls) return "implicit";
  const isLocal = relay !== null && /^(127\.|localhost$|::1$)/.test(relay.host);
  return relay?.user && !isLocal ? "required" : "opportunistic";
}

function connectionOptions(helo: string, options: SessionOptions, tls: TlsPolicy): ConnectionOptions {
  const { target, relay, source, maxMessages } = options;
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
    timeouts: DEFAULT_TIMEOUTS,
    ca: null,
  };
}
