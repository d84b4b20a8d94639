import { createHash, X509Certificate } from "node:crypto";
import { once } from "node:events";
import { type AddressInfo, createServer, type Socket } from "node:net";
import type { SecureContextOptions } from "node:tls";
import { afterEach, beforeEach, expect, test, vi } from "vitest";

import { bodyOf } from "../../test/dialogues/dialogue.ts";
import {
  CERTIFICATE,
  greet,
  listenUntil,
  readUntil,
  secureServer,
  takeMessage,
} from "../../test/dialogues/loopback.ts";
import type { Outcome } from "../core/smtp/outcome.ts";
import type { WireOptions } from "../core/smtp/session.ts";
import { DAY } from "../core/time.ts";
import type { OpenSession, SessionEnd, SessionFacts, SessionOptions } from "../mta/session-port.ts";
import type { Prepared, Task } from "../mta/task.ts";
import { smtpSessions } from "./smtp-sessions.ts";

const endings: (() => void)[] = [];
/** What the monotonic clock says besides. */
let elapsed = 0;

beforeEach(() => {
  elapsed = 0;
  const real = performance.now.bind(performance);
  vi.spyOn(performance, "now").mockImplementation(() => real() + elapsed);
});
afterEach(() => {
  vi.restoreAllMocks();
  for (const end of endings.splice(0)) end();
});

const listenTo = (serve: (socket: Socket) => Promise<void> | void) => listenUntil(endings, serve);

type Made = {
  readonly ends: SessionEnd[];
  readonly outcomes: Outcome[];
  readonly facts: SessionFacts[];
  readonly reconnects: number;
};

/** One session for one message. */
function send(
  open: OpenSession,
  port: number,
  options: Partial<SessionOptions> = {},
  wire: WireOptions = {},
): Promise<Made> {
  const { promise, resolve } = Promise.withResolvers<Made>();
  const made = { ends: [] as SessionEnd[], outcomes: [] as Outcome[], facts: [] as SessionFacts[], reconnects: 0 };
  const envelope = {
    tag: "1-1",
    rcptTo: "a@example.com",
    mailFrom: "",
    bytes: Buffer.from(bodyOf("A")),
    needsSmtpUtf8: false,
  };
  const queue: (Prepared & WireOptions)[] = [{ kind: "message", task: {} as Task, ...envelope, ...wire }];
  open(
    {
      target: { host: "mx.example", address: "127.0.0.1", port },
      relay: null,
      source: null,
      maxMessages: 1,
      tls: null,
      dotTimeout: null,
      ...options,
    },
    {
      takeMessage: () => queue.shift() ?? null,
      onOutcome: (_, outcome, facts) => {
        made.outcomes.push(outcome);
        made.facts.push(facts);
      },
      onReturned: () => {},
      onReconnect: () => made.reconnects++,
      onEnd: (end) => {
        made.ends.push(end);
        resolve(made);
      },
    },
  );
  return promise;
}

const sessions = () => smtpSessions("client.example", () => {});

/** Offers STARTTLS; as long as `isBroken`, hangs up instead of the handshake. */
async function serveTls(seen: string[], isBroken: () => boolean, special?: SecureContextOptions): Promise<number> {
  return listenTo(async (plain) => {
    await greet(plain, "STARTTLS");
    const [line = ""] = await readUntil(plain, "\r\n");
    if (!line.startsWith("STARTTLS")) {
      seen.push("plain");
      plain.write("250 ok\r\n");
      for (const reply of ["250 ok", "354 go"]) {
        await readUntil(plain, "\r\n");
        plain.write(`${reply}\r\n`);
      }
      await readUntil(plain, ".\r\n");
      plain.write("250 ok\r\n");
      await readUntil(plain, "QUIT\r\n");
      return void plain.end("221 bye\r\n");
    }
    seen.push("tls");
    plain.write("220 go\r\n");
    if (isBroken()) return void plain.once("data", () => plain.destroy());
    const socket = secureServer(plain, special);
    await readUntil(socket, "\r\n");
    socket.write("250 mx\r\n");
    await takeMessage(socket);
  });
}

test("a server whose TLS is broken is spoken to in plain for three days", async () => {
  const seen: string[] = [];
  let isBroken = true;
  const port = await serveTls(seen, () => isBroken);
  const open = sessions();
  const first = await send(open, port);
  expect(first).toMatchObject({ outcomes: [{ kind: "accepted" }], facts: [{ tls: null }], reconnects: 1 });
  expect(first.ends).toEqual([{ kind: "ended" }]);
  expect((await send(open, port)).reconnects).toBe(0);
  expect(seen).toEqual(["tls", "plain", "plain"]);
  isBroken = false;
  elapsed = 3 * DAY - 60_000;
  await send(open, port);
  elapsed = 3 * DAY + 60_000;
  expect((await send(open, port)).facts[0]?.tls).toMatch(/^TLSv1\.3 TLS_/);
  expect(seen.slice(3)).toEqual(["plain", "tls"]);
});

test("what succeeds with TLS ends the memory for all", async () => {
  const seen: string[] = [];
  let isBroken = true;
  const port = await serveTls(seen, () => isBroken);
  const open = sessions();
  await send(open, port);
  isBroken = false;
  await send(open, port, { tls: "encrypted" });
  expect((await send(open, port)).facts[0]?.tls).not.toBeNull();
  expect(seen).toEqual(["tls", "plain", "tls", "tls"]);
});

test.each<[string, Partial<SessionOptions>]>([
  ["encrypted", { tls: "encrypted" }],
  ["required", { tls: "required" }],
  ["DANE without usable records", { daneRecords: [] }],
  ["DANE", { tls: "opportunistic", daneRecords: [{ usage: 3, selector: 1, matchingType: 1, data: Buffer.alloc(32) }] }],
])("%s never goes on in plain, also not at a server whose TLS is known to be broken", async (_, options) => {
  const seen: string[] = [];
  const port = await serveTls(seen, () => true);
  const open = sessions();
  await send(open, port);
  const made = await send(open, port, options);
  expect(made.ends).toMatchObject([{ kind: "failed", outcome: { kind: "lost", stage: "ehlo", trouble: "tls" } }]);
  expect(made.outcomes).toEqual([]);
  expect(seen).toEqual(["tls", "plain", "tls"]);
});

test("a network that is down is no broken TLS", async () => {
  let connections = 0;
  const port = await listenTo(async (socket) => {
    connections++;
    // The first time everything breaks, with TLS and without.
    if (connections === 2) return void socket.destroy();
    await greet(socket, "STARTTLS");
    const [line = ""] = await readUntil(socket, "\r\n");
    if (connections > 1) lines.push(line);
    socket.destroy();
  });
  const lines: string[] = [];
  const open = sessions();
  const made = await send(open, port);
  expect(made.ends).toMatchObject([{ kind: "failed", outcome: { stage: "connect" } }]);
  await send(open, port);
  expect(lines[0]).toBe("STARTTLS\r\n");
});

test("DANE records that match let any name and authority pass; others none", async () => {
  const port = await serveTls([], () => false);
  const open = sessions();
  const { publicKey } = new X509Certificate(CERTIFICATE);
  const data = createHash("sha256")
    .update(publicKey.export({ type: "spki", format: "der" }))
    .digest();
  for (const daneRecords of [[], [{ usage: 3, selector: 1, matchingType: 1, data }]]) {
    const target = { host: "other.example", address: "127.0.0.1", port };
    expect((await send(open, port, { target, daneRecords })).facts[0]?.tls).toMatch(/^TLS/);
  }
  const wrong = { usage: 3, selector: 1, matchingType: 1, data: Buffer.alloc(32) };
  expect((await send(open, port, { daneRecords: [wrong] })).ends).toMatchObject([
    { kind: "failed", outcome: { trouble: "tls" } },
  ]);
});

test("a session that cannot be taken up again is no broken TLS", async () => {
  const seen: string[] = [];
  const special = { ticketKeys: Buffer.alloc(48, 1), sessionIdContext: "test" };
  // The second handshake, which offers the session of the first, fails; the one after that does not.
  const port = await serveTls(seen, () => seen.length === 2, special);
  const open = sessions();
  const target = { host: "ticket.example", address: "127.0.0.1", port };
  expect((await send(open, port, { target })).facts[0]?.tls).not.toBeNull();
  expect(await send(open, port, { target })).toMatchObject({ outcomes: [{ kind: "accepted" }], reconnects: 1 });
  expect(seen).toEqual(["tls", "tls", "tls"]);
});

test("a server that offers CHUNKING and refuses BDAT gets DATA from then on", async () => {
  const commands: string[] = [];
  const port = await listenTo(async (socket) => {
    await greet(socket, "CHUNKING");
    for (;;) {
      const text = (await readUntil(socket, "\n")).join("");
      const command = text.slice(0, 4);
      if (command === "MAIL" || command === "RCPT") socket.write("250 ok\r\n");
      else if (command === "QUIT") return void socket.end("221 bye\r\n");
      else {
        commands.push(command);
        socket.write(command === "DATA" ? "354 go\r\n" : command === "BDAT" ? "502 5.5.1 no\r\n" : "250 ok\r\n");
      }
    }
  });
  const open = sessions();
  const first = await send(open, port);
  expect(first.outcomes).toMatchObject([{ kind: "lost", stage: "data", trouble: "garbage", inDoubt: false }]);
  expect(first.ends).toEqual([{ kind: "ended" }]);
  expect((await send(open, port)).outcomes).toMatchObject([{ kind: "accepted" }]);
  expect(commands.slice(0, 2)).toEqual(["BDAT", "DATA"]);
  elapsed = 25 * 3_600_000;
  await send(open, port);
  expect(commands).toContain("BDAT");
  expect(commands.filter((command) => command === "BDAT")).toHaveLength(2);
});

test("name and address are those of the session", async () => {
  const seen: (string | undefined)[] = [];
  const port = await listenTo(async (socket) => {
    socket.write("220 mx\r\n");
    seen.push(socket.remoteAddress, ...(await readUntil(socket, "\r\n")));
    socket.end("554 5.7.1 no\r\n");
  });
  const made = await send(sessions(), port, { source: "127.0.0.3", sourceV6: "::1", helo: "out3.example" });
  expect(seen).toEqual(["127.0.0.3", "EHLO out3.example\r\n"]);
  expect(made.ends).toMatchObject([
    { kind: "failed", facts: { mx: "mx.example", sourceIp: "127.0.0.3", remoteIp: "127.0.0.1", tls: null } },
  ]);
});

test("the address of the target's family is used, and no other", async () => {
  const seen: (string | undefined)[] = [];
  const server = createServer((socket) => {
    seen.push(socket.remoteAddress);
    socket.end("554 5.7.1 no\r\n");
  });
  await once(server.listen(0, "::1"), "listening");
  endings.push(() => server.close());
  const { port } = server.address() as AddressInfo;
  const target = { host: "mx.example", address: "::1", port };
  const open = sessions();
  await send(open, port, { target, source: "127.0.0.3", sourceV6: "::1" });
  await send(open, port, { target: { ...target, host: "::1", address: null }, source: null, sourceV6: "::1" });
  const lacking = await send(open, port, { target, source: "127.0.0.3" });
  expect(seen).toEqual(["::1", "::1"]);
  expect(lacking.ends).toMatchObject([
    { kind: "failed", outcome: { kind: "lost", stage: "connect", trouble: "unreachable" } },
  ]);
  expect(lacking.ends[0]).not.toMatchObject({ facts: { sourceIp: expect.anything() } });
});

test("a name is looked up in the family of the source", async () => {
  const port = await listenTo(async (socket) => void socket.end("554 5.7.1 no\r\n"));
  const target = { host: "localhost", address: null, port };
  const made = await send(sessions(), port, { target, source: "127.0.0.3" });
  expect(made.ends).toMatchObject([{ facts: { sourceIp: "127.0.0.3", remoteIp: "127.0.0.1" } }]);
});

test("what a message says about reports and how far it goes is obeyed", async () => {
  const lines: string[] = [];
  const port = await listenTo(async (socket) => {
    await greet(socket, "DSN");
    for (;;) {
      const line = (await readUntil(socket, "\r\n")).join("").trim();
      lines.push(line);
      if (line === "QUIT") return void socket.end("221 bye\r\n");
      socket.write("250 2.1.5 ok\r\n");
    }
  });
  const dsn = { ret: "HDRS", envid: "1-1", notify: ["FAILURE"], orcpt: null } as const;
  const made = await send(sessions(), port, {}, { dsn, untilRcpt: true });
  expect(made.outcomes).toMatchObject([{ kind: "accepted", stage: "rcpt" }]);
  expect(lines).toEqual(["MAIL FROM:<> RET=HDRS ENVID=1-1", "RCPT TO:<a@example.com> NOTIFY=FAILURE", "RSET", "QUIT"]);
});
