/**
 * The socket shell of one sandbox connection: feeds bytes to `core/sandbox`, waits, writes and closes as its answers say. Replies
 * to one segment leave in one write; a client that does not read its replies is not read from.
 */
import type { Socket } from "node:net";

import type { ConnectPlan } from "../core/sandbox/connect.ts";
import { cutContent, cutLine, startContent, type Tail } from "../core/sandbox/framing.ts";
import type { WireReply } from "../core/sandbox/plan.ts";
import type { Provider } from "../core/sandbox/provider.ts";
import { REPLIES, reply, wireOf, withoutEnhanced } from "../core/sandbox/replies.ts";
import {
  type Answer,
  answer,
  type Finished,
  finish,
  openSession,
  type Session,
  SIZE_LIMIT,
  type World,
} from "../core/sandbox/session.ts";
import { type Duration, type Instant, MINUTE, SECOND } from "../core/time.ts";

const MAX_LINE = 4096;
const MAX_HELD_BYTES = 256 * 1024 * 1024;
const IDLE: Duration = 5 * MINUTE;
const LINGER: Duration = 2 * SECOND;
const GARBAGE = "\u0000\u00ff\u0016\u0003!\r\n??\r\n";
const EMPTY = Buffer.alloc(0);

export type Counts = { accepted: number; bytes: number; refused: number; deferred: number; dropped: number };

/** What the connections of one sandbox share. */
export type Shared = {
  readonly world: World;
  readonly now: () => Instant;
  readonly counts: Counts;
  /** Bytes of content that connections hold now. */
  held: number;
  readonly nextId: () => string;
  readonly take: (finished: Finished, raw: Buffer) => void;
};

/** `pieces` is null once the content is too large to be kept. */
type Content = { pieces: Buffer[] | null; size: number; held: number; readonly tail: Tail; readonly drop: boolean };

/** Talks to one client until the socket closes. */
export function serve(socket: Socket, provider: Provider, connect: ConnectPlan, shared: Shared): void {
  new Connection(socket, provider, shared).greet(connect);
}

class Connection {
  readonly #socket: Socket;
  readonly #shared: Shared;
  readonly #session: Session;
  #buffer: Buffer = EMPTY;
  #position = 0;
  #out = "";
  /** Bytes are looked at only when `open`; `waiting`: an answer is being held back. */
  #state: "open" | "waiting" | "ending" = "waiting";
  #content: Content | null = null;
  #timer: NodeJS.Timeout | undefined;

  constructor(socket: Socket, provider: Provider, shared: Shared) {
    this.#socket = socket;
    this.#shared = shared;
    this.#session = openSession(provider);
    socket.setNoDelay(true);
    socket.setTimeout(IDLE, () => this.#onIdle());
    socket.on("error", () => {});
    socket.on("close", () => this.#onClose());
    socket.on("drain", () => {
      if (this.#state === "open") socket.resume();
    });
    socket.on("data", (chunk: Buffer) => this.#onData(chunk));
  }

  greet(connect: ConnectPlan): void {
    const { counts } = this.#shared;
    switch (connect.kind) {
      case "greet":
        return this.#later(connect.wait, () => {
          this.#out += wireOf(reply(220, `${this.#session.provider.mx} ESMTP`));
        });
      case "refuse":
        counts[connect.reply.code < 500 ? "deferred" : "refused"] += 1;
        this.#out += wireOf(connect.reply);
        return this.#end(false);
      case "drop":
      case "garbage":
        counts.dropped += 1;
        if (connect.kind === "garbage") this.#out += GARBAGE;
        return this.#end(true);
      case "silent":
        this.#state = "ending";
    }
  }

  #onData(chunk: Buffer): void {
    if (this.#state === "ending") return;
    const rest = this.#buffer.subarray(this.#position);
    this.#buffer = rest.length > 0 ? Buffer.concat([rest, chunk]) : chunk;
    this.#position = 0;
    if (this.#state === "open") this.#pump();
  }

  #onIdle(): void {
    if (this.#state === "waiting") return;
    if (this.#state === "ending") return void this.#socket.destroy();
    this.#out += wireOf(REPLIES.idle);
    this.#end(true);
  }

  #onClose(): void {
    this.#state = "ending";
    clearTimeout(this.#timer);
    this.#shared.held -= this.#content?.held ?? 0;
    this.#content = null;
    this.#buffer = EMPTY;
  }

  /** Runs `next` after the wait, then goes on reading. */
  #later(wait: Duration, next: () => void): void {
    this.#state = "waiting";
    this.#flush();
    const go = () => {
      this.#state = "open";
      next();
      this.#pump();
    };
    if (wait === 0) return go();
    this.#socket.pause();
    this.#timer = setTimeout(go, wait);
  }

  #pump(): void {
    while (this.#state === "open" && (this.#content ? this.#readContent(this.#content) : this.#readLine()));
    this.#flush();
    if (this.#state === "open" && !this.#socket.writableNeedDrain) this.#socket.resume();
  }

  /** False: needs more bytes. */
  #readLine(): boolean {
    const cut = cutLine(this.#buffer, this.#position, MAX_LINE);
    if (cut.kind === "more") return false;
    if (cut.kind === "too-long") {
      this.#out += wireOf(REPLIES.lineTooLong);
      this.#end(false);
      return false;
    }
    const line = this.#buffer.toString("utf8", this.#position, cut.end);
    this.#position = cut.next;
    const following = /^mail /i.test(line) ? this.#nextLine() : null;
    this.#act(answer(this.#session, line, following, this.#shared.world, this.#shared.now()));
    return true;
  }

  #nextLine(): string | null {
    const cut = cutLine(this.#buffer, this.#position, MAX_LINE);
    return cut.kind === "line" ? this.#buffer.toString("utf8", this.#position, cut.end) : null;
  }

  #act(given: Answer): void {
    if (given.chosen) this.#count(given);
    if (given.wait > 0) return this.#later(given.wait, () => this.#act({ ...given, wait: 0, chosen: false }));
    if (given.reply) {
      this.#out += wireOf(given.chosen || this.#session.provider.enhanced ? given.reply : plain(given.reply));
    }
    switch (given.next) {
      case "command":
        return;
      case "content":
      case "content-drop":
        this.#content = { pieces: [], size: 0, held: 0, tail: startContent(), drop: given.next === "content-drop" };
        return;
      case "close":
        return this.#end(false);
      case "garbage":
        this.#out += GARBAGE;
        return this.#end(true);
      case "drop":
        return this.#end(true);
    }
  }

  #count(given: Answer): void {
    const { counts } = this.#shared;
    const code = given.reply?.code ?? 0;
    if (code < 400) counts.dropped += 1;
    else counts[code < 500 ? "deferred" : "refused"] += 1;
  }

  /** False: needs more bytes. */
  #readContent(content: Content): boolean {
    if (this.#position >= this.#buffer.length) return false;
    if (content.drop) {
      this.#end(true);
      return false;
    }
    const cut = cutContent(this.#buffer, this.#position, content.tail);
    this.#keep(content, cut.ranges);
    this.#position = cut.next;
    if (!cut.done) return false;
    this.#content = null;
    const { world, now } = this.#shared;
    this.#shared.held -= content.held;
    const result = content.size > SIZE_LIMIT ? "too-large" : content.pieces === null ? "no-room" : "whole";
    const finished = finish(this.#session, result, this.#shared.nextId(), world, now());
    if (finished.accepted.length > 0 && content.pieces) this.#shared.take(finished, join(content.pieces));
    this.#act(finished.answer);
    return true;
  }

  #keep(content: Content, ranges: readonly number[]): void {
    for (let i = 0; i < ranges.length; i += 2) {
      const piece = this.#buffer.subarray(ranges[i], ranges[i + 1]);
      content.size += piece.length;
      if (content.pieces === null) continue;
      if (content.size > SIZE_LIMIT || this.#shared.held + piece.length > MAX_HELD_BYTES) {
        this.#shared.held -= content.held;
        content.held = 0;
        content.pieces = null;
        continue;
      }
      // a copy, because a slice would keep the whole read buffer alive
      content.pieces.push(Buffer.from(piece));
      content.held += piece.length;
      this.#shared.held += piece.length;
    }
  }

  #flush(): void {
    if (this.#out === "") return;
    const text = this.#out;
    this.#out = "";
    if (!this.#socket.write(text)) this.#socket.pause();
  }

  /** Says what is left to say and closes; `hard`: at once, whatever the client still sends. */
  #end(hard: boolean): void {
    if (this.#state === "ending") return;
    this.#state = "ending";
    clearTimeout(this.#timer);
    const text = this.#out;
    this.#out = "";
    if (hard) return void this.#socket.end(text, () => this.#socket.destroy());
    // the client's pipelined rest is read and ignored: closing with unread bytes resets the connection and may lose the reply
    this.#socket.resume();
    this.#socket.end(text);
    this.#timer = setTimeout(() => this.#socket.destroy(), LINGER);
  }
}

function join(pieces: readonly Buffer[]): Buffer {
  return pieces.length === 1 && pieces[0] ? pieces[0] : Buffer.concat(pieces);
}

const plains = new WeakMap<WireReply, WireReply>();

function plain(text: WireReply): WireReply {
  const known = plains.get(text) ?? withoutEnhanced(text);
  plains.set(text, known);
  return known;
}
