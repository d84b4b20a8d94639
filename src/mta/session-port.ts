/**
 * What the lanes need of an SMTP session; the composition root hands in the function that opens one
 * (adapters/smtp-socket).
 */
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
  /** Local address to connect from. */
  readonly source: string | null;
  readonly maxMessages: number;
  /** Null: as it fits the server (opportunistic; required where a password goes over the network). */
  readonly tls: TlsPolicy | null;
  /** Longest wait for the reply to the final dot; null: RFC 5321 §4.5.3.2.6. */
  readonly dotTimeout: Duration | null;
};

export type SessionFacts = { readonly mx: string; readonly tls: string | null; readonly durationMs: number };

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
