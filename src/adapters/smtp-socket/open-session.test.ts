import { once } from "node:events";
import { type AddressInfo, createServer, type Socket } from "node:net";
import { afterEach, describe, expect, test } from "vitest";

import {
  CERTIFICATE,
  greet,
  listen as listenOnLoopback,
  readUntil,
  secureServer,
} from "../../../test/dialogues/loopback.ts";
import type { Outcome } from "../../core/smtp/outcome.ts";
import type { Duration } from "../../core/time.ts";
import type {
  CloseReason,
  ConnectionFacts,
  ConnectionOptions,
  OutgoingMessage,
  SessionHandle,
} from "./connection-types.ts";
import { openSession } from "./open-session.ts";
import { DEFAULT_TIMEOUTS, type Timeouts } from "./timeouts.ts";

const ENVELOPE = "250 ok\r\n250 ok\r\n354 go\r\n";

const endings: (() => void)[] = [];
afterEach(() => {
  for (const end of endings.splice(0)) end();
});

async function listen(serve: (socket: Socket) => Promise<void> | void): Promise<number> {
  const server = await listenOnLoopback(serve);
  endings.push(() => server.close());
  return server.port;
}

function message(tag: string, body: OutgoingMessage["body"] = `Subject: ${tag}\r\n\r\n`): OutgoingMessage {
  return {
    tag,
    mailFrom: "",
    rcptTo: "a@example.com",
    sizeBytes: body.length,
    is8bit: false,
    needsSmtpUtf8: false,
    body,
  };
}

function timeoutsOf(phases: Partial<Timeouts>): Timeouts {
  return { ...DEFAULT_TIMEOUTS, ...phases };
}

type Run = {
  handle: SessionHandle;
  log: string[];
  outcomes: Map<string, Outcome>;
  facts: ConnectionFacts[];
  closed: Promise<CloseReason>;
};

function run(
  port: number,
  messages: OutgoingMessage[],
  options: Partial<ConnectionOptions> = {},
  beforeFlush: (tags: readonly string[]) => void = () => {},
): Run {
  const log: string[] = [];
  const outcomes = new Map<string, Outcome>();
  const facts: ConnectionFacts[] = [];
  const closed = Promise.withResolvers<CloseReason>();
  const handle = openSession(
    {
      helo: "client.example",
      tls: "none",
      credentials: null,
      maxMessages: messages.length,
      pipelining: true,
      chunking: true,
      address: "127.0.0.1",
      port,
      mx: "mx.example",
      localAddress: null,
      timeouts: DEFAULT_TIMEOUTS,
      ca: null,
      ...options,
    },
    {
      takeMessage: () => messages.shift() ?? null,
      onOutcome: (tag, outcome, seen) => {
        log.push(`${tag} ${outcome.kind}`);
        outcomes.set(tag, outcome);
        facts.push(seen);
      },
      onReturn: (tag) => log.push(`${tag} returned`),
      beforeFlush: (tags) => {
        log.push(`journal ${tags.join(" ")}`);
        beforeFlush(tags);
      },
      onClose: (reason) => {
        log.push("closed");
        closed.resolve(reason);
      },
    },
  );
  return { handle, log, outcomes, facts, closed: closed.promise };
}

test("the final dot and the next envelope travel in one write", async () => {
  const writes: string[] = [];
  const port = await listen(async (socket) => {
    await greet(socket, "PIPELINING");
    writes.push(...(await readUntil(socket, "DATA\r\n")));
    socket.write(ENVELOPE);
    writes.push(...(await readUntil(socket, "DATA\r\n")));
    socket.write(`250 ok\r\n${ENVELOPE}`);
    writes.push(...(await readUntil(socket, ".\r\n")));
    socket.write("250 ok\r\n");
    writes.push(...(await readUntil(socket, "QUIT\r\n")));
    socket.end("221 bye\r\n");
  });
  const { closed, log, facts } = run(port, [message("A"), message("B")]);
  expect(await closed).toEqual({ kind: "quit" });
  const envelope = "MAIL FROM:<>\r\nRCPT TO:<a@example.com>\r\nDATA\r\n";
  expect(writes).toEqual([envelope, `Subject: A\r\n\r\n.\r\n${envelope}`, "Subject: B\r\n\r\n.\r\n", "QUIT\r\n"]);
  expect(log).toEqual(["journal A", "A accepted", "journal B", "B accepted", "closed"]);
  expect(facts[0]).toEqual({ mx: "mx.example", tls: null, sourceIp: "127.0.0.1", remoteIp: "127.0.0.1" });
});

test("nothing of the content leaves when the journal cannot be written", async () => {
  let received = "";
  const ended = Promise.withResolvers<void>();
  const port = await listen(async (socket) => {
    await greet(socket, "PIPELINING");
    await readUntil(socket, "DATA\r\n");
    socket.on("data", (bytes) => (received += bytes.toString()));
    socket.on("end", () => ended.resolve());
    socket.write(ENVELOPE);
  });
  const full = new Error("no space left");
  const { closed, log } = run(port, [message("A"), message("B")], {}, () => {
    throw full;
  });
  expect(await closed).toEqual({ kind: "withheld", error: full });
  await ended.promise;
  expect(log).toEqual(["journal A", "A returned", "B returned", "closed"]);
  expect(received).toBe("");
});

test.each([
  ["text", "x".repeat(75).concat("\r\n").repeat(40_000)],
  ["bytes", Buffer.from("ä€\r\n".repeat(300_000))],
])("a body of megabytes arrives as it is (%s)", async (_, body) => {
  let received = "";
  const port = await listen(async (socket) => {
    await greet(socket);
    for (const [end, reply] of [
      ["\r\n", "250 ok"],
      ["\r\n", "250 ok"],
      ["DATA\r\n", "354 go"],
    ] as const) {
      await readUntil(socket, end);
      socket.write(`${reply}\r\n`);
    }
    received = (await readUntil(socket, "\r\n.\r\n")).join("");
    socket.write("250 ok\r\n");
    await readUntil(socket, "QUIT\r\n");
    socket.end("221 bye\r\n");
  });
  const { closed, outcomes } = run(port, [message("A", body)]);
  await closed;
  expect(outcomes.get("A")?.kind).toBe("accepted");
  const sent = typeof body === "string" ? body : body.toString("latin1");
  expect(received === `${sent}.\r\n`).toBe(true);
});

test("a port where nobody listens is unreachable, and no message is taken", async () => {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  const messages = [message("A")];
  const { closed } = run(port, messages);
  expect(await closed).toMatchObject({
    kind: "failed",
    phase: "connect",
    outcome: {
      kind: "lost",
      stage: "connect",
      trouble: "unreachable",
      detail: expect.stringContaining("ECONNREFUSED"),
    },
  });
  expect(messages).toHaveLength(1);
});

test("the connection comes from the source address", async () => {
  const remote = Promise.withResolvers<string | undefined>();
  const port = await listen((socket) => {
    remote.resolve(socket.remoteAddress);
    socket.end("554 no\r\n");
  });
  const { closed } = run(port, [], { localAddress: "127.0.0.2" });
  expect(await remote.promise).toBe("127.0.0.2");
  expect(await closed).toMatchObject({ kind: "failed", outcome: { kind: "refused", stage: "connect" } });
});

test("abort leaves a message in doubt whose final dot is out", async () => {
  const port = await listen(async (socket) => {
    await greet(socket, "PIPELINING");
    await readUntil(socket, "DATA\r\n");
    socket.write(ENVELOPE);
    await readUntil(socket, ".\r\n");
    handle.abort("shutting down");
  });
  const { handle, closed, outcomes } = run(port, [message("A")]);
  expect(await closed).toEqual({ kind: "lost", detail: "shutting down" });
  expect(outcomes.get("A")).toMatchObject({ kind: "lost", stage: "dot", trouble: "closed", inDoubt: true });
});

describe("time-outs", () => {
  const SHORT: Duration = 80;

  test("a reply that trickles in for ever ends the connection", async () => {
    const port = await listen(async (socket) => {
      await greet(socket, "PIPELINING");
      const trickle = setInterval(() => socket.write("2"), 10);
      socket.on("close", () => clearInterval(trickle));
    });
    const { closed, outcomes } = run(port, [message("A")], { timeouts: timeoutsOf({ mail: SHORT }) });
    await closed;
    expect(outcomes.get("A")).toMatchObject({ kind: "lost", stage: "mail", trouble: "timeout" });
  });

  test("a server that stops reading the content does not hold the connection for the time of the final dot", async () => {
    const port = await listen(async (socket) => {
      await greet(socket, "PIPELINING");
      await readUntil(socket, "DATA\r\n");
      socket.pause();
      socket.write(ENVELOPE);
    });
    const { closed, outcomes } = run(port, [message("A", "x\r\n".repeat(10_000_000))], {
      timeouts: timeoutsOf({ body: SHORT }),
    });
    await closed;
    // The end of the content was never given to the socket.
    expect(outcomes.get("A")).toMatchObject({ kind: "lost", stage: "data", trouble: "timeout", inDoubt: false });
  });

  test("an idle connection has none", async () => {
    const idle = Promise.withResolvers<void>();
    const port = await listen(async (socket) => {
      await greet(socket, "PIPELINING");
      setTimeout(idle.resolve, 3 * SHORT);
    });
    const all = Object.fromEntries(Object.keys(DEFAULT_TIMEOUTS).map((phase) => [phase, SHORT])) as Timeouts;
    const { handle, log, closed } = run(port, [], { timeouts: all, maxMessages: 1 });
    await idle.promise;
    expect(log).toEqual([]);
    expect(handle.isIdle()).toBe(true);
    handle.abort("enough");
    await closed;
  });
});

describe("TLS", () => {
  const serveTls = async (plain: Socket) => {
    await greet(plain, "STARTTLS");
    await readUntil(plain, "STARTTLS\r\n");
    plain.write("220 go\r\n");
    const socket = secureServer(plain);
    await readUntil(socket, "\r\n");
    socket.write("250-mx\r\n250 PIPELINING\r\n");
    await readUntil(socket, "DATA\r\n");
    socket.write(ENVELOPE);
    await readUntil(socket, ".\r\n");
    socket.write("250 ok\r\n");
    await readUntil(socket, "QUIT\r\n");
    socket.end("221 bye\r\n");
  };

  test("opportunistic does not ask whose certificate it is", async () => {
    const { closed, log, facts } = run(await listen(serveTls), [message("A")], {
      tls: "opportunistic",
      mx: "other.example",
    });
    expect(await closed).toEqual({ kind: "quit" });
    expect(log).toContain("A accepted");
    expect(facts[0]?.tls).toMatch(/^TLSv1\.[23] TLS_\w+$/);
  });

  test.each([
    ["of another name", { mx: "other.example", ca: CERTIFICATE }],
    ["of an unknown authority", { mx: "mx.example", ca: null }],
  ])("required refuses a certificate %s", async (_, options) => {
    const { closed, log } = run(await listen(serveTls), [message("A")], { tls: "required", ...options });
    expect(await closed).toMatchObject({ kind: "failed", phase: "tls", outcome: { stage: "ehlo", trouble: "tls" } });
    expect(log).toEqual(["closed"]);
  });
});
