/**
 * What the lanes need of an SMTP session; the composition root hands in the function that opens one
 * (adapters/smtp-socket).
 */
import type { MxRule } from "../core/shaping/rule.ts";
import type { TlsaRecord } from "../core/smtp/dane.ts";
import type { Outcome } from "../core/smtp/outcome.ts";
import type { Duration } from "../core/time.ts";
import type { Relay } from "../platform/config.ts";
import type { TlsPolicy } from "../core/smtp/session.ts";
import type { Prepared } from "./task.ts";

export type Target = {
  /** Name of the server: for TLS and for the log. */
  readonly host: string;
  /** Where to connect; null: the host name. */
  readonly address: string | null;
  readonly port: number;
};

export type SessionOptions = {
  readonly target: Target;
  /** Null: the server is a recipient's, not our relay. */
  readonly relay: Relay | null;
  /**
   * Local address to connect from, and the one of the other family: that of the target's family is used. A target whose family
   * the source lacks gets no connection. Both null: the system chooses.
   */
  readonly source: string | null;
  readonly sourceV6?: string | null;
  /** Name after EHLO; null: the process's. */
  readonly helo?: string | null;
  readonly maxMessages: number;
  /** Null: as it fits the server (opportunistic; required where a password goes over the network). */
  readonly tls: TlsPolicy | null;
  /**
   * Not null: TLS is a must and the certificate is checked against these, not against authorities (RFC 7672). Empty: there are
   * records and none can be used, so that any certificate will do.
   */
  readonly daneRecords?: readonly TlsaRecord[] | null;
  /** The TLSA base domain; null: the host. */
  readonly tlsName?: string | null;
  /** What the MX rule says; null: house values. */
  readonly timeouts?: MxRule["timeouts"] | null;
  /** False: DATA even where CHUNKING is offered. */
  readonly chunking?: boolean;
  /** Longest wait for the reply to the final dot; null: RFC 5321 §4.5.3.2.6. */
  readonly dotTimeout: Duration | null;
};

export type SessionFacts = {
  readonly mx: string;
  /** Version and cipher: `TLSv1.3 TLS_AES_256_GCM_SHA384`; null: in plain. */
  readonly tls: string | null;
  readonly durationMs: number;
  /** Addresses of both ends; absent or null: no connection was made. */
  readonly sourceIp?: string | null;
  readonly remoteIp?: string | null;
};

export type SessionEnd =
  | { readonly kind: "ended" }
  /** Ended before it could take a message: the outcome says why. */
  | { readonly kind: "failed"; readonly outcome: Outcome; readonly facts: SessionFacts };

export type SessionCallbacks<P extends Prepared = Prepared> = {
  /** The session can take a message; null: none now, `wake` when there is one. */
  readonly takeMessage: () => P | null;
  readonly onOutcome: (message: P, outcome: Outcome, facts: SessionFacts) => void;
  /** The message was not attempted. */
  readonly onReturned: (message: P) => void;
  readonly onEnd: (end: SessionEnd) => void;
  /** Another connection is made in the place of the first, which counts like any new one: TLS did not come about. */
  readonly onReconnect?: () => void;
};

export type Session = {
  wake(): void;
  /** Ends after what is on the wire. */
  quit(): void;
};

export type OpenSession = <P extends Prepared>(options: SessionOptions, callbacks: SessionCallbacks<P>) => Session;

/**
 * Called once per tick before the final dots of these messages leave: the journal hook. When it throws, nothing of them
 * is sent and they are returned.
 */
export type BeforeFlush = (messages: readonly Prepared[]) => void;
