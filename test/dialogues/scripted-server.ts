/** A server for the properties of `src/core/smtp/session.test.ts`: answers each command from a list, and breaks off after so many bytes. */
import type { Outcome } from "../../src/core/smtp/outcome.ts";
import {
  createSession,
  type Effect,
  type SessionEvent,
  type SmtpMessage,
  step,
  wantsMessage,
} from "../../src/core/smtp/session.ts";

type Command = "greeting" | "ehlo" | "helo" | "mail" | "rcpt" | "data" | "dot" | "chunk" | "rset" | "quit";

export type Scenario = {
  /** Taken in turn, again from the first when they end. */
  readonly replies: Readonly<Record<Command, readonly string[]>>;
  readonly messages: number;
  readonly maxMessages: number;
  /** 3: every third message goes no further than RCPT; 0: none. */
  readonly everyUntilRcpt: number;
  readonly end: { readonly afterBytes: number; readonly with: "close" | "timeout" | "garbage" };
};

export type Played = {
  readonly taken: string[];
  /** In order; null: returned. */
  readonly settled: { readonly tag: string; readonly outcome: Outcome | null }[];
  /** What was completely said to the final dot of a message. */
  readonly dotReplies: Map<string, string>;
  /** Messages whose final dot was flushed. */
  readonly handedOver: string[];
  readonly written: string;
};

/** The server's bytes come in chunks of these sizes, in turn. */
export function play(scenario: Scenario, sizes: readonly number[]): Played {
  const world = new World(scenario);
  world.happen({ kind: "connected" });
  world.reply("greeting", null);
  for (let cut = 0; world.hasMore(); cut++) world.arrive(sizes[cut % sizes.length] ?? 1);
  world.end();
  return world.played;
}

class World {
  readonly played: Played & { written: string } = {
    taken: [],
    settled: [],
    dotReplies: new Map(),
    handedOver: [],
    written: "",
  };
  private readonly scenario: Scenario;
  private readonly session;
  private readonly used = new Map<Command, number>();
  private isClosed = false;
  /** What the server has said and the client has not got yet, cut where the connection breaks. */
  private onTheWay: { bytes: string; tag: string | null; reply: string }[] = [];
  private bytesLeft: number;
  private commands: { command: Command; tag: string | null }[] = [];
  private unflushed: string[] = [];

  constructor(scenario: Scenario) {
    this.scenario = scenario;
    this.bytesLeft = scenario.end.afterBytes;
    this.session = createSession({
      helo: "client.example",
      tls: "none",
      credentials: null,
      maxMessages: scenario.maxMessages,
      pipelining: true,
      chunking: true,
    });
  }

  hasMore(): boolean {
    return !this.isClosed && this.onTheWay.length > 0 && this.bytesLeft > 0;
  }

  reply(command: Command, tag: string | null): void {
    const replies = this.scenario.replies[command];
    const turn = this.used.get(command) ?? 0;
    this.used.set(command, turn + 1);
    const reply = replies[turn % replies.length] ?? "";
    this.onTheWay.push({ bytes: reply, tag, reply });
  }

  /** The next bytes reach the client; what it then writes, the server answers. A chunk ends with a complete answer at most. */
  arrive(size: number): void {
    let chunk = "";
    while (chunk.length < size && this.hasMore()) {
      const next = this.onTheWay[0];
      if (!next) break;
      const part = next.bytes.slice(0, Math.min(size - chunk.length, this.bytesLeft));
      chunk += part;
      this.bytesLeft -= part.length;
      next.bytes = next.bytes.slice(part.length);
      if (next.bytes !== "") break;
      this.onTheWay.shift();
      if (next.tag !== null) this.played.dotReplies.set(next.tag, next.reply);
    }
    this.happen({ kind: "data", bytes: Buffer.from(chunk) });
  }

  end(): void {
    if (this.isClosed) return;
    if (this.scenario.end.with === "garbage") {
      // In the middle of a reply's text a line end would make it a complete reply, strange but a reply.
      const next = this.onTheWay[0];
      const isWithinReply = next !== undefined && next.bytes.length < next.reply.length;
      this.happen({ kind: "data", bytes: Buffer.from(`\0\xff nonsense${isWithinReply ? "" : "\r\n"}`) });
    }
    if (this.scenario.end.with === "timeout") this.happen({ kind: "timeout", after: 1 });
    this.happen({ kind: "closed", detail: "" });
  }

  happen(event: SessionEvent): void {
    this.perform(step(this.session, event));
    while (wantsMessage(this.session) && this.played.taken.length < this.scenario.messages) {
      const tag = `m${this.played.taken.length}`;
      this.played.taken.push(tag);
      this.perform(step(this.session, { kind: "offer", message: this.messageFor(tag) }));
    }
    if (!this.isClosed) this.played.handedOver.push(...this.unflushed);
    this.unflushed = [];
    this.perform(step(this.session, { kind: "flushed" }));
    for (const { command, tag } of this.commands.splice(0)) this.reply(command, tag);
  }

  private perform(effects: readonly Effect[]): void {
    for (const effect of effects) {
      if (effect.kind === "outcome") this.played.settled.push({ tag: effect.tag, outcome: effect.outcome });
      if (effect.kind === "return") this.played.settled.push({ tag: effect.tag, outcome: null });
      if (effect.kind === "close") this.isClosed = true;
      if (effect.kind === "body") this.unflushed.push(effect.tag);
      if (effect.kind === "body") this.hear([contentOf(effect)], `${effect.as} ${effect.tag}\r\n`);
      if (effect.kind === "write") this.hear(readCommands(effect.text), effect.text);
    }
  }

  private messageFor(tag: string): SmtpMessage {
    const { everyUntilRcpt } = this.scenario;
    return {
      tag,
      mailFrom: "b@sender.example",
      rcptTo: `${tag}@example.com`,
      sizeBytes: 9,
      is8bit: false,
      needsSmtpUtf8: false,
      untilRcpt: everyUntilRcpt > 0 && this.played.taken.length % everyUntilRcpt === 0,
    };
  }

  private hear(commands: readonly { command: Command; tag: string | null }[], text: string): void {
    this.commands.push(...commands);
    this.played.written += text;
  }
}

function contentOf({ tag, as }: Extract<Effect, { kind: "body" }>): { command: Command; tag: string } {
  return { command: as === "chunk" ? "chunk" : "dot", tag };
}

function readCommands(text: string): { command: Command; tag: null }[] {
  const words: Readonly<Record<string, Command>> = {
    EHLO: "ehlo",
    HELO: "helo",
    MAIL: "mail",
    RCPT: "rcpt",
    DATA: "data",
    RSET: "rset",
    QUIT: "quit",
    ".": "dot",
  };
  return text
    .split("\r\n")
    .slice(0, -1)
    .map((line) => {
      const command = words[line.split(" ")[0] ?? ""];
      if (!command) throw new Error(`the client wrote ${JSON.stringify(line)}`);
      return { command, tag: null };
    });
}
