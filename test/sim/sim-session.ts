/**
 * One connection as the lanes see it (mta/session-port), in virtual time: one message after the other, the envelope of the
 * next behind the final dot of the one before (RFC 2920), as adapters/smtp-socket does.
 */
import type { Outcome } from "../../src/core/smtp/outcome.ts";
import { SECOND } from "../../src/core/time.ts";
import type { Session, SessionCallbacks, SessionEnd, SessionFacts } from "../../src/mta/session-port.ts";
import type { Prepared } from "../../src/mta/task.ts";
import type { VirtualClock } from "./clock.ts";
import type { WatchedConnection } from "./limits-watch.ts";
import { ACCEPTED, replyOf } from "./replies.ts";
import type { DotAnswer, SimProvider } from "./sim-provider.ts";

/** Servers hang up on clients that say nothing (RFC 5321 §4.5.3.2.7 asks for five minutes; many give less). */
const SERVER_PATIENCE = 60 * SECOND;

/** What the world outside the connection is told. */
export type SessionObserver = {
  /** A message is offered to the server. */
  began(message: Prepared): void;
  /** Its final dot is about to leave; throws when it must not. */
  flushing(message: Prepared): void;
  /** The server has it, whether or not anybody hears of it. */
  taken(message: Prepared): void;
  /** The client does not know whether the server has it. */
  doubted(message: Prepared): void;
  ended(): void;
};

export type SimSessionOptions<P extends Prepared> = {
  readonly clock: VirtualClock;
  readonly provider: SimProvider;
  readonly host: string;
  readonly source: string;
  readonly maxMessages: number;
  /** TLS is tried first; null: it is not tried. Called when the server breaks it: then the session goes on in plain. */
  readonly onBrokenTls: (() => void) | null;
  readonly callbacks: SessionCallbacks<P>;
  readonly watched: WatchedConnection;
  readonly observer: SessionObserver;
};

export class SimSession<P extends Prepared> implements Session {
  readonly #o: SimSessionOptions<P>;
  #state: "connecting" | "open" | "closed" = "connecting";
  #quitting = false;
  #taken = 0;
  /** Waits for the answer to RCPT, or to its final dot. */
  #current: { message: P; isSent: boolean; at: number } | null = null;
  /** Its envelope left behind the current message's dot. */
  #next: P | null = null;
  #idleSince: number;
  #isTls: boolean;

  constructor(options: SimSessionOptions<P>) {
    this.#o = options;
    this.#idleSince = options.clock.steady();
    this.#isTls = options.onBrokenTls !== null;
    this.#connect();
  }

  #connect(): void {
    const { clock, provider, source } = this.#o;
    clock.after(provider.latency(), () => {
      if (this.#state === "closed") return;
      const greeting = provider.greet(source, this.#isTls);
      if (greeting.kind === "welcome") {
        this.#state = "open";
        this.#waitForClient();
        this.#fill();
      } else if (greeting.outcome.kind === "lost" && greeting.outcome.trouble === "tls") {
        this.#isTls = false;
        this.#o.onBrokenTls?.();
        this.#connect();
      } else {
        clock.after(greeting.after, () => this.#fail(greeting.outcome));
      }
    });
  }

  wake(): void {
    this.#fill();
  }

  quit(): void {
    this.#quitting = true;
    if (this.#state === "open") this.#fill();
    else if (this.#state === "connecting") this.#end({ kind: "ended" }, false);
  }

  /** The client's process died: nobody hears anything any more, and the server closes. */
  kill(isTaken: () => boolean): void {
    if (this.#state === "closed") return;
    const wasOpen = this.#state === "open";
    this.#state = "closed";
    if (this.#current?.isSent && isTaken()) this.#o.observer.taken(this.#current.message);
    this.#leave(wasOpen);
  }

  #fill(): void {
    if (this.#state !== "open" || this.#next !== null) return;
    if (this.#current !== null && !this.#current.isSent) return;
    const isFull = this.#taken >= this.#o.maxMessages;
    const message = isFull || this.#quitting ? null : this.#o.callbacks.takeMessage();
    // Taking may have ended this very session.
    if (this.#isClosed()) return;
    if (message === null) {
      if (this.#current === null && (isFull || this.#quitting)) this.#end({ kind: "ended" }, true);
      return;
    }
    this.#taken++;
    this.#o.observer.began(message);
    this.#o.watched.message(this.#taken);
    if (this.#current === null) this.#begin(message, this.#o.provider.latency());
    else this.#next = message;
  }

  #isClosed(): boolean {
    return this.#state === "closed";
  }

  #begin(message: P, wait: number): void {
    // Nothing is taken while an envelope waits behind a dot: this is the last one that was.
    const number = this.#taken;
    this.#next = null;
    this.#current = { message, isSent: false, at: this.#o.clock.steady() };
    this.#o.clock.after(wait, () => this.#state === "open" && this.#onRecipient(message, number));
  }

  #onRecipient(message: P, number: number): void {
    const { provider, source, observer, clock } = this.#o;
    const answer = provider.recipient(source, message.rcptTo, number);
    switch (answer.kind) {
      case "ok":
        break;
      case "refused":
        return this.#settle(message, { kind: "refused", stage: "rcpt", reply: answer.reply });
      case "shut":
        return this.#hangUp(message, { kind: "refused", stage: "rcpt", reply: answer.reply });
      case "break":
        return this.#hangUp(message, lost("rcpt", false));
    }
    try {
      observer.flushing(message);
    } catch {
      this.#current = null;
      this.#o.callbacks.onReturned(message);
      return this.#end({ kind: "ended" }, true);
    }
    if (this.#current) this.#current.isSent = true;
    clock.after(provider.latency(), () => {
      if (this.#state === "open") this.#onDot(message, provider.content(source, message.rcptTo));
    });
    this.#fill();
  }

  #onDot(message: P, answer: DotAnswer): void {
    const { observer } = this.#o;
    switch (answer.kind) {
      case "ok":
        observer.taken(message);
        return this.#settle(message, { kind: "accepted", reply: replyOf(ACCEPTED) });
      case "refused":
        return this.#settle(message, { kind: "refused", stage: "dot", reply: answer.reply });
      case "shut":
        return this.#hangUp(message, { kind: "refused", stage: "dot", reply: answer.reply });
      case "break-taken":
      case "break":
        if (answer.kind === "break-taken") observer.taken(message);
        observer.doubted(message);
        return this.#hangUp(message, lost("dot", true));
    }
  }

  #settle(message: P, outcome: Outcome): void {
    const facts = this.#facts();
    this.#current = null;
    this.#idleSince = this.#o.clock.steady();
    const next = this.#next;
    // The answer to the envelope behind comes with the next packet.
    if (next) this.#begin(next, 1);
    this.#o.callbacks.onOutcome(message, outcome, facts);
    this.#fill();
  }

  #hangUp(message: P, outcome: Outcome): void {
    const facts = this.#facts();
    const behind = this.#next;
    this.#current = null;
    this.#next = null;
    this.#close(true);
    this.#o.callbacks.onOutcome(message, outcome, facts);
    if (behind) this.#o.callbacks.onReturned(behind);
    this.#o.callbacks.onEnd({ kind: "ended" });
  }

  #fail(outcome: Exclude<Outcome, { kind: "accepted" }>): void {
    if (this.#state === "closed") return;
    this.#end({ kind: "failed", outcome, facts: { mx: this.#o.host, tls: null, durationMs: 0 } }, false);
  }

  #end(end: SessionEnd, wasGreeted: boolean): void {
    if (this.#state === "closed") return;
    this.#close(wasGreeted);
    this.#o.callbacks.onEnd(end);
  }

  #close(wasGreeted: boolean): void {
    this.#state = "closed";
    this.#leave(wasGreeted);
  }

  #leave(wasGreeted: boolean): void {
    if (wasGreeted) this.#o.provider.left(this.#o.source);
    this.#o.watched.closed();
    this.#o.observer.ended();
  }

  #waitForClient(): void {
    const { clock } = this.#o;
    const waited = () => {
      if (this.#state !== "open") return;
      const isIdle = this.#current === null && clock.steady() - this.#idleSince >= SERVER_PATIENCE;
      if (isIdle) this.#end({ kind: "ended" }, true);
      else clock.after(SERVER_PATIENCE, waited);
    };
    clock.after(SERVER_PATIENCE, waited);
  }

  #facts(): SessionFacts {
    const { host, clock } = this.#o;
    return { mx: host, tls: this.#isTls ? "TLS" : null, durationMs: clock.steady() - (this.#current?.at ?? 0) };
  }
}

function lost(stage: "rcpt" | "dot", inDoubt: boolean): Outcome {
  return { kind: "lost", stage, trouble: "closed", detail: "the connection was closed", inDoubt };
}
