/**
 * What the lanes need of an SMTP session; the composition root hands in the function that opens one
 * (adapters/smtp-socket).
 */
import type { Outcome } from "../core/smtp/outcome.ts";
import type { Relay } from "../platform/config.ts";
import type { PreparedMessage } from "./task.ts";

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
};

export type SessionFacts = { readonly mx: string; readonly tls: string | null; readonly durationMs: number };

export type SessionEnd =
  | { readonly kind: "ended" }
  /** Ended before it could take a message: the outcome says why. */
  | { readonly kind: "failed"; readonly outcome: Outcome; readonly facts: SessionFacts };

export type SessionCallbacks = {
  /** The session can take a message; null: none now, `wake` when there is one. */
  readonly takeMessage: () => PreparedMessage | null;
  readonly onOutcome: (message: PreparedMessage, outcome: Outcome, facts: SessionFacts) => void;
  /** The message was not attempted. */
  readonly onReturned: (message: PreparedMessage) => void;
  readonly onEnd: (end: SessionEnd) => void;
};

export type Session = {
  wake(): void;
  /** Ends after what is on the wire. */
  quit(): void;
};

export type OpenSession = (options: SessionOptions, callbacks: SessionCallbacks) => Session;

/**
 * Called once per tick before the final dots of these messages leave: the journal hook. When it throws, nothing of them
 * is sent and they are returned.
 */
export type BeforeFlush = (messages: readonly PreparedMessage[]) => void;
