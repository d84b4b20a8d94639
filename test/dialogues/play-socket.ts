/**
 * Plays a dialogue over a real connection: the server reads exactly the bytes that the file foresees and says what the file
 * says. Answers with the outcomes in their order; what the client wrote is compared on the way.
 */
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { type AddressInfo, createServer, type Socket } from "node:net";
import { join } from "node:path";
import { createSecureContext, TLSSocket } from "node:tls";

import { openSession, type OutgoingMessage } from "../../src/adapters/smtp-socket/open-session.ts";
import { DEFAULT_TIMEOUTS, type Timeouts } from "../../src/adapters/smtp-socket/timeouts.ts";
import { bodyOf, type Dialogue, say } from "./dialogue.ts";

const CERTIFICATE = readFileSync(join(import.meta.dirname, "tls/cert.pem"), "utf8");
const SECURE_CONTEXT = createSecureContext({
  cert: CERTIFICATE,
  key: readFileSync(join(import.meta.dirname, "tls/key.pem")),
});
const SHORT: Timeouts = Object.fromEntries(Object.keys(DEFAULT_TIMEOUTS).map((phase) => [phase, 100])) as Timeouts;

/** Something that grows, and waits for it. */
class Growing {
  private waiting: (() => void)[] = [];
  changed(): void {
    for (const resolve of this.waiting.splice(0)) resolve();
  }
  async until(isThere: () => boolean): Promise<void> {
    while (!isThere()) await new Promise<void>((resolve) => this.waiting.push(resolve));
  }
}

export async function playSocket(dialogue: Dialogue): Promise<{ outcomes: string[]; journaled: string[] }> {
  const outcomes: string[] = [];
  const journaled: string[] = [];
  const growing = new Growing();
  const note = (line: string) => {
    outcomes.push(line);
    growing.changed();
  };
  const outgoing = dialogue.messages.map((message): OutgoingMessage => ({ ...message, body: bodyOf(message.tag) }));
  const later = new Set(dialogue.lines.map(({ cue }) => (cue?.kind === "offer" ? cue.tag : null)));
  const waiting = outgoing.filter(({ tag }) => !later.has(tag));

  const server = createServer({ allowHalfOpen: true, noDelay: true }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const accepted = once(server, "connection") as Promise<[Socket]>;
  const handle = openSession(
    {
      ...dialogue.options,
      address: "127.0.0.1",
      port: (server.address() as AddressInfo).port,
      mx: "mx.example",
      localAddress: "127.0.0.1",
      timeouts: dialogue.lines.some(({ cue }) => cue?.kind === "timeout") ? SHORT : DEFAULT_TIMEOUTS,
      ca: CERTIFICATE,
    },
    {
      takeMessage: () => waiting.shift() ?? null,
      onOutcome: (tag, outcome) => note(say.outcome(tag, outcome)),
      onReturn: (tag) => note(say.returned(tag)),
      beforeFlush: (tags) => journaled.push(...tags),
      onClose: (reason) => {
        if (reason.kind === "failed") note(say.failed(reason.phase, reason.outcome));
        else note(say.closed(reason.kind === "quit" ? null : reason.kind));
      },
    },
  );
  const [socket] = await accepted;
  const peer = new Peer(socket);
  let expected = 0;
  for (const { text, cue } of dialogue.lines) {
    switch (cue?.kind) {
      case undefined:
        if (text.startsWith("=>")) expected++;
        else await peer.expect(wireForm(text));
        break;
      case "server":
        peer.say(cue.bytes);
        break;
      case "tls":
        if (cue.isBroken) peer.end();
        else peer.secure();
        break;
      case "offer":
        await growing.until(() => outcomes.length >= expected);
        waiting.push(...outgoing.filter(({ tag }) => tag === cue.tag));
        handle.wake();
        break;
      case "quit":
        await growing.until(() => outcomes.length >= expected);
        handle.quit();
        break;
      case "close":
        peer.end();
        break;
      case "reset":
        peer.reset();
        break;
      case "timeout":
        break;
    }
  }
  await growing.until(() => outcomes.length >= expected);
  const result = { outcomes: [...outcomes], journaled };
  handle.abort("the dialogue is over");
  await growing.until(() => outcomes.some((line) => line.startsWith("=> closed") || line.startsWith("=> failed")));
  peer.destroy();
  server.close();
  return result;
}

function wireForm(line: string): string {
  if (line.startsWith("C- body ")) return `${bodyOf(line.slice(8))}.\r\n`;
  return `${Buffer.from(line.slice(3)).toString("latin1")}\r\n`;
}

/** The server's end of the connection. */
class Peer {
  private socket: Socket;
  private received = "";
  private readonly growing = new Growing();
  private isEnded = false;

  constructor(socket: Socket) {
    this.socket = socket;
    this.listen();
  }

  private readonly onData = (data: Buffer) => {
    this.received += data.toString("latin1");
    this.growing.changed();
  };

  private readonly onEnd = () => {
    this.isEnded = true;
    this.growing.changed();
  };

  private listen(): void {
    this.socket.on("data", this.onData);
    this.socket.on("end", this.onEnd);
    this.socket.on("close", this.onEnd);
    this.socket.on("error", this.onEnd);
  }

  async expect(bytes: string): Promise<void> {
    await this.growing.until(() => this.received.length >= bytes.length || this.isEnded);
    const got = this.received.slice(0, bytes.length);
    if (got !== bytes) throw new Error(`the client wrote ${JSON.stringify(got)} instead of ${JSON.stringify(bytes)}`);
    this.received = this.received.slice(bytes.length);
  }

  say(bytes: string): void {
    this.socket.write(bytes, "latin1");
  }

  secure(): void {
    const plain = this.socket;
    plain.off("data", this.onData);
    plain.off("end", this.onEnd);
    this.socket = new TLSSocket(plain, { isServer: true, secureContext: SECURE_CONTEXT });
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
