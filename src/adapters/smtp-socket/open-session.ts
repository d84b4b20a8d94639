/**
 * One SMTP client connection on a real socket: the shell around `core/smtp`. It pulls messages, does the effects and writes
 * everything of an event-loop tick at once. Decides nothing.
 */
import { isIP, connect as connectTcp, type Socket } from "node:net";

import { assertNever } from "../../core/never.ts";
import {
  createSession,
  type Effect,
  type SessionEvent,
  step,
  waitingFor,
  wantsMessage,
} from "../../core/smtp/session.ts";
import { errorText } from "../../platform/errors.ts";
import type {
  CloseReason,
  ConnectionFacts,
  ConnectionOptions,
  OutgoingMessage,
  SessionCallbacks,
  SessionHandle,
} from "./connection-types.ts";
import { type Flushable, flushSoon } from "./flush-queue.ts";
import { describeTls, startTls } from "./start-tls.ts";
import { watchTimeouts } from "./timeouts.ts";

/** More than this goes out in pieces, each when the one before has left: so a slow line shows progress. */
const ONE_WRITE = 262_144;
const PIECE = 65_536;
/** Up to this many bytes are copied together: cheaper than a write of several parts. */
const ONE_PIECE = 32_768;

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
  private isResuming = false;
  private events: SessionEvent[] = [];
  private isAdvancing = false;
  private outgoing: (string | Uint8Array)[] = [];
  private isStreaming = false;
  private dots: string[] = [];

  constructor(options: ConnectionOptions, callbacks: SessionCallbacks) {
    this.options = options;
    this.callbacks = callbacks;
    this.beforeFlush = callbacks.beforeFlush;
    this.session = createSession(options);
    this.facts = { mx: options.mx, tls: null, sourceIp: null, remoteIp: null };
    const { address: host, port, localAddress } = options;
    const from = localAddress === null ? {} : { localAddress, family: isIP(localAddress) };
    this.socket = connectTcp({ host, port, ...from, noDelay: true });
    this.socket.on("connect", () => {
      const { localAddress: sourceIp = null, remoteAddress: remoteIp = null } = this.socket;
      this.facts = { ...this.facts, sourceIp, remoteIp };
      this.options.trace?.("connected", remoteIp ?? "");
      this.happen({ kind: "connected" });
    });
    this.listen(this.socket);
    this.stopWatch = watchTimeouts(
      options.timeouts,
      () => ({
        phase: waitingFor(this.session),
        progress: this.session.progress,
        unsentBytes: this.socket.writableLength + (this.isStreaming ? this.waitingBytes() : 0),
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
      case "body":
        this.writeContent(effect.tag, effect.as);
        break;
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
        this.reason = { kind: "failed", phase: effect.phase, outcome: effect.outcome, isResuming: this.isResuming };
        break;
      case "chunking-refused":
        this.reason = { kind: "chunking-refused" };
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

  private writeContent(tag: string, as: "data" | "chunk"): void {
    const body = this.messages.get(tag)?.body;
    if (body === undefined) throw new Error(`no message ${tag} on this connection`);
    if (as === "data") {
      this.options.trace?.("body", "");
      this.write(body);
      this.write(".\r\n");
    } else {
      const command = `BDAT ${body.length} LAST\r\n`;
      this.options.trace?.("sent", command);
      this.options.trace?.("chunk", "");
      this.write(command);
      this.write(body);
    }
    this.dots.push(tag);
  }

  private write(data: string | Uint8Array): void {
    if (this.outgoing.length === 0 && !this.isStreaming) flushSoon(this);
    this.outgoing.push(data);
  }

  finalDots(): readonly string[] {
    return this.dots;
  }

  flush(): void {
    if (this.outgoing.length === 0 || this.isStreaming) return;
    // Broken within this tick: what was about to leave has certainly not, so nothing is in doubt.
    if (!this.socket.writable)
      return this.happen({ kind: "closed", detail: this.errorDetail ?? "the connection broke" });
    this.dots = [];
    const length = this.waitingBytes();
    if (length > ONE_WRITE) return this.stream();
    const { outgoing } = this;
    this.outgoing = [];
    if (length <= ONE_PIECE) this.socket.write(packed(outgoing, length));
    else {
      this.socket.cork();
      for (const data of outgoing) this.socket.write(data, "latin1");
      this.socket.uncork();
    }
    this.happen({ kind: "flushed" });
  }

  /** What is asked for in the meantime goes out behind. The session hears of it when the last piece is with the socket. */
  private stream(): void {
    this.isStreaming = true;
    for (let next = this.outgoing.shift(); next !== undefined; next = this.outgoing.shift()) {
      if (!this.socket.writable) return;
      const hasRoom = this.socket.write(
        typeof next === "string" ? next.slice(0, PIECE) : next.subarray(0, PIECE),
        "latin1",
      );
      if (next.length > PIECE)
        this.outgoing.unshift(typeof next === "string" ? next.slice(PIECE) : next.subarray(PIECE));
      if (hasRoom || this.outgoing.length === 0) continue;
      this.socket.once("drain", () => this.stream());
      return;
    }
    this.isStreaming = false;
    this.happen({ kind: "flushed" });
  }

  private waitingBytes(): number {
    let bytes = 0;
    for (const data of this.outgoing) bytes += data.length;
    return bytes;
  }

  withhold(error: unknown): void {
    this.reason = { kind: "withheld", error };
    this.happen({ kind: "withheld" });
  }

  private secure(): void {
    const plain = this.socket;
    plain.off("data", this.onData);
    plain.off("end", this.onEnd);
    const { mx, tls, ca, port, tlsName, verifyPeer = null } = this.options;
    const host = tlsName ?? mx;
    const isVerified = verifyPeer === null && (tls === "required" || tls === "implicit");
    const { socket, isResuming } = startTls(
      plain,
      { host, isNamed: isIP(host) === 0, port, isVerified, ca, verifyPeer },
      (problem) => {
        if (problem !== null) return this.happen({ kind: "closed", detail: problem });
        this.facts = { ...this.facts, tls: describeTls(socket) };
        this.options.trace?.("secured", "");
        this.happen({ kind: "secured" });
      },
    );
    this.isResuming = isResuming;
    this.socket = socket;
    this.listen(socket);
  }

  private finish(): void {
    if (this.isClosed) return;
    this.isClosed = true;
    this.stopWatch();
    this.socket.destroy();
    if (this.reason) this.callbacks.onClose(this.reason, this.facts);
  }
}

/** All of it in one piece of memory; strings are byte strings. */
function packed(parts: readonly (string | Uint8Array)[], length: number): Buffer {
  const all = Buffer.allocUnsafe(length);
  let at = 0;
  for (const part of parts) {
    if (typeof part === "string") at += all.write(part, at, "latin1");
    else {
      all.set(part, at);
      at += part.length;
    }
  }
  return all;
}
