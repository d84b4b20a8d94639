/**
 * Plays a dialogue over a real connection: the server reads exactly the bytes that the file foresees and says what the file
 * says. Answers with the outcomes in their order; what the client wrote is compared on the way.
 */
import type { Socket } from "node:net";

import type { OutgoingMessage, SessionHandle } from "../../src/adapters/smtp-socket/connection-types.ts";
import { openSession } from "../../src/adapters/smtp-socket/open-session.ts";
import { DEFAULT_TIMEOUTS, type Timeouts } from "../../src/adapters/smtp-socket/timeouts.ts";
import { bodyOf, type Dialogue, say } from "./dialogue.ts";
import { CERTIFICATE, listen, secureServer } from "./loopback.ts";

const SHORT: Timeouts = Object.fromEntries(Object.keys(DEFAULT_TIMEOUTS).map((phase) => [phase, 100])) as Timeouts;

type Played = { readonly outcomes: string[]; readonly journaled: string[] };

export async function playSocket(dialogue: Dialogue): Promise<Played> {
  const connected = Promise.withResolvers<Socket>();
  const server = await listen((socket) => connected.resolve(socket));
  const client = new Client(dialogue, server.port);
  const peer = new Peer(await connected.promise);
  for (const { text, cue } of dialogue.lines) {
    if (cue === null && text.startsWith("=>")) client.expected++;
    else if (cue === null) await peer.expect(wireForm(text));
    else if (cue.kind === "server") peer.say(cue.bytes);
    else if (cue.kind === "tls" && !cue.isBroken) peer.secure();
    else if (cue.kind === "tls" || cue.kind === "close") peer.end();
    else if (cue.kind === "reset") peer.reset();
    else if (cue.kind === "offer") await client.offer(cue.tag);
    else if (cue.kind === "quit") await client.quit();
  }
  const played = await client.end();
  peer.destroy();
  server.close();
  return played;
}

function wireForm(line: string): string {
  if (line.startsWith("C- body ")) return `${bodyOf(line.slice(8))}.\r\n`;
  if (line.startsWith("C+ body ")) return `BDAT ${bodyOf(line.slice(8)).length} LAST\r\n${bodyOf(line.slice(8))}`;
  return `${Buffer.from(line.slice(3)).toString("latin1")}\r\n`;
}

/** Something that changes, and waits until it is as wanted. */
class Changing {
  private waiting: (() => void)[] = [];

  changed(): void {
    for (const resolve of this.waiting.splice(0)) resolve();
  }

  async until(isThere: () => boolean): Promise<void> {
    while (!isThere()) await new Promise<void>((resolve) => this.waiting.push(resolve));
  }
}

/** The session under test, and what came of it. */
class Client {
  /** Outcomes that the file has named so far. */
  expected = 0;
  private readonly outcomes: string[] = [];
  private readonly journaled: string[] = [];
  private readonly later: OutgoingMessage[];
  private readonly waiting: OutgoingMessage[];
  private readonly changing = new Changing();
  private readonly handle: SessionHandle;
  private isClosed = false;

  constructor(dialogue: Dialogue, port: number) {
    const messages = dialogue.messages.map((message): OutgoingMessage => ({ ...message, body: bodyOf(message.tag) }));
    const tags = new Set(dialogue.lines.map(({ cue }) => (cue?.kind === "offer" ? cue.tag : null)));
    this.later = messages.filter(({ tag }) => tags.has(tag));
    this.waiting = messages.filter(({ tag }) => !tags.has(tag));
    const timeouts = dialogue.lines.some(({ cue }) => cue?.kind === "timeout") ? SHORT : DEFAULT_TIMEOUTS;
    const server = { address: "127.0.0.1", port, mx: "mx.example", localAddress: "127.0.0.1", ca: CERTIFICATE };
    this.handle = openSession(
      { ...dialogue.options, ...server, timeouts },
      {
        takeMessage: () => this.waiting.shift() ?? null,
        onOutcome: (tag, outcome) => this.note(say.outcome(tag, outcome)),
        onReturn: (tag) => this.note(say.returned(tag)),
        beforeFlush: (tags) => this.journaled.push(...tags),
        onClose: (reason) => {
          this.isClosed = true;
          if (reason.kind === "failed") this.note(say.failed(reason.phase, reason.outcome));
          else this.note(say.closed(reason.kind === "quit" ? null : reason.kind));
        },
      },
    );
  }

  private note(line: string): void {
    this.outcomes.push(line);
    this.changing.changed();
  }

  private async outcomesSoFar(): Promise<void> {
    await this.changing.until(() => this.outcomes.length >= this.expected);
  }

  async offer(tag: string): Promise<void> {
    await this.outcomesSoFar();
    this.waiting.push(...this.later.filter((message) => message.tag === tag));
    this.handle.wake();
  }

  async quit(): Promise<void> {
    await this.outcomesSoFar();
    this.handle.quit();
  }

  async end(): Promise<Played> {
    await this.outcomesSoFar();
    const played = { outcomes: [...this.outcomes], journaled: this.journaled };
    this.handle.abort("the dialogue is over");
    await this.changing.until(() => this.isClosed);
    return played;
  }
}

/** The server's end of the connection. */
class Peer {
  private socket: Socket;
  private received = "";
  private readonly changing = new Changing();
  private isEnded = false;

  constructor(socket: Socket) {
    this.socket = socket;
    this.listen();
  }

  private readonly onData = (data: Buffer) => {
    this.received += data.toString("latin1");
    this.changing.changed();
  };

  private readonly onEnd = () => {
    this.isEnded = true;
    this.changing.changed();
  };

  private listen(): void {
    this.socket.on("data", this.onData);
    this.socket.on("end", this.onEnd);
    this.socket.on("close", this.onEnd);
  }

  async expect(bytes: string): Promise<void> {
    await this.changing.until(() => this.received.length >= bytes.length || this.isEnded);
    const got = this.received.slice(0, bytes.length);
    if (got !== bytes) throw new Error(`the client wrote ${JSON.stringify(got)} instead of ${JSON.stringify(bytes)}`);
    this.received = this.received.slice(bytes.length);
  }

  say(bytes: string): void {
    this.socket.write(bytes, "latin1");
  }

  secure(): void {
    this.socket.off("data", this.onData);
    this.socket.off("end", this.onEnd);
    this.socket = secureServer(this.socket);
    this.listen();
  }

  end(): void {
    this.socket.end();
  }

  reset(): void {
    this.socket.resetAndDestroy();
  }

  destroy(): void {
    this.socket.destroy();
  }
}
