import type { Socket } from "node:net";
import type { SecureContextOptions, TLSSocket } from "node:tls";
import { afterEach, expect, test } from "vitest";

import { bodyOf } from "../../../test/dialogues/dialogue.ts";
import { CERTIFICATE, greet, listen, readUntil, secureServer } from "../../../test/dialogues/loopback.ts";
import { describeEnd, messageOf, Subject } from "../../../test/faults/subject.ts";
import type { ConnectionOptions } from "./connection-types.ts";

const endings: (() => void)[] = [];
afterEach(() => {
  for (const end of endings.splice(0)) end();
});

type Server = { readonly port: number; readonly handshakes: ("new" | "resumed")[] };

/** Takes one message on each connection, and knows which handshakes took an earlier session up again. */
async function serve(special: SecureContextOptions = {}): Promise<Server> {
  const handshakes: Server["handshakes"] = [];
  // One context for all connections: it has the key of the tickets.
  const context = { sessionIdContext: "test", ...special };
  const take = async (plain: Socket) => {
    await greet(plain, "STARTTLS");
    await readUntil(plain, "STARTTLS\r\n");
    plain.write("220 go\r\n");
    const socket: TLSSocket = secureServer(plain, context);
    await readUntil(socket, "\r\n");
    handshakes.push(socket.isSessionReused() ? "resumed" : "new");
    socket.write("250 mx\r\n");
    for (const reply of ["250 ok", "250 ok", "354 go"]) {
      await readUntil(socket, "\r\n");
      socket.write(`${reply}\r\n`);
    }
    await readUntil(socket, `${bodyOf("A")}.\r\n`);
    socket.write("250 ok\r\n");
    await readUntil(socket, "QUIT\r\n");
    socket.end("221 bye\r\n");
  };
  const server = await listen((socket) => take(socket).catch(() => {}));
  endings.push(() => server.close());
  return { port: server.port, handshakes };
}

async function send(port: number, options: Partial<ConnectionOptions>): Promise<string> {
  return describeEnd(await new Subject({ port, tls: "opportunistic", ...options }, [messageOf("A")]).ended);
}

const ACCEPTED = "A accepted";
const FAILED = "failed: lost ehlo tls";
const TICKET_KEYS = Buffer.alloc(48, 7);

test.each(["TLSv1.2", "TLSv1.3"] as const)("a TLS session is taken up again (%s)", async (version) => {
  const { port, handshakes } = await serve({ ticketKeys: TICKET_KEYS, minVersion: version, maxVersion: version });
  for (let i = 0; i < 3; i++) expect(await send(port, {})).toBe(ACCEPTED);
  expect(handshakes).toEqual(["new", "resumed", "resumed"]);
});

test("each name, port and way of verifying has its own", async () => {
  const { port, handshakes } = await serve({ ticketKeys: TICKET_KEYS });
  expect(await send(port, {})).toBe(ACCEPTED);
  expect(await send(port, { mx: "other.example" })).toBe(ACCEPTED);
  expect(await send(port, { tls: "required", ca: CERTIFICATE })).toBe(ACCEPTED);
  expect(await send(port, { tls: "required", ca: CERTIFICATE })).toBe(ACCEPTED);
  expect(await send(port, { tls: "encrypted" })).toBe(ACCEPTED);
  expect(handshakes).toEqual(["new", "new", "new", "resumed", "resumed"]);
});

// With a session that is taken up again Node compares no names: a ticket kept too early would open the door.
test.each(["TLSv1.2", "TLSv1.3"] as const)(
  "a server with the wrong certificate does not get through by its ticket (%s)",
  async (version) => {
    const { port, handshakes } = await serve({ ticketKeys: TICKET_KEYS, minVersion: version, maxVersion: version });
    const options = { mx: "wrong.example", ca: CERTIFICATE } as const;
    expect(await send(port, { ...options, tls: "opportunistic" })).toBe(ACCEPTED);
    for (let i = 0; i < 3; i++) expect(await send(port, { ...options, tls: "required" })).toBe(FAILED);
    expect(handshakes).not.toContain("resumed");
  },
);

test("under DANE every connection shows its certificates", async () => {
  const { port, handshakes } = await serve({ ticketKeys: TICKET_KEYS });
  const seen: number[] = [];
  const verifyPeer = (peer: TLSSocket) => {
    seen.push(peer.getPeerX509Certificate()?.raw.length ?? 0);
    return null;
  };
  for (let i = 0; i < 2; i++) expect(await send(port, { tls: "encrypted", verifyPeer })).toBe(ACCEPTED);
  expect(handshakes).toEqual(["new", "new"]);
  expect(seen.every((bytes) => bytes > 100)).toBe(true);
});

test("an address instead of a name is compared with the certificate, and no SNI is sent", async () => {
  const { port } = await serve();
  expect(await send(port, { mx: "127.0.0.1", tls: "required", ca: CERTIFICATE })).toBe(FAILED);
  expect(await send(port, { mx: "127.0.0.1", tlsName: "mx.example", tls: "required", ca: CERTIFICATE })).toBe(ACCEPTED);
});
