/**
 * A receiving server for end-to-end tests: real sockets on a free port, answers by a script per stage and address, counts
 * everything. A message counts as taken when the server decides on 2xx, whether or not the client lives to read it: as
 * with a real server, that is what the recipient has in the mailbox.
 */
import { once } from "node:events";
import { createServer, type AddressInfo, type Server, type Socket } from "node:net";

import {
  Dialogue,
  type Connection,
  type Drop,
  type Host,
  type Message,
  type Reaction,
  type Stage,
} from "./smtp-dialogue.ts";

export type Moment = {
  readonly stage: Stage;
  /** Recipient, once known. */
  readonly address: string;
  /** How often this address came to this stage, from 1. */
  readonly times: number;
  /** Address that the client connected from. */
  readonly from: string;
};

export type Script = (moment: Moment) => Reaction | Promise<Reaction>;

/** Closes without a word. */
export const DROP: Drop = { kind: "drop" };
/** At the final dot: keeps the message and closes without a reply. */
export const DROP_TAKING: Drop = { kind: "drop", taking: true };
/** At DATA: closes while the message is being written. */
export const DROP_IN_BODY: Drop = { kind: "drop", inBody: true };

export type Taken = Message & {
  /** Monotonic milliseconds. */
  readonly at: number;
  /** One count over all sinks of the process: what came first. */
  readonly order: number;
};

const USUAL: Readonly<Record<Stage, string>> = {
  greeting: "220 sink.example ESMTP",
  ehlo: "250-sink.example\r\n250-PIPELINING\r\n250-8BITMIME\r\n250-SMTPUTF8\r\n250-SIZE 52428800\r\n250-ENHANCEDSTATUSCODES\r\n250 AUTH PLAIN LOGIN",
  auth: "235 2.7.0 accepted",
  mail: "250 2.1.0 ok",
  rcpt: "250 2.1.5 ok",
  data: "354 go on",
  dot: "250 2.0.0 taken",
};

let arrivals = 0;

type Options = { readonly keepsSource?: boolean; readonly keepsDialogue?: boolean };

export class SmtpSink implements Host {
  /** What every stage is answered by; may be replaced while the sink runs. */
  script: Script;
  /** Off: only addresses are counted, bodies are forgotten. */
  readonly keepsSource: boolean;
  private readonly keepsDialogue: boolean;
  /** All that came to its final dot, whatever was answered. */
  readonly offered: Taken[] = [];
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

  constructor(script: Script = () => undefined, { keepsSource = true, keepsDialogue = false }: Options = {}) {
    this.script = script;
    this.keepsSource = keepsSource;
    this.keepsDialogue = keepsDialogue;
    this.server = createServer({ noDelay: true }, (socket) => this.serve(socket));
  }

  /** `host`: another loopback address; what differs in it is another MX host to whoever sends. */
  async listen(port = 0, host = "127.0.0.1"): Promise<void> {
    await once(this.server.listen(port, host), "listening");
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  /** For `ENVOI_ROUTES` and `--route`. */
  route(domain: string): string {
    return `${domain}=${(this.server.address() as AddressInfo).address}:${this.port}`;
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

  /** Nobody can connect any more, and who was connected is cut off; `listen` opens it again. */
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

  opened(from: string): Connection {
    const times = { openedAt: performance.now(), closedAt: Number.POSITIVE_INFINITY };
    const connection = { ...times, from, helo: "", messages: 0, lines: this.keepsDialogue ? [] : null };
    this.connections.push(connection);
    this.mostOpenConnections = Math.max(this.mostOpenConnections, ++this.openConnections);
    this.changed();
    return connection;
  }

  ended(connection: Connection): void {
    connection.closedAt = performance.now();
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

  async react(stage: Stage, address: string, from: string): Promise<string | Drop> {
    const key = `${stage} ${address}`;
    const times = (this.times.get(key) ?? 0) + 1;
    this.times.set(key, times);
    const reaction = await this.script({ stage, address, times, from });
    return reaction ?? USUAL[stage];
  }

  offer(message: Message): void {
    arrivals++;
    if (this.keepsSource) this.offered.push({ ...message, at: performance.now(), order: arrivals });
  }

  take(message: Message): void {
    arrivals++;
    this.timesTaken.set(message.address, (this.timesTaken.get(message.address) ?? 0) + 1);
    if (this.keepsSource) this.taken.push({ ...message, at: performance.now(), order: arrivals });
    this.changed();
  }
}
