/** What tests with a real SMTP connection need: a listening socket, reading what the client wrote, the test certificate. */
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { type AddressInfo, createServer, type Socket } from "node:net";
import { join } from "node:path";
import { createSecureContext, type SecureContextOptions, TLSSocket } from "node:tls";

import { bodyOf } from "./dialogue.ts";

/** For `mx.example`; its own authority. */
export const CERTIFICATE = readFileSync(join(import.meta.dirname, "tls/cert.pem"), "utf8");
/** The same key; its time was over in 2020. */
export const EXPIRED_CERTIFICATE = readFileSync(join(import.meta.dirname, "tls/expired.pem"), "utf8");
const KEY = readFileSync(join(import.meta.dirname, "tls/key.pem"), "utf8");
const SECURE_CONTEXT = createSecureContext({ cert: CERTIFICATE, key: KEY });

export type Listening = { readonly port: number; close(): void };

/** On a free port; `serve` gets each connection. */
export async function listen(serve: (socket: Socket) => Promise<void> | void): Promise<Listening> {
  const server = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => {
    // A client that breaks off is part of the tests.
    socket.on("error", () => {});
    void serve(socket);
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  return { port: (server.address() as AddressInfo).port, close: () => server.close() };
}

/** The same for one test: `endings` gets what closes it. A handshake that fails at the client's end fails here, too. */
export async function listenUntil(
  endings: (() => void)[],
  serve: (socket: Socket) => Promise<void> | void,
): Promise<number> {
  const server = await listen((socket) => {
    endings.push(() => socket.destroy());
    return Promise.resolve(serve(socket)).catch(() => {});
  });
  endings.push(() => server.close());
  return server.port;
}

/** The server's side of STARTTLS; `special` is what is unusual about it. */
export function secureServer(plain: Socket, special?: SecureContextOptions): TLSSocket {
  const secureContext = special ? createSecureContext({ cert: CERTIFICATE, key: KEY, ...special }) : SECURE_CONTEXT;
  const socket = new TLSSocket(plain, { isServer: true, secureContext });
  socket.on("error", () => {});
  return socket;
}

/** Reads up to the first chunk that ends like this. */
export async function readUntil(socket: Socket, end: string): Promise<string[]> {
  const chunks: string[] = [];
  while (!chunks.join("").endsWith(end)) {
    const [chunk] = (await once(socket, "data")) as [Buffer];
    chunks.push(chunk.toString("latin1"));
  }
  return chunks;
}

/** One message and QUIT, step by step: what comes before the final dot is message A. */
export async function takeMessage(socket: Socket): Promise<void> {
  for (const reply of ["250 ok", "250 ok", "354 go"]) {
    await readUntil(socket, "\r\n");
    socket.write(`${reply}\r\n`);
  }
  await readUntil(socket, `${bodyOf("A")}.\r\n`);
  socket.write("250 ok\r\n");
  await readUntil(socket, "QUIT\r\n");
  socket.end("221 bye\r\n");
}

/** Greets and answers EHLO. */
export async function greet(socket: Socket, ...capabilities: string[]): Promise<void> {
  socket.write("220 mx\r\n");
  await readUntil(socket, "\r\n");
  socket.write(["250-mx\r\n", ...capabilities.map((word) => `250-${word}\r\n`), "250 HELP\r\n"].join(""));
}
