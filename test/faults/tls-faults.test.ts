/** What comes of TLS that fails or is attacked, under each policy; `outcomes.md` names it. */
import { connect, type Socket } from "node:net";
import type { SecureContextOptions } from "node:tls";
import { afterEach, describe, expect, test } from "vitest";

import type { ConnectionOptions } from "../../src/adapters/smtp-socket/connection-types.ts";
import {
  CERTIFICATE,
  EXPIRED_CERTIFICATE,
  greet,
  listenUntil,
  readUntil,
  secureServer,
  takeMessage,
} from "../dialogues/loopback.ts";
import { readOutcomes } from "./outcome-table.ts";
import { describeEnd, type Ended, expectRules, messageOf, shortIn, Subject } from "./subject.ts";

const OUTCOMES = readOutcomes();

const endings: (() => void)[] = [];
afterEach(() => {
  for (const end of endings.splice(0)) end();
});

const listenTo = (serve: (socket: Socket) => Promise<void> | void) => listenUntil(endings, serve);

async function upToStartTls(socket: Socket, reply: string): Promise<void> {
  await greet(socket, "STARTTLS");
  await readUntil(socket, "STARTTLS\r\n");
  socket.write(reply);
}

async function serveSecurely(plain: Socket, special?: SecureContextOptions): Promise<void> {
  await upToStartTls(plain, "220 go\r\n");
  const socket = secureServer(plain, special);
  await readUntil(socket, "\r\n");
  socket.write("250 mx\r\n");
  await takeMessage(socket);
}

/** Refuses STARTTLS and takes mail in plain all the same. */
async function refuse(socket: Socket, reply: string): Promise<void> {
  await upToStartTls(socket, reply);
  await takeMessage(socket);
}

const INSTEAD: Readonly<Record<string, (socket: Socket) => void>> = {
  "speaks plain": (socket) => void socket.write("250 mx.example, in plain\r\n"),
  closes: (socket) => void socket.end(),
  resets: (socket) => void socket.resetAndDestroy(),
  "is silent": () => {},
};

/** The client has begun the handshake; nobody answers it. */
async function insteadOfHandshake(socket: Socket, act: (socket: Socket) => void): Promise<void> {
  await upToStartTls(socket, "220 go\r\n");
  socket.once("data", () => act(socket));
}

type Server = { readonly serve: (socket: Socket) => Promise<void>; readonly options?: Partial<ConnectionOptions> };

const SERVERS: Readonly<Record<string, Server>> = {
  "is as it should be": { serve: serveSecurely },
  "does not offer STARTTLS": {
    serve: async (socket) => {
      await greet(socket);
      await takeMessage(socket);
    },
  },
  "refuses STARTTLS with 454": { serve: (socket) => refuse(socket, "454 4.7.0 not now\r\n") },
  "answers STARTTLS with 354": { serve: (socket) => refuse(socket, "354 go ahead\r\n") },
  "sends a reply along with 220": { serve: (socket) => upToStartTls(socket, "220 go\r\n250 mx\r\n") },
  "sends half a reply along with 220": { serve: (socket) => upToStartTls(socket, "220 go\r\n250-m") },
  ...Object.fromEntries(
    Object.entries(INSTEAD).map(([what, act]) => [
      `${what} in place of the handshake`,
      { serve: (socket: Socket) => insteadOfHandshake(socket, act), options: { timeouts: shortIn("tls") } },
    ]),
  ),
  "knows TLS 1.1 at most": {
    serve: (socket) =>
      serveSecurely(socket, { minVersion: "TLSv1", maxVersion: "TLSv1.1", ciphers: "DEFAULT@SECLEVEL=0" }),
  },
  "has a certificate of nobody": { serve: serveSecurely, options: { ca: null } },
  "has a certificate of another name": { serve: serveSecurely, options: { mx: "other.example" } },
  "has a certificate out of date": {
    serve: (socket) => serveSecurely(socket, { cert: EXPIRED_CERTIFICATE }),
    options: { ca: EXPIRED_CERTIFICATE },
  },
};

const POLICIES: Readonly<Record<string, Partial<ConnectionOptions>>> = {
  opportunistic: { tls: "opportunistic" },
  encrypted: { tls: "encrypted" },
  required: { tls: "required" },
  "DANE holds": { tls: "encrypted", verifyPeer: () => null },
  "DANE fails": { tls: "required", verifyPeer: () => "the certificate matches none of the TLSA records" },
};

function endOf(port: number, options: Partial<ConnectionOptions>): Promise<Ended> {
  return new Subject({ port, ca: CERTIFICATE, ...options }, [messageOf("A")]).ended;
}

describe.each(Object.entries(SERVERS))("a server that %s", (name, { serve, options = {} }) => {
  test.each(Object.entries(POLICIES))("%s", async (policy, asked) => {
    const ended = await endOf(await listenTo(serve), { ...asked, ...options });
    expect(describeEnd(ended)).toBe(OUTCOMES.get(`TLS | ${name} | ${policy}`));
    const isAccepted = describeEnd(ended) === "A accepted";
    expectRules(ended, isAccepted ? ["A"] : []);
    // Whoever asks for TLS never gets an acceptance without.
    if (isAccepted && policy !== "opportunistic") expect(ended.facts.tls).toMatch(/^TLSv1\.[23] TLS_/);
  });
});

test("every line and column of the table is tried", () => {
  const tried = Object.keys(SERVERS).flatMap((server) => Object.keys(POLICIES).map((p) => `TLS | ${server} | ${p}`));
  expect(tried.toSorted()).toEqual([...OUTCOMES.keys()].filter((key) => key.startsWith("TLS | ")).toSorted());
});

test("a verification that throws is a refusal", async () => {
  const ended = await endOf(await listenTo(serveSecurely), {
    tls: "encrypted",
    verifyPeer: () => {
      throw new Error("bad DER");
    },
  });
  expect(ended.reason).toMatchObject({ phase: "tls", outcome: { trouble: "tls", detail: /bad DER/ } });
});

test("the password never goes over a connection that was to be encrypted and is not", async () => {
  let received = "";
  const port = await listenTo((socket) => {
    socket.on("data", (data) => (received += data.toString("latin1")));
    return greet(socket, "AUTH PLAIN");
  });
  const ended = await endOf(port, { tls: "encrypted", credentials: { user: "user", password: "secret" } });
  expect(describeEnd(ended)).toBe("failed: lost ehlo tls");
  expect(received).not.toContain("AUTH");
});

describe("the connection is cut at the raw bytes of TLS", () => {
  /** Passes so many bytes of the server on and then breaks both ends. */
  async function cutAfter(bytes: number, target: number): Promise<{ port: number; passed: () => number }> {
    let passed = 0;
    const port = await listenTo((client) => {
      const server = connect({ port: target, host: "127.0.0.1", noDelay: true });
      endings.push(() => server.destroy());
      server.on("error", () => {});
      client.on("data", (data) => server.write(data));
      client.on("close", () => server.destroy());
      server.on("data", (data) => {
        const part = data.subarray(0, bytes - passed);
        passed += part.length;
        // The reset comes when the client's kernel has what came before.
        client.write(part, () => {
          if (passed >= bytes) client.resetAndDestroy();
        });
      });
      server.on("end", () => client.end());
    });
    return { port, passed: () => passed };
  }

  test("all ends are named, and the later the cut, the further the session", async () => {
    const target = await listenTo(serveSecurely);
    const whole = await cutAfter(Number.POSITIVE_INFINITY, target);
    expect(describeEnd(await endOf(whole.port, { tls: "encrypted" }))).toBe("A accepted");
    const seen: string[] = [];
    for (let bytes = 1; bytes < whole.passed(); bytes += 9) {
      const { port } = await cutAfter(bytes, target);
      const ended = await endOf(port, { tls: "encrypted", mx: `mx${bytes}.example` });
      expectRules(ended, describeEnd(ended) === "A accepted" ? ["A"] : []);
      if (seen.at(-1) !== describeEnd(ended)) seen.push(describeEnd(ended));
    }
    const order = [
      "failed: lost connect closed",
      "failed: lost ehlo closed",
      "failed: lost ehlo tls",
      "failed: lost ehlo closed",
      "A lost mail closed",
      "A lost rcpt closed",
      "A lost data closed",
      "A lost dot closed in doubt",
      "A accepted",
    ];
    expect(seen).toEqual(order);
  });
});
