/** A mailbox by POP3: every mail byte for byte, whatever is in it; no answer of a server costs more than it may. */
import fc from "fast-check";
import { afterEach, describe, expect, test } from "vitest";

import {
  type Pop3Mail,
  type Pop3Options,
  type Pop3Server,
  retrieved,
  startPop3Server,
} from "../../../test/mail-servers/pop3-script.ts";
import { MailboxError, type MailboxServer, type MailboxSession } from "../../platform/mailbox.ts";
import { listen, type Listening } from "../../../test/dialogues/loopback.ts";
import { openPop3 } from "./open-pop3.ts";
import { Pop3Wire } from "./pop3-wire.ts";

const LIMIT = 1_000_000;
const mail = (uid: string, text = `Subject: ${uid}\r\n\r\nbody\r\n`): Pop3Mail => ({
  uid,
  bytes: Buffer.from(text, "latin1"),
});

const endings: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of endings.splice(0)) await end();
});

async function serve(options: Pop3Options): Promise<Pop3Server> {
  const server = await startPop3Server(options);
  endings.push(() => server.close());
  return server;
}

const at = (port: number, changes: Partial<MailboxServer> = {}): MailboxServer => ({
  protocol: "pop3",
  host: "127.0.0.1",
  port,
  tls: "none",
  verifyCertificate: true,
  user: "bounces",
  login: { kind: "password", password: "secret" },
  folder: "INBOX",
  ...changes,
});

async function open(options: Pop3Options, changes: Partial<MailboxServer> = {}): Promise<MailboxSession> {
  const session = await openPop3(at((await serve(options)).port, changes));
  endings.push(() => session.close());
  return session;
}

async function fetchAll(session: MailboxSession, refs: readonly number[], limit = LIMIT): Promise<(string | Buffer)[]> {
  const found = [];
  for await (const { mail: got } of session.fetch(refs, limit))
    found.push(typeof got === "string" ? got : Buffer.from(got));
  return found;
}

describe("mails", () => {
  test("come byte for byte: dots, eight bits, bare line ends, no line end, nothing at all", async () => {
    const odd = [
      ".\r\n",
      "..\r\n.a\r\n\r\n.\r\n",
      "\xff\0\x80\r\n",
      "a\nb\r.\r\nc\n.\n\r\n",
      "\r\n",
      `${"x".repeat(300_000)}\r\n`,
      "",
    ];
    const session = await open({ mails: odd.map((text, index) => mail(`u${index}`, text)) });
    const listed = await session.list();
    expect(listed.map(({ uid, size }) => [uid, size])).toEqual(odd.map((text, index) => [`u${index}`, text.length]));
    const got = await fetchAll(
      session,
      listed.map(({ ref }) => ref),
    );
    expect(got.map((bytes) => bytes.toString("latin1"))).toEqual(odd);
  });

  test("come byte for byte however the network cuts them up", async () => {
    const letters = fc.constantFrom("\r\n", ".", "\r", "\n", "a", "\xff");
    await fc.assert(
      fc.asyncProperty(
        fc.array(letters, { maxLength: 30 }),
        fc.array(fc.nat(40), { maxLength: 8 }),
        async (parts, cuts) => {
          const text = `${parts.join("")}\r\n`;
          const bytes = retrieved(Buffer.from(text, "latin1"));
          const edges = [0, ...cuts.filter((cut) => cut < bytes.length).toSorted((a, b) => a - b), bytes.length];
          const server = await listen((socket) => {
            socket.setNoDelay(true);
            const next = (i: number) => {
              if (i + 1 < edges.length)
                socket.write(bytes.subarray(edges[i], edges[i + 1]), () => setImmediate(next, i + 1));
            };
            next(0);
          });
          const wire = await Pop3Wire.open({
            host: "127.0.0.1",
            port: server.port,
            implicitTls: false,
            verifyCertificate: true,
          });
          expect(await wire.readLine()).toBe("+OK");
          expect(Buffer.from((await wire.readMail(LIMIT)) ?? "none").toString("latin1")).toBe(text);
          wire.fail(new MailboxError("stopped", "over"));
          server.close();
        },
      ),
      { numRuns: 60 },
    );
  });

  test("that are larger than wanted are passed over, whatever the list said; those that are gone are said to be", async () => {
    const mails = [{ ...mail("big", "x".repeat(5000)), size: 10 }, mail("small", "y\r\n")];
    const session = await open({ mails });
    expect(await fetchAll(session, [1, 2, 7], 100)).toEqual(["too-large", Buffer.from("y\r\n"), "gone"]);
  });

  test("go only with the end of the session, and only those", async () => {
    const options: Pop3Options = { mails: ["a", "b", "c"].map((uid) => mail(uid)) };
    const server = await serve(options);
    const broken = await openPop3(at(server.port));
    options.misbehave = (command) => (command === "QUIT" ? null : undefined);
    await expect(broken.removeAndEnd([1, 2])).rejects.toMatchObject({ problem: "unreachable" });
    expect(options.mails).toHaveLength(3);
    options.misbehave = (command) => (command === "DELE 3" ? "-ERR locked\r\n" : undefined);
    const session = await openPop3(at(server.port));
    expect(await session.removeAndEnd([1, 3])).toEqual({ kept: new Set([3]), why: "locked" });
    expect(options.mails.map(({ uid }) => uid)).toEqual(["b", "c"]);
    options.misbehave = (command) => (command === "QUIT" ? "-ERR some are left\r\n" : undefined);
    await expect((await openPop3(at(server.port))).removeAndEnd([1])).rejects.toThrow(/some are left/);
  });
});

test.each([
  ["as given", ["x1", "x2"], ["x1", "x2"]],
  ["none of those that several have", ["same", "own", "same"], [null, "own", null]],
  ["none when they are but numbers of the session", ["1", "2", "3"], [null, null, null]],
  ["none that is no word", ["\x01bad", "good"], [null, "good"]],
])("unique ids: %s", async (_, uids, expected) => {
  const session = await open({ mails: uids.map((uid) => mail(uid)) });
  expect((await session.list()).map(({ uid }) => uid)).toEqual(expected);
});

test("a server without UIDL has mails without names", async () => {
  const session = await open({ noUidl: true, mails: [mail("a")] });
  expect(await session.list()).toEqual([{ ref: 1, uid: null, size: 20 }]);
});

describe("login", () => {
  test.each([
    ["AUTH PLAIN", ["SASL PLAIN"], /^AUTH PLAIN$/],
    ["USER and PASS", ["USER"], /^PASS secret$/],
    ["USER and PASS where nothing is said of it", null, /^PASS secret$/],
  ])("with %s", async (_, capabilities, command) => {
    const server = await serve({ mails: [], capabilities });
    const session = await openPop3(at(server.port));
    expect(await session.list()).toEqual([]);
    session.close();
    expect(server.commands.filter((line) => command.test(line))).toHaveLength(1);
  });

  test("with an access token", async () => {
    const token = "t".repeat(3000);
    const session = await open({ mails: [mail("a")], token }, { login: { kind: "token", accessToken: token } });
    expect(await session.list()).toHaveLength(1);
  });

  test.each([["SASL PLAIN"], ["USER"]])("a wrong password is refused without being told (%s)", async (capability) => {
    const failure = open(
      { mails: [], capabilities: [capability] },
      { login: { kind: "password", password: "hunter2" } },
    );
    await expect(failure).rejects.toMatchObject({
      problem: "login",
      message: expect.stringMatching(/refused: .*no such user/),
    });
    await expect(failure).rejects.not.toThrow(/hunter2/);
  });

  test("a token that is no longer good is refused in the server's words", async () => {
    const failure = open({ mails: [], token: "new" }, { login: { kind: "token", accessToken: "old" } });
    await expect(failure).rejects.toMatchObject({ problem: "login", message: expect.stringMatching(/"status":"401"/) });
  });

  test("a mailbox that is in use says nothing of the password", async () => {
    const failure = open({
      mails: [],
      capabilities: null,
      misbehave: (line) => (line.startsWith("PASS") ? "-ERR [IN-USE] locked\r\n" : undefined),
    });
    await expect(failure).rejects.toMatchObject({ problem: "refused" });
  });

  test.each([
    ["user", { user: "a\r\nDELE 1" }],
    ["password", { login: { kind: "password", password: "a\nDELE 1" } as const }],
  ])("a %s of two lines never leaves", async (_, changes) => {
    const server = await serve({ mails: [mail("a")], capabilities: null });
    await expect(openPop3(at(server.port, changes))).rejects.toMatchObject({ problem: "login" });
    expect(server.commands.filter((line) => line.includes("DELE"))).toEqual([]);
  });
});

describe("TLS", () => {
  test.each(["implicit", "starttls"] as const)(
    "%s: a certificate that nobody vouches for is refused, unless any will do",
    async (tls) => {
      const server = await serve({ mails: [mail("a")], tls });
      await expect(openPop3(at(server.port, { tls }))).rejects.toMatchObject({
        problem: "tls",
        message: expect.stringMatching(/certificate/),
      });
      expect(server.commands.filter((line) => /AUTH|PASS/.test(line))).toEqual([]);
      const session = await openPop3(at(server.port, { tls, verifyCertificate: false }));
      expect(await session.list()).toHaveLength(1);
      session.close();
    },
  );

  test("a server that does not begin it never hears the password", async () => {
    const server = await serve({ mails: [] });
    await expect(openPop3(at(server.port, { tls: "starttls" }))).rejects.toMatchObject({ problem: "tls" });
    expect(server.commands).toEqual(["CAPA", "STLS"]);
  });

  test("what is slipped in before the handshake ends it", async () => {
    const failure = open(
      { mails: [], misbehave: (line) => (line === "STLS" ? "+OK\r\n+OK slipped in\r\n" : undefined) },
      { tls: "starttls" },
    );
    await expect(failure).rejects.toMatchObject({ problem: "protocol" });
  });
});

describe("a server that does not behave", () => {
  const whole = async (options: Pop3Options) => {
    const session = await open(options);
    const listed = await session.list();
    await fetchAll(
      session,
      listed.map(({ ref }) => ref),
    );
    return session.removeAndEnd([1]);
  };

  test.each(["CAPA", "AUTH PLAIN", "LIST", "UIDL", "RETR 1", "DELE 1", "QUIT"])("may leave at %s", async (command) => {
    const options: Pop3Options = { mails: [mail("a")], misbehave: (line) => (line === command ? null : undefined) };
    await expect(whole(options)).rejects.toMatchObject({ problem: "unreachable" });
    expect(options.mails).toHaveLength(1);
  });

  test.each(["CAPA", "AUTH PLAIN", "LIST", "UIDL", "RETR 1", "DELE 1", "QUIT"])(
    "may send a line without end at %s",
    async (command) => {
      const misbehave = (line: string) => (line === command ? "+".repeat(100_000) : undefined);
      await expect(whole({ mails: [mail("a")], misbehave })).rejects.toMatchObject({ problem: "protocol" });
    },
  );

  test.each([["SSH-2.0-server\r\n"], ["220 mx.example ESMTP\r\n"], ["\r\n"]])(
    "may be another one: %j",
    async (greeting) => {
      await expect(open({ mails: [], greeting })).rejects.toMatchObject({ problem: "protocol" });
    },
  );

  test("may say no at once", async () => {
    await expect(open({ mails: [], greeting: "-ERR too many of you\r\n" })).rejects.toThrow(/too many of you/);
  });

  test("may leave in the middle of a mail, or list what is no number", async () => {
    const session = await open({
      mails: [],
      misbehave: (line) => (line === "LIST" ? "+OK\r\n1 20\r\nx y\r\n-1 3\r\n9999999999 1\r\n.\r\n" : undefined),
    });
    expect(await session.list()).toEqual([{ ref: 1, uid: null, size: 20 }]);
    const server = await listen((socket) => void socket.end("+OK\r\nhalf a ma"));
    const wire = await Pop3Wire.open({
      host: "127.0.0.1",
      port: server.port,
      implicitTls: false,
      verifyCertificate: true,
    });
    await wire.readLine();
    await expect(wire.readMail(LIMIT)).rejects.toMatchObject({ problem: "unreachable" });
    server.close();
  });

  test("may say nothing", async () => {
    const sockets: Listening = await listen((socket) => void endings.push(() => socket.destroy()));
    const wire = await Pop3Wire.open({
      host: "127.0.0.1",
      port: sockets.port,
      implicitTls: false,
      verifyCertificate: true,
      silence: 20,
    });
    await expect(wire.readLine()).rejects.toMatchObject({ problem: "unreachable" });
    sockets.close();
  });

  test("is left when somebody wants to stop", async () => {
    const stop = new AbortController();
    const server = await serve({
      mails: [mail("a")],
      misbehave: (line) => (line === "RETR 1" ? (stop.abort(), "") : undefined),
    });
    const session = await openPop3(at(server.port), stop.signal);
    await expect(fetchAll(session, [1])).rejects.toMatchObject({ problem: "stopped" });
  });
});
