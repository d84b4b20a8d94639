/**
 * A server that is scripted by bytes: it hears exactly these from the client, says those, and at a chosen place of its own byte
 * stream it fails. It fails only when the client has read all that came before, so that nothing depends on timing.
 */
import type { Socket } from "node:net";

import { type Listening, listen, secureServer } from "../dialogues/loopback.ts";

/** What the server says while the client waits for the answer to this. */
export type Said = { readonly phase: string; readonly bytes: string };

/** `hears`: what the client must write before. `secures`: the handshake comes after what is said. */
export type Turn = { readonly hears: string; readonly says: readonly Said[]; readonly secures?: true };

export type Script = readonly Turn[];

export type Fault =
  | { readonly kind: "close" | "reset" | "stall" }
  /** In the place of what would be said, and then silence. */
  | { readonly kind: "say"; readonly bytes: string }
  /** One character after the other, of a reply that never ends. */
  | { readonly kind: "trickle" }
  /** A line that never ends, as fast as the client takes it. */
  | { readonly kind: "flood" };

export type Place = { readonly phase: string; readonly at: number; readonly fault: Fault };

/** How the server knows that the client has read so many bytes. */
export type HasRead = (bytes: number) => Promise<void>;

export type ByteServer = Listening & {
  /** What the client wrote against the script; null: nothing. */
  readonly problem: () => string | null;
};

/** How often a character trickles. */
const TRICKLE_MS = 5;

/** Every place of the server's byte stream: the phase that the next byte belongs to, and how much of it was said. */
export function placesOf(script: Script): { phase: string; at: number }[] {
  return script.flatMap(({ says }) =>
    says.flatMap(({ phase, bytes }) => Array.from({ length: bytes.length }, (_, at) => ({ phase, at }))),
  );
}

/** For one connection. */
export async function serveBytes(script: Script, place: Place | null, hasRead: HasRead): Promise<ByteServer> {
  let problem: string | null = null;
  const ends: (() => void)[] = [];
  const server = await listen(async (socket) => {
    const ear = new Ear(socket);
    ends.push(() => ear.destroy());
    try {
      await play(script, place, ear, hasRead);
    } catch (error) {
      problem = String(error);
      ear.destroy();
    }
  });
  const close = () => {
    for (const end of ends) end();
    server.close();
  };
  return { port: server.port, close, problem: () => problem };
}

async function play(script: Script, place: Place | null, ear: Ear, hasRead: HasRead): Promise<void> {
  let said = 0;
  for (const turn of script) {
    if (!(await ear.hear(turn.hears))) return;
    let words = "";
    for (const { phase, bytes } of turn.says) {
      if (phase !== place?.phase) {
        words += bytes;
        continue;
      }
      words += bytes.slice(0, place.at);
      ear.say(words);
      await hasRead(said + words.length);
      return fail(ear, place.fault);
    }
    ear.say(words);
    said += words.length;
    if (turn.secures) ear.secure();
  }
}

function fail(ear: Ear, fault: Fault): void {
  switch (fault.kind) {
    case "close":
      return ear.end();
    case "reset":
      return ear.reset();
    case "stall":
      return;
    case "say":
      return ear.say(fault.bytes);
    case "trickle":
      return ear.trickle("250-slowly\r\n");
    case "flood":
      return ear.flood("x".repeat(16_384));
  }
}

/** The server's end of the connection. */
class Ear {
  private readonly raw: Socket;
  private socket: Socket;
  private heard = "";
  private isEnded = false;
  private wake = () => {};
  private timer: NodeJS.Timeout | undefined;

  constructor(socket: Socket) {
    this.raw = socket;
    this.socket = socket;
    this.listen();
  }

  private readonly onData = (data: Buffer) => {
    this.heard += data.toString("latin1");
    this.wake();
  };

  private readonly onEnd = () => {
    this.isEnded = true;
    clearInterval(this.timer);
    this.wake();
  };

  private listen(): void {
    this.socket.on("data", this.onData);
    this.socket.on("end", this.onEnd);
    this.socket.on("close", this.onEnd);
  }

  /** False when the client left first. */
  async hear(bytes: string): Promise<boolean> {
    while (this.heard.length < bytes.length && !this.isEnded) {
      await new Promise<void>((resolve) => {
        this.wake = resolve;
      });
    }
    if (this.heard.length < bytes.length) return false;
    const got = this.heard.slice(0, bytes.length);
    if (got !== bytes) throw new Error(`the client wrote ${JSON.stringify(got)} instead of ${JSON.stringify(bytes)}`);
    this.heard = this.heard.slice(bytes.length);
    return true;
  }

  say(bytes: string): void {
    if (bytes !== "") this.socket.write(bytes, "latin1");
  }

  secure(): void {
    this.raw.off("data", this.onData);
    this.raw.off("end", this.onEnd);
    this.socket = secureServer(this.raw);
    this.listen();
  }

  trickle(bytes: string): void {
    let at = 0;
    this.timer = setInterval(() => {
      if (this.socket.writable) this.say(bytes[at++ % bytes.length] ?? "");
    }, TRICKLE_MS);
  }

  flood(bytes: string): void {
    const more = () => {
      while (this.socket.writable && this.socket.write(bytes)) {
        // The kernel takes it.
      }
    };
    this.socket.on("drain", more);
    more();
  }

  end(): void {
    this.socket.end();
  }

  /** Under TLS too nothing but a TCP reset. */
  reset(): void {
    this.raw.resetAndDestroy();
  }

  destroy(): void {
    clearInterval(this.timer);
    this.socket.destroy();
    this.raw.destroy();
  }
}
