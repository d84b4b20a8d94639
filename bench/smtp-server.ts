/**
 * The receiving server of sink.c once more, in Node: for TLS, and for machines without a C compiler. PIPELINING, one recipient per message,
 * replies after a latency, refusals like sink.c's `judge` (not of the same addresses), STARTTLS with the certificate of the tests.
 */
import { readFileSync } from "node:fs";
import { createServer, type AddressInfo, type Server, type Socket } from "node:net";
import { createSecureContext, TLSSocket } from "node:tls";

export type ServerOptions = {
  /** Milliseconds between what is answered and the answer. */
  readonly latency: number;
  readonly smart: boolean;
  readonly tls: boolean;
  /** `raw`: null for a recipient that was refused. */
  readonly onRecipient: (recipient: string, code: 250 | 451 | 550, raw: Buffer | null) => void;
};

const REFUSED_PERCENT = 10;
const DEFERRED_PERCENT = 15;
const END_OF_DATA = Buffer.from("\r\n.\r\n");
const LINE_END = Buffer.from("\r\n");

const certificate = (name: string) => readFileSync(new URL(`../test/dialogues/tls/${name}.pem`, import.meta.url));

/** Shared by the listeners of one sink. */
export type Shared = ServerOptions & { readonly deferred: Set<string>; connections: number };

export function share(options: ServerOptions): Shared {
  return { ...options, deferred: new Set(), connections: 0 };
}

/** On a free port of 127.0.0.1; answers with it. */
export async function listen(shared: Shared): Promise<number> {
  const context = shared.tls ? createSecureContext({ cert: certificate("cert"), key: certificate("key") }) : null;
  const server: Server = createServer({ noDelay: true }, (socket) => {
    shared.connections++;
    const starttls = context === null ? null : () => new TLSSocket(socket, { isServer: true, secureContext: context });
    converse(socket, shared, starttls, true);
  });
  return new Promise((resolve) => {
    server.listen(0, "127.0.0.1", 4096, () => resolve((server.address() as AddressInfo).port));
  });
}

/** Longer than the house limit: one dialogue, whose state these closures share. */
function converse(socket: Socket, shared: Shared, starttls: (() => Socket) | null, greets: boolean): void {
  let buffer: Buffer = Buffer.alloc(0);
  let recipient = "";
  let inData = false;
  let out = "";

  const flush = (isLast = false) => {
    const text = out;
    out = "";
    const write = () => {
      if (socket.destroyed) return;
      if (isLast) socket.end(text);
      else socket.write(text);
    };
    if (shared.latency > 0) setTimeout(write, shared.latency);
    else write();
  };
  const say = (line: string) => {
    out += `${line}\r\n`;
  };

  const command = (line: string): "go-on" | "secure" | "bye" => {
    const verb = line.slice(0, 8).toUpperCase();
    if (verb.startsWith("EHLO")) {
      say("250-sink\r\n250-PIPELINING\r\n250-8BITMIME\r\n250-ENHANCEDSTATUSCODES");
      if (starttls) say("250-STARTTLS");
      say("250 SIZE 0");
    } else if (verb.startsWith("STARTTLS") && starttls) {
      return "secure";
    } else if (verb.startsWith("RCPT TO:")) {
      const address = line.slice(9, line.indexOf(">"));
      const refusal = shared.smart ? judge(address, shared.deferred) : null;
      if (refusal) shared.onRecipient(address, refusal.code, null);
      else recipient = address;
      say(refusal?.text ?? "250 2.1.5 ok");
    } else if (verb.startsWith("DATA")) {
      inData = recipient !== "";
      say(inData ? "354 go ahead" : "503 5.5.1 RCPT first");
    } else if (verb.startsWith("QUIT")) {
      say("221 2.0.0 bye");
      return "bye";
    } else {
      if (verb.startsWith("RSET")) recipient = "";
      say("250 2.0.0 ok");
    }
    return "go-on";
  };

  /** False: the rest has to come first. */
  const content = (): boolean => {
    const end = buffer.indexOf(END_OF_DATA);
    if (end < 0) return false;
    shared.onRecipient(recipient, 250, buffer.subarray(0, end + 2));
    buffer = buffer.subarray(end + END_OF_DATA.length);
    recipient = "";
    inData = false;
    say("250 2.0.0 accepted");
    return true;
  };

  const onData = (chunk: Buffer) => {
    buffer = buffer.length === 0 ? chunk : Buffer.concat([buffer, chunk]);
    for (;;) {
      if (inData) {
        if (content()) continue;
        break;
      }
      const end = buffer.indexOf(LINE_END);
      if (end < 0) break;
      const line = buffer.toString("latin1", 0, end);
      buffer = buffer.subarray(end + 2);
      const next = command(line);
      if (next === "bye") return flush(true);
      if (next === "secure" && starttls) {
        socket.removeListener("data", onData);
        socket.write("220 2.0.0 go ahead\r\n", () => converse(starttls(), shared, null, false));
        return;
      }
    }
    if (out !== "") flush();
  };
  socket.on("data", onData);
  socket.on("error", () => socket.destroy());
  if (!greets) return;
  say("220 sink ESMTP");
  flush();
}

/** An address in ten is refused for good, three in twenty the first time only. */
function judge(address: string, deferred: Set<string>): { readonly code: 451 | 550; readonly text: string } | null {
  let hash = 0x811c9dc5;
  for (let i = 0; i < address.length; i++) hash = Math.imul(hash ^ address.charCodeAt(i), 0x01000193);
  const percent = ((hash ^ (hash >>> 15)) >>> 0) % 100;
  if (percent < REFUSED_PERCENT / 2) {
    return { code: 550, text: "550 5.1.1 The email account that you tried to reach does not exist" };
  }
  if (percent < REFUSED_PERCENT) return { code: 550, text: "552 5.2.2 The recipient's inbox is out of storage space" };
  if (percent >= REFUSED_PERCENT + DEFERRED_PERCENT || deferred.has(address)) return null;
  deferred.add(address);
  return { code: 451, text: "451 4.7.1 Greylisted, please try again in 30 seconds" };
}
