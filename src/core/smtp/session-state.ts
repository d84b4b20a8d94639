/**
 * What one client connection is and remembers, what can happen to it and what it asks for. The rules are in `session.ts`
 * (entry), `open-connection.ts` (up to the point where mail can be sent) and `send-messages.ts` (from there on).
 */
import type { Duration } from "../time.ts";
import { assertNever } from "../never.ts";
import type { Credentials } from "./auth.ts";
import { type Capabilities, NO_CAPABILITIES } from "./capabilities.ts";
import type { DsnRequest } from "./dsn.ts";
import type { Outcome, Reply, Stage, Trouble } from "./outcome.ts";
import { createReplyParser, type ReplyParser } from "./reply.ts";

/**
 * `opportunistic`: STARTTLS where offered, plain otherwise. `encrypted`: TLS with whatever certificate, or nothing. `required`:
 * with a valid certificate, or nothing. `implicit`: as `required`, from the first byte (RFC 8314 §3.3).
 */
export type TlsPolicy = "none" | "opportunistic" | "encrypted" | "required" | "implicit";

/** What the session waits for, each with a time-out of its own (RFC 5321 §4.5.3.2). */
export type Phase =
  | "connect"
  | "greeting"
  | "ehlo"
  | "starttls"
  | "tls"
  | "auth"
  | "mail"
  | "rcpt"
  | "data"
  | "dot"
  | "rset"
  | "quit";

/** Where a connection failed before it could carry mail. */
export type OpeningPhase = Extract<Phase, "connect" | "greeting" | "ehlo" | "starttls" | "tls" | "auth">;

export type SessionOptions = {
  /** Name after EHLO: the host name of the source IP. */
  readonly helo: string;
  readonly tls: TlsPolicy;
  /** Used where AUTH PLAIN or LOGIN is offered; elsewhere the server says itself that it wants authentication. */
  readonly credentials: Credentials | null;
  readonly maxMessages: number;
  /** False: one command at a time even where PIPELINING is offered. */
  readonly pipelining: boolean;
  /** False: DATA even where CHUNKING is offered. */
  readonly chunking: boolean;
};

/** What a message may say about how it is handed over. */
export type WireOptions = {
  /** Reports to ask for where the server offers DSN (RFC 3461). */
  readonly dsn?: DsnRequest | null;
  /** Test SMTP: MAIL, RCPT and RSET, never content. What is accepted then is the recipient. */
  readonly untilRcpt?: boolean;
};

/** A message as the dialogue needs it. Its bytes stay with the shell: CRLF line ends, no line starting with a dot. */
export type SmtpMessage = WireOptions & {
  readonly tag: string;
  /** Envelope form (`core/address`); empty: the null return path. */
  readonly mailFrom: string;
  readonly rcptTo: string;
  readonly sizeBytes: number;
  readonly is8bit: boolean;
  /** A header field needs it; that an envelope address needs it is seen here. */
  readonly needsSmtpUtf8: boolean;
};

export type SessionEvent =
  | { readonly kind: "connected" }
  | { readonly kind: "data"; readonly bytes: Uint8Array }
  /** The TLS handshake is done. */
  | { readonly kind: "secured" }
  /** End, reset, or a handshake that failed. */
  | { readonly kind: "closed"; readonly detail: string }
  | { readonly kind: "timeout"; readonly after: Duration }
  | { readonly kind: "offer"; readonly message: SmtpMessage }
  /** All bytes asked for so far were handed to the socket. */
  | { readonly kind: "flushed" }
  /** The bytes asked for since the last flush were not handed over and never will be. */
  | { readonly kind: "withheld" }
  | { readonly kind: "quit" };

export type Effect =
  /** Each character is a byte. */
  | { readonly kind: "write"; readonly text: string }
  /** Write the message's bytes: `.CRLF` behind them, or `BDAT n LAST` before them. */
  | { readonly kind: "body"; readonly tag: string; readonly as: "data" | "chunk" }
  /** The server offers CHUNKING and does not know BDAT: a new connection does better without. */
  | { readonly kind: "chunking-refused" }
  | { readonly kind: "start-tls" }
  | { readonly kind: "outcome"; readonly tag: string; readonly outcome: Outcome }
  /** The message was not attempted; it is the shell's again. */
  | { readonly kind: "return"; readonly tag: string }
  /** The connection never became usable; no message was taken. */
  | { readonly kind: "failed"; readonly phase: OpeningPhase; readonly outcome: FailedOpening }
  /** Why, when it was not our wish. */
  | { readonly kind: "close"; readonly detail: string | null };

export type FailedOpening = Exclude<Outcome, { kind: "accepted" }>;

/**
 *   connecting ─▶ greeting ─▶ ehlo ─▶ (helo) ─▶ (auth) ─▶ open ─▶ (draining) ─▶ quitting ─▶ closed
 *                              ▲ └▶ starttls ─▶ handshake
 *                              └───────────────────┘        implicit TLS: connecting ─▶ handshake ─▶ greeting
 *
 * `open` takes messages; `draining` only finishes those it has. Any state goes to `closed`.
 */
export type State =
  | { readonly name: "connecting" | "greeting" | "ehlo" | "starttls" | "open" | "draining" | "quitting" | "closed" }
  /** EHLO was refused with this reply. */
  | { readonly name: "helo"; readonly refusal: Reply }
  | { readonly name: "handshake"; readonly next: "greeting" | "ehlo" }
  /** What to answer to the next 334s. */
  | { readonly name: "auth"; readonly answers: readonly string[] };

/**
 * `content`: the message's bytes and their end are asked for. `sent`: handed to the socket. `settled`: outcome known or given back.
 * `until`: how the content is sent, or that it is not.
 */
export type Transaction = {
  readonly message: SmtpMessage;
  readonly rcpt: string;
  readonly until: "data" | "chunk" | "rcpt";
  phase: TransactionPhase;
};
type TransactionPhase = "envelope" | "content" | "sent" | "settled";

/** A reply still to come. `chunk`: the one to `BDAT … LAST`. `lone-dot`: ends the content of a transaction without recipients. */
export type Awaited = {
  readonly command: "mail" | "rcpt" | "data" | "dot" | "chunk" | "lone-dot" | "rset";
  readonly transaction: Transaction;
};

/** Belongs to one connection and is changed in place by `step`. */
export type Session = {
  readonly options: SessionOptions;
  readonly parser: ReplyParser;
  state: State;
  capabilities: Capabilities;
  isSecured: boolean;
  /** In the order in which the replies will come; only the first can be in `content` or `sent`. */
  readonly awaiting: Awaited[];
  taken: number;
  settled: number;
  /** Became usable in the event that is being dealt with: no message could be offered yet. */
  isFresh: boolean;
  /** The last content was refused as a chunk: the server may take its transaction for open still. */
  isAfterRefusedChunk: boolean;
  /** Grows with every reply and every change of state: the shell's time-outs run from its last change. */
  progress: number;
};

export function createSession(options: SessionOptions): Session {
  return {
    options,
    parser: createReplyParser(),
    state: { name: "connecting" },
    capabilities: NO_CAPABILITIES,
    isSecured: false,
    awaiting: [],
    taken: 0,
    settled: 0,
    isFresh: false,
    isAfterRefusedChunk: false,
    progress: 0,
  };
}

/** Null: nothing is awaited, so nothing can time out. */
export function waitingFor(session: Session): Phase | null {
  const { state } = session;
  switch (state.name) {
    case "connecting":
      return "connect";
    case "greeting":
    case "starttls":
    case "auth":
      return state.name;
    case "ehlo":
    case "helo":
      return "ehlo";
    case "handshake":
      return "tls";
    case "open":
    case "draining": {
      const command = session.awaiting[0]?.command ?? null;
      return command === "lone-dot" || command === "chunk" ? "dot" : command;
    }
    case "quitting":
      return "quit";
    case "closed":
      return null;
    default:
      return assertNever(state);
  }
}

export function enter(session: Session, state: State): void {
  session.state = state;
  session.progress++;
}

export function isPipelining(session: Session): boolean {
  return session.options.pipelining && session.capabilities.pipelining;
}

export function isChunking(session: Session): boolean {
  return session.options.chunking && session.capabilities.chunking;
}

/** Messages that this connection may carry. */
export function messageLimit({ options, capabilities }: Session): number {
  return Math.min(options.maxMessages, capabilities.mailMax ?? Number.POSITIVE_INFINITY);
}

export function isSuccess(reply: Reply): boolean {
  return reply.code < 300;
}

export function isRefusal(reply: Reply): boolean {
  return reply.code >= 400;
}

export function refused(stage: Stage, reply: Reply): FailedOpening {
  return { kind: "refused", stage, reply };
}

export function lost(stage: Stage, trouble: Trouble, detail: string, inDoubt = false): FailedOpening {
  return { kind: "lost", stage, trouble, detail, inDoubt };
}

/** Leaves politely (RFC 5321 §4.1.1.10). */
export function sayQuit(session: Session, effects: Effect[]): void {
  effects.push({ kind: "write", text: "QUIT\r\n" });
  enter(session, { name: "quitting" });
}

export function close(session: Session, detail: string | null, effects: Effect[]): void {
  effects.push({ kind: "close", detail });
  enter(session, { name: "closed" });
}
