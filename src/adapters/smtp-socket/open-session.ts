/**
 * One SMTP client connection on a real socket: the shell around `core/smtp`. It pulls messages, does the effects and writes
 * everything of an event-loop tick at once. Decides nothing.
 */
import { isIP, connect as connectTcp, type Socket } from "node:net";

import { assertNever } from "../../core/never.ts";
import type { Outcome } from "../../core/smtp/outcome.ts";
import {
  createSession,
  type Effect,
  type FailedOpening,
  type OpeningPhase,
  type SessionEvent,
  type SessionOptions,
  type SmtpMessage,
  step,
  waitingFor,
  wantsMessage,
} from "../../core/smtp/session.ts";
import { errorText } from "../../platform/errors.ts";
import { type Flushable, flushSoon } from "./flush-queue.ts";
import { startTls } from "./start-tls.ts";
import { type Timeouts, watchTimeouts } from "./timeouts.ts";

export type ConnectionOptions = SessionOptions & {
  /** IP address to connect to, or a name that the system resolves. */
  readonly address: string;
  readonly port: number;
  /** Host name of the server: for the certificate and for the log. */
  readonly mx: string;
  /** Source IP; null: the system chooses. */
  readonly localAddress: string | null;
  readonly timeouts: Timeouts;
  /** Certificate authorities in PEM for `required` and `implicit`; null: those of Node. */
  readonly ca: string | null;
  /** Hears the dialogue as it is spoken, secrets included; without it nothing is lost. */
  readonly trace?: Trace;
};

/** `body`: the message's bytes and the final dot, whose `text` is left out. */
export type Trace = (what: "sent" | "received" | "body" | "secured" | "connected", text: string) => void;

/** Characters of a string body are bytes. */
export type OutgoingMessage = SmtpMessage & { readonly body: string | Uint8Array };

export type ConnectionFacts = { readonly tls: boolean; readonly remoteAddress: string | null; readonly mx: string };

export type CloseReason =
  /** We left, at our wish or at the limit of messages. */
  | { readonly kind: "quit" }
  /** No message was taken. Trouble `tls` under `opportunistic`: a new connection with `tls: "none"` may work. */
  | { readonly kind: "failed"; readonly phase: OpeningPhase; readonly outcome: FailedOpening }
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
  /** Before the final dots of these messages leave; called once per tick for all connections that share the function. */
  readonly beforeFlush: (tags: readonly string[]) => void;
  /** Exactly once, after everything else. */
  readonly onClose: (reason: CloseReason) => void;
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

/** Larger writes go out in pieces, so that a slow line shows progress. */
const PIECE = 65_536;

/** Opens the connection; callbacks begin after it has returned. */
export function openSession(options: ConnectionOptions, callbacks: SessionCallbacks): SessionHandle {
  const connection = new Connection(options, callbacks);
  return {
    wake: () => connection.advance(),
    quit: () => connection.happen({ kind: "quit" }),
    abort: (detail) => connection.happen({ kind: "closed", detail }),
    pending: () => connection.messages.size,
    isIdle: () => connection.messages.size === 0 && connection.isOpen(),
  };
}

class Connection implements Flushable {
  readonly messages = new Map<string, OutgoingMessage>();
  readonly beforeFlush: SessionCallbacks["beforeFlush"];
  private readonly options: ConnectionOptions;
  private readonly callbacks: SessionCallbacks;
  private readonly session;
  private readonly stopWatch: () => void;
  private facts: ConnectionFacts;
  private socket: Socket;
  /** Set before the socket closes: the session says why it closes. */
  private reason: CloseReason | null = null;
  private isClosed = false;
  /** Why the socket ended, for `closed`. */
  private errorDetail: string | null = null;
  private events: SessionEvent[] = [];
  private isAdvancing = false;
  private outgoing: (string | Uint8Array)[] = [];
  private dots: string[] = [];

  constructor(options: ConnectionOptions, callbacks: SessionCallbacks) {
    this.options = options;
    this.callbacks = callbacks;
    this.beforeFlush = callbacks.beforeFlush;
    this.session = createSession(options);
    this.facts = { tls: false, remoteAddress: null, mx: options.mx };
    this.socket = connectTcp({
      host: options.address,
      port: options.port,
      ...(options.localAddress === null ? {} : { localAddress: options.localAddress }),
      noDelay: true,
    });
    this.socket.on("connect", () => {
      this.facts = { ...this.facts, remoteAddress: this.socket.remoteAddress ?? null };
      this.options.trace?.("connected", this.facts.remoteAddress ?? "");
      this.happen({ kind: "connected" });
    });
    this.listen(this.socket);
    this.stopWatch = watchTimeouts(
      options.timeouts,
      () => ({
        phase: waitingFor(this.session),
        progress: this.session.progress,
        unsentBytes: this.socket.writableLength,
      }),
      (after) => this.happen({ kind: "timeout", after }),
    );
  }

  isOpen(): boolean {
    return this.session.state.name === "open";
  }

  private readonly onData = (bytes: Uint8Array): void => {
    this.options.trace?.("received", Buffer.from(bytes).toString("utf8"));
    this.happen({ kind: "data", bytes });
  };
  private readonly onEnd = (): void => this.happen({ kind: "closed", detail: "the server closed the connection" });

  private listen(socket: Socket): void {
    socket.on("data", this.onData);
    socket.on("end", this.onEnd);
    socket.on("error", (error) => {
      this.errorDetail ??= errorText(error);
    });
    socket.on("close", () => {
      this.happen({ kind: "closed", detail: this.errorDetail ?? "the connection ended" });
      this.finish();
    });
  }

  happen(event: SessionEvent): void {
    this.events.push(event);
    this.advance();
  }

  /** Callbacks may call back into the connection: what they bring waits its turn. */
  advance(): void {
    if (this.isAdvancing) return;
    this.isAdvancing = true;
    try {
      for (;;) {
        const event = this.events.shift() ?? this.offer();
        if (!event) break;
        for (const effect of step(this.session, event)) this.perform(effect);
      }
    } finally {
      this.isAdvancing = false;
    }
  }

  private offer(): SessionEvent | null {
    if (!wantsMessage(this.session)) return null;
    const message = this.callbacks.takeMessage();
    if (message === null) return null;
    this.messages.set(message.tag, message);
    return { kind: "offer", message };
  }

  private perform(effect: Effect): void {
    switch (effect.kind) {
      case "write":
        this.options.trace?.("sent", effect.text);
        this.write(effect.text);
        break;
      case "body": {
        const body = this.messages.get(effect.tag)?.body;
        if (body === undefined) throw new Error(`no message ${effect.tag} on this connection`);
        this.options.trace?.("body", "");
        this.write(body);
        this.write(".\r\n");
        this.dots.push(effect.tag);
        break;
      }
      case "outcome":
        this.messages.delete(effect.tag);
        this.callbacks.onOutcome(effect.tag, effect.outcome, this.facts);
        break;
      case "return":
        this.messages.delete(effect.tag);
        this.callbacks.onReturn(effect.tag);
        break;
      case "start-tls":
        this.secure();
        break;
      case "failed":
        this.reason = { kind: "failed", phase: effect.phase, outcome: effect.outcome };
        break;
      case "close":
        this.reason ??= effect.detail === null ? { kind: "quit" } : { kind: "lost", detail: effect.detail };
        this.outgoing = [];
        this.dots = [];
        this.socket.destroy();
        break;
      default:
        assertNever(effect);
    }
  }

  private write(data: string | Uint8Array): void {
    if (this.outgoing.length === 0) flushSoon(this);
    this.outgoing.push(data);
  }

  finalDots(): readonly string[] {
    return this.dots;
  }

  flush(): void {
    if (this.outgoing.length === 0) return;
    // Broken within this tick: what was about to leave has certainly not, so nothing is in doubt.
    if (!this.socket.writable)
      return this.happen({ kind: "closed", detail: this.errorDetail ?? "the connection broke" });
    const { outgoing } = this;
    this.outgoing = [];
    this.dots = [];
    this.socket.cork();
    if (outgoing.every((data) => typeof data === "string")) this.send(outgoing.join(""));
    else for (const data of outgoing) this.send(data);
    this.socket.uncork();
    this.happen({ kind: "flushed" });
  }

  private send(data: string | Uint8Array): void {
    for (let at = 0; at < data.length; at += PIECE) {
      const piece = data.length <= PIECE ? data : data.slice(at, at + PIECE);
      this.socket.write(piece, "latin1");
    }
  }

  withhold(error: unknown): void {
    this.reason = { kind: "withheld", error };
    this.happen({ kind: "withheld" });
  }

  private secure(): void {
    const plain = this.socket;
    plain.off("data", this.onData);
    plain.off("end", this.onEnd);
    const { mx, tls, ca } = this.options;
    const secured = startTls(plain, { servername: isIP(mx) ? null : mx, isVerified: tls !== "opportunistic", ca });
    secured.once("secureConnect", () => {
      this.facts = { ...this.facts, tls: true };
      this.options.trace?.("secured", "");
      this.happen({ kind: "secured" });
    });
    this.socket = secured;
    this.listen(secured);
  }

  private finish(): void {
    if (this.isClosed) return;
    this.isClosed = true;
    this.stopWatch();
    this.socket.destroy();
    if (this.reason) this.callbacks.onClose(this.reason);
  }
}
