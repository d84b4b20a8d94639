/** One connection at the receiving server of end-to-end tests, command by command; replies that wait hold up what follows, as at a real server. */
import type { Socket } from "node:net";

import { readCommands, type CommandReader } from "./command-reader.ts";

export type Stage = "greeting" | "ehlo" | "auth" | "mail" | "rcpt" | "data" | "dot";

/** `taking`: the message is kept all the same; `inBody`: the client is let go on first, and cut off while it writes. */
export type Drop = { readonly kind: "drop"; readonly taking?: true; readonly inBody?: true };

/** A reply line, `drop` the connection, or nothing special; may be awaited. */
export type Reaction = string | Drop | undefined;

export type Message = {
  readonly address: string;
  readonly mailFrom: string;
  /** Bytes as latin1, dots unstuffed. */
  readonly source: string;
  /** Address that the client connected from. */
  readonly from: string;
};

/** What happens on a connection, for its server. */
export type Host = {
  opened(from: string): Connection;
  ended(connection: Connection): void;
  mailBegan(): void;
  mailEnded(): void;
  react(stage: Stage, address: string, from: string): Promise<string | Drop>;
  /** The final dot is here; nothing is decided yet. */
  offer(message: Message): void;
  take(message: Message): void;
};

export type Connection = {
  readonly openedAt: number;
  /** Infinity while it is open. */
  closedAt: number;
  /** Address of the client. */
  readonly from: string;
  /** The name it gave. */
  helo: string;
  messages: number;
  /** `C: …` and `S: …`, a body as its length; null: not kept. */
  readonly lines: string[] | null;
};

export class Dialogue {
  private readonly host: Host;
  private readonly socket: Socket;
  private readonly reader: CommandReader;
  private mailFrom = "";
  private recipient = "";
  private inMail = false;
  private readonly from: string;
  private connection: Connection | null = null;
  private isOpen = false;

  constructor(host: Host, socket: Socket) {
    this.host = host;
    this.socket = socket;
    this.from = socket.remoteAddress ?? "";
    this.reader = readCommands(socket);
  }

  async run(): Promise<void> {
    if (this.reader.isEnded()) return;
    this.connection = this.host.opened(this.from);
    this.isOpen = true;
    this.socket.once("close", () => this.leave());
    if (!(await this.say("greeting"))) return;
    for (;;) {
      const line = await this.reader.line();
      if (line === null) break;
      this.connection.lines?.push(`C: ${line}`);
      if (!(await this.obey(line))) break;
    }
    this.leave();
  }

  private leave(): void {
    this.endMail();
    if (!this.isOpen || !this.connection) return;
    this.isOpen = false;
    this.host.ended(this.connection);
  }

  private endMail(): void {
    if (!this.inMail) return;
    this.inMail = false;
    this.host.mailEnded();
  }

  /** Replies; false when the connection is over. The text that was said is in `said`. */
  private said = "";
  private async say(stage: Stage): Promise<boolean> {
    const reaction = await this.host.react(stage, this.recipient, this.from);
    if (typeof reaction !== "string") return this.drop();
    this.said = reaction;
    if (stage === "dot" && reaction.startsWith("2")) return true;
    return this.write(reaction);
  }

  private drop(): false {
    this.leave();
    this.socket.destroy();
    return false;
  }

  private write(reply: string): boolean {
    this.connection?.lines?.push(...reply.split("\r\n").map((line) => `S: ${line}`));
    if (this.socket.writable) this.socket.write(`${reply}\r\n`);
    return this.socket.writable;
  }

  private async obey(line: string): Promise<boolean> {
    const verb = line.slice(0, 4).toUpperCase();
    switch (verb) {
      case "EHLO":
      case "HELO":
        if (this.connection) this.connection.helo = line.slice(5);
        return this.say("ehlo");
      case "AUTH":
        return this.say("auth");
      case "MAIL":
        this.mailFrom = pathOf(line);
        this.recipient = "";
        this.endMail();
        this.inMail = true;
        this.host.mailBegan();
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
    const reaction = await this.host.react("data", this.recipient, this.from);
    if (typeof reaction !== "string") {
      if (reaction.inBody && this.write("354 go on")) await this.reader.some();
      return this.drop();
    }
    if (!this.write(reaction)) return false;
    if (!reaction.startsWith("3")) {
      this.refuse();
      return true;
    }
    const source = await this.reader.body();
    return source !== null && this.dot({ address: this.recipient, mailFrom: this.mailFrom, source, from: this.from });
  }

  /** Whoever decides to take a message has it, whether or not the client lives to read the reply. */
  private async dot(message: Message): Promise<boolean> {
    this.connection?.lines?.push(`C: <${message.source.length} bytes>`);
    this.host.offer(message);
    const reaction = await this.host.react("dot", message.address, this.from);
    const takes = typeof reaction === "string" ? reaction.startsWith("2") : reaction.taking === true;
    if (takes) {
      if (this.connection) this.connection.messages++;
      this.host.take(message);
    }
    if (typeof reaction !== "string") return this.drop();
    this.refuse();
    return this.write(reaction);
  }
}

function pathOf(line: string): string {
  return Buffer.from(/<(.*)>/.exec(line)?.[1] ?? "", "latin1").toString("utf8");
}
