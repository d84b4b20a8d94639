/**
 * A receiving server for end-to-end tests: real sockets on a free port, answers by a script per stage and address, counts
 * everything. A message counts as taken when the server decides on 2xx, whether or not the client lives to read it: as
 * with a real server, that is what the recipient has in the mailbox.
 */
import { once } from "node:events";
import { createServer, type AddressInfo, type Server, type Socket } from "node:net";

import { readCommands, type CommandReader } from "./command-reader.ts";

export type Stage = "greeting" | "ehlo" | "auth" | "mail" | "rcpt" | "data" | "dot";

export type Moment = {
  readonly stage: Stage;
  /** Recipient, once known. */
  readonly address: string;
  /** How often this address came to this stage, from 1. */
  readonly times: number;
};

/** A reply line, `drop` the connection, or nothing special; may be awaited. */
export type Reaction = string | { readonly kind: "drop" } | undefined;
export type Script = (moment: Moment) => Reaction | Promise<Reaction>;

export const DROP: Reaction = { kind: "drop" };

export type Taken = {
  readonly address: string;
  readonly mailFrom: string;
  /** Bytes as latin1, dots unstuffed. */
  readonly source: string;
  /** Monotonic milliseconds. */
  readonly at: number;
};

type Connection = { readonly openedAt: number; messages: number };

const USUAL: Readonly<Record<Stage, string>> = {
  greeting: "220 sink.example ESMTP",
  ehlo: "250-sink.example\r\n250-PIPELINING\r\n250-8BITMIME\r\n250-SMTPUTF8\r\n250-SIZE 52428800\r\n250-ENHANCEDSTATUSCODES\r\n250 AUTH PLAIN LOGIN",
  auth: "235 2.7.0 accepted",
  mail: "250 2.1.0 ok",
  rcpt: "250 2.1.5 ok",
  data: "354 go on",
  dot: "250 2.0.0 taken",
};

export class SmtpSink {
  /** What every stage is answered by; may be replaced while the sink runs. */
  script: Script;
  /** Off: only addresses are counted, bodies are forgotten. */
  readonly keepsSource: boolean;
  readonly taken: Taken[] = [];
  readonly timesTaken = new Map<string, number>();
  /** Monotonic milliseconds of each MAIL command. */
  readonly mailsAt: number[] = [];
  readonly connections: Connection[] = [];
  openConnections = 0;
  mostOpenConnections = 0;
  /** Messages between MAIL and their last reply. */
  onWire = 0;
  private readonly server: Server;
  private readonly sockets = new Set<Socket>();
  private readonly times = new Map<string, number>();
  private readonly waiting = new Set<() => void>();

  constructor(script: Script = () => undefined, options: { keepsSource?: boolean } = {}) {
    this.script = script;
    this.keepsSource = options.keepsSource ?? true;
    this.server = createServer({ noDelay: true }, (socket) => this.serve(socket));
  }

  async listen(port = 0): Promise<void> {
    await once(this.server.listen(port, "127.0.0.1"), "listening");
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  /** For `ENVOI_ROUTES` and `--route`. */
  route(domain: string): string {
    return `${domain}=127.0.0.1:${this.port}`;
  }

  /** Resolves as soon as the condition holds; looked at after everything that happens here. */
  until(condition: () => boolean): Promise<void> {
    return new Promise((resolve) => {
      const look = () => {
        if (!condition()) return;
        this.waiting.delete(look);
        resolve();
      };
      this.waiting.add(look);
      look();
    });
  }

  async close(): Promise<void> {
    for (const socket of this.sockets) socket.destroy();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private changed(): void {
    for (const look of this.waiting) look();
  }

  private serve(socket: Socket): void {
    this.sockets.add(socket);
    socket.on("error", () => {});
    socket.on("close", () => this.sockets.delete(socket));
    // After the ends that this tick of the event loop already knows of.
    setImmediate(() => void new Dialogue(this, socket).run());
  }

  opened(): Connection {
    const connection = { openedAt: performance.now(), messages: 0 };
    this.connections.push(connection);
    this.mostOpenConnections = Math.max(this.mostOpenConnections, ++this.openConnections);
    this.changed();
    return connection;
  }

  ended(): void {
    this.openConnections--;
    this.changed();
  }

  mailBegan(): void {
    this.mailsAt.push(performance.now());
    this.onWire++;
    this.changed();
  }

  mailEnded(): void {
    this.onWire--;
    this.changed();
  }

  async react(stage: Stage, address: string): Promise<Reaction> {
    const key = `${stage} ${address}`;
    const times = (this.times.get(key) ?? 0) + 1;
    this.times.set(key, times);
    const reaction = await this.script({ stage, address, times });
    return reaction ?? USUAL[stage];
  }

  take(message: Omit<Taken, "at">): void {
    this.timesTaken.set(message.address, (this.timesTaken.get(message.address) ?? 0) + 1);
    if (this.keepsSource) this.taken.push({ ...message, at: performance.now() });
    this.changed();
  }
}

/** One connection, command by command; replies that wait hold up what follows, as at a real server. */
class Dialogue {
  private readonly sink: SmtpSink;
  private readonly socket: Socket;
  private readonly reader: CommandReader;
  private mailFrom = "";
  private recipient = "";
  private inMail = false;
  private connection: Connection | null = null;
  private isOpen = false;

  constructor(sink: SmtpSink, socket: Socket) {
    this.sink = sink;
    this.socket = socket;
    this.reader = readCommands(socket);
  }

  async run(): Promise<void> {
    if (this.reader.isEnded()) return;
    this.connection = this.sink.opened();
    this.isOpen = true;
    this.socket.once("close", () => this.leave());
    if (!(await this.say("greeting"))) return;
    for (;;) {
      const line = await this.reader.line();
      if (line === null || !(await this.obey(line))) break;
    }
    this.leave();
  }

  private leave(): void {
    this.endMail();
    if (!this.isOpen) return;
    this.isOpen = false;
    this.sink.ended();
  }

  private endMail(): void {
    if (!this.inMail) return;
    this.inMail = false;
    this.sink.mailEnded();
  }

  /** Replies; false when the connection is over. The text that was said is in `said`. */
  private said = "";
  private async say(stage: Stage): Promise<boolean> {
    const reaction = await this.sink.react(stage, this.recipient);
    if (typeof reaction !== "string") {
      this.leave();
      this.socket.destroy();
      return false;
    }
    this.said = reaction;
    if (stage === "dot" && reaction.startsWith("2")) return true;
    return this.write(reaction);
  }

  private write(reply: string): boolean {
    if (this.socket.writable) this.socket.write(`${reply}\r\n`);
    return this.socket.writable;
  }

  private async obey(line: string): Promise<boolean> {
    const verb = line.slice(0, 4).toUpperCase();
    switch (verb) {
      case "EHLO":
      case "HELO":
        return this.say("ehlo");
      case "AUTH":
        return this.say("auth");
      case "MAIL":
        this.mailFrom = pathOf(line);
        this.recipient = "";
        this.endMail();
        this.inMail = true;
        this.sink.mailBegan();
        return this.say("mail");
      case "RCPT":
        this.recipient = pathOf(line);
        if (!(await this.say("rcpt"))) return false;
        if (!this.said.startsWith("2")) this.refuse();
        return true;
      case "DATA":
        return this.data();
      case "QUIT":
        this.leave();
        this.write("221 bye");
        this.socket.end();
        return false;
      default:
        return this.write("250 ok");
    }
  }

  private refuse(): void {
    this.recipient = "";
    this.endMail();
  }

  private async data(): Promise<boolean> {
    if (this.recipient === "") return this.write("503 no recipient");
    if (!(await this.say("data"))) return false;
    if (!this.said.startsWith("3")) {
      this.refuse();
      return true;
    }
    const source = await this.reader.body();
    if (source === null) return false;
    if (!(await this.say("dot"))) return false;
    const isTaken = this.said.startsWith("2");
    if (isTaken) {
      if (this.connection) this.connection.messages++;
      this.sink.take({ address: this.recipient, mailFrom: this.mailFrom, source });
    }
    this.refuse();
    return isTaken ? this.write(this.said) : true;
  }
}

function pathOf(line: string): string {
  return Buffer.from(/<(.*)>/.exec(line)?.[1] ?? "", "latin1").toString("utf8");
}
