/** What a connection is told, what it tells, and how it is held. */
import type { TLSSocket } from "node:tls";

import type { Outcome } from "../../core/smtp/outcome.ts";
import type { FailedOpening, OpeningPhase, SessionOptions, SmtpMessage } from "../../core/smtp/session.ts";
import type { Timeouts } from "./timeouts.ts";

export type ConnectionOptions = SessionOptions & {
  /** IP address to connect to, or a name that the system resolves. */
  readonly address: string;
  readonly port: number;
  /** Host name of the server: for the certificate and for the log. */
  readonly mx: string;
  /** Source IP, of the family of `address`; a name is looked up in this family. Null: the system chooses. */
  readonly localAddress: string | null;
  readonly timeouts: Timeouts;
  /** Certificate authorities in PEM for `required` and `implicit`; null: those of Node. */
  readonly ca: string | null;
  /** What SNI says and certificates are for, where it is not `mx`: the TLSA base domain (RFC 7672 §2.2.2). */
  readonly tlsName?: string | null;
  /** Takes the place of authorities and names (DANE); a text says why the server's certificates will not do. */
  readonly verifyPeer?: ((peer: TLSSocket) => string | null) | null;
  /** Hears the dialogue as it is spoken, secrets included; without it nothing is lost. */
  readonly trace?: Trace;
};

/** `body`: the message's bytes and the final dot; `chunk`: the bytes alone. Their `text` is left out. */
export type Trace = (what: "sent" | "received" | "body" | "chunk" | "secured" | "connected", text: string) => void;

/** Characters of a string body are bytes. */
export type OutgoingMessage = SmtpMessage & { readonly body: string | Uint8Array };

export type ConnectionFacts = {
  readonly mx: string;
  /** Version and cipher: `TLSv1.3 TLS_AES_256_GCM_SHA384`; null: in plain. */
  readonly tls: string | null;
  /** Addresses of both ends; null: no connection was made. */
  readonly sourceIp: string | null;
  readonly remoteIp: string | null;
};

export type CloseReason =
  /** We left, at our wish or at the limit of messages. */
  | { readonly kind: "quit" }
  /** No message was taken. Trouble `tls` under `opportunistic`: a new connection with `tls: "none"` may work. */
  | {
      readonly kind: "failed";
      readonly phase: OpeningPhase;
      readonly outcome: FailedOpening;
      /** An earlier TLS session was offered, which is forgotten now: it may have been the cause. */
      readonly isResuming: boolean;
    }
  /** A new connection with `chunking: false` may work. */
  | { readonly kind: "chunking-refused" }
  /** The server ended it, or it broke; messages that it concerned had their outcomes. */
  | { readonly kind: "lost"; readonly detail: string }
  /** `beforeFlush` threw: the messages it was about were returned. */
  | { readonly kind: "withheld"; readonly error: unknown };

export type SessionCallbacks = {
  /** The next message for this connection, or null; then `wake` says when there is one. */
  readonly takeMessage: () => OutgoingMessage | null;
  readonly onOutcome: (tag: string, outcome: Outcome, facts: ConnectionFacts) => void;
  /** The message was not attempted. */
  readonly onReturn: (tag: string) => void;
  /** Before the final dots or last chunks of these messages leave; called once per tick for all connections that share the function. */
  readonly beforeFlush: (tags: readonly string[]) => void;
  /** Exactly once, after everything else. */
  readonly onClose: (reason: CloseReason, facts: ConnectionFacts) => void;
};

export type SessionHandle = {
  /** A message may be there now. */
  wake(): void;
  /** Takes no more messages, finishes those on the wire, leaves. */
  quit(): void;
  /** Breaks the connection at once; messages on the wire get their outcome or are returned. */
  abort(detail: string): void;
  /** Messages taken and not settled. */
  pending(): number;
  /** Open, with nothing to send. */
  isIdle(): boolean;
};
