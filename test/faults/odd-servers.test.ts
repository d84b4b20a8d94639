/** Servers that talk out of turn, and servers that read too slowly or no more. */
import type { Socket } from "node:net";
import { afterEach, describe, expect, test } from "vitest";

import { bodyOf } from "../dialogues/dialogue.ts";
import { greet, listen, readUntil } from "../dialogues/loopback.ts";
import { describeEnd, expectRules, messageOf, shortIn, Subject } from "./subject.ts";

const endings: (() => void)[] = [];
afterEach(() => {
  for (const end of endings.splice(0)) end();
});

async function listenTo(serve: (socket: Socket) => Promise<void> | void): Promise<number> {
  const server = await listen((socket) => {
    endings.push(() => socket.destroy());
    return serve(socket);
  });
  endings.push(() => server.close());
  return server.port;
}

const ENVELOPE = "250 ok\r\n250 ok\r\n354 go\r\n";
/** More than the kernel's buffers of a connection on loopback take. */
const LARGE = "0123456789abcdef\r\n".repeat(1_500_000);

describe("talks out of turn", () => {
  test("everything at once before anything was asked", async () => {
    const port = await listenTo((socket) => {
      socket.write(`220 mx\r\n250-mx\r\n250 PIPELINING\r\n${ENVELOPE}250 accepted\r\n`);
    });
    const ended = await new Subject({ port }, [messageOf("A")]).ended;
    expect(describeEnd(ended)).toBe("failed: lost ehlo garbage");
    expect(ended.taken).toEqual([]);
  });

  test.each([
    ["250 accepted\r\n", "A lost data garbage"],
    ["550 5.7.1 no\r\n", "A refused data 550"],
  ])("an answer to the content before the content: %j", async (words, outcome) => {
    let received = "";
    const port = await listenTo(async (socket) => {
      await greet(socket, "PIPELINING");
      await readUntil(socket, "DATA\r\n");
      socket.on("data", (data) => (received += data.toString("latin1")));
      socket.write(`${ENVELOPE}${words}`);
    });
    const ended = await new Subject({ port }, [messageOf("A")]).ended;
    expect(describeEnd(ended)).toBe(outcome);
    expect(received).toBe("");
  });

  test("two answers to the final dot shift all that follow, until one does not fit", async () => {
    const port = await listenTo(async (socket) => {
      await greet(socket, "PIPELINING");
      await readUntil(socket, "DATA\r\n");
      socket.write(ENVELOPE);
      await readUntil(socket, "DATA\r\n");
      socket.write(`250 ok\r\n250 ok again\r\n${ENVELOPE}`);
    });
    const ended = await new Subject({ port }, [messageOf("A"), messageOf("B")]).ended;
    expect(describeEnd(ended)).toBe("A accepted; B lost data garbage");
    expectRules(ended, ["A"]);
  });

  test("a server that reads a chunk as commands refuses nobody", async () => {
    const port = await listenTo(async (socket) => {
      await greet(socket, "PIPELINING", "CHUNKING");
      await readUntil(socket, "RCPT TO:<a@example.com>\r\n");
      socket.write("250 ok\r\n250 ok\r\n");
      const lines = (await readUntil(socket, "RCPT TO:<b@example.com>\r\n")).join("").split("\r\n");
      socket.write(lines.map(() => "500 5.5.2 what\r\n").join(""));
    });
    const ended = await new Subject({ port }, [messageOf("A"), messageOf("B")]).ended;
    expect(describeEnd(ended)).toBe("A lost data garbage; B returned");
    expect(ended.reason).toEqual({ kind: "chunking-refused" });
  });
});

describe.each([
  ["DATA", "PIPELINING"],
  ["BDAT", "CHUNKING"],
])("reads the content (%s)", (_, capability) => {
  async function upToContent(socket: Socket): Promise<void> {
    await greet(socket, "PIPELINING", capability);
    await readUntil(socket, "\r\n");
    // Paused before the client learns that it may send.
    socket.pause();
    socket.write(capability === "CHUNKING" ? "250 ok\r\n250 ok\r\n" : ENVELOPE);
  }

  test("no more: what cannot have all of the content is in no doubt", async () => {
    const port = await listenTo(upToContent);
    const ended = await new Subject({ port, timeouts: shortIn("body") }, [messageOf("A", LARGE)]).ended;
    expect(describeEnd(ended)).toBe("A lost data timeout");
    expectRules(ended, [], ["A"]);
  });

  test("no more, with all of it in the buffers on the way: in doubt", async () => {
    const port = await listenTo(upToContent);
    const ended = await new Subject({ port, timeouts: shortIn("dot") }, [messageOf("A")]).ended;
    expect(describeEnd(ended)).toBe("A lost dot timeout in doubt");
    expectRules(ended, []);
  });

  test("in part, and refuses it before its end", async () => {
    const port = await listenTo(async (socket) => {
      await upToContent(socket);
      socket.write("552 5.3.4 too large\r\n");
    });
    const ended = await new Subject({ port }, [messageOf("A", LARGE), messageOf("B")]).ended;
    expect(describeEnd(ended)).toMatch(/^A refused data 552/);
    expectRules(ended, ["A"]);
  });

  test("no more, and then resets", async () => {
    const port = await listenTo(async (socket) => {
      await upToContent(socket);
      await new Promise((resolve) => setImmediate(resolve));
      socket.resetAndDestroy();
    });
    const ended = await new Subject({ port }, [messageOf("A", LARGE)]).ended;
    expect(describeEnd(ended)).toBe("A lost data closed");
    expectRules(ended, [], ["A"]);
  });

  test("slowly: as long as bytes leave, no time-out ends it", async () => {
    const startedAt = performance.now();
    const port = await listenTo(async (socket) => {
      await upToContent(socket);
      let left = capability === "CHUNKING" ? `BDAT ${LARGE.length} LAST\r\n${LARGE}`.length : `${LARGE}.\r\n`.length;
      socket.on("data", (data) => {
        left -= data.length;
        if (left < 0) return void socket.end("221 bye\r\n");
        if (left === 0) return void socket.write("250 ok\r\n");
        socket.pause();
        setTimeout(() => socket.resume(), 5);
      });
      socket.resume();
    });
    const timeouts = { ...shortIn("body"), body: 800 };
    const ended = await new Subject({ port, timeouts }, [messageOf("A", LARGE)]).ended;
    expect(describeEnd(ended)).toBe("A accepted");
    // It took longer than the time-out: otherwise this shows nothing.
    expect(performance.now() - startedAt).toBeGreaterThan(800);
  });
});

test("a refused recipient costs nothing of the next message's content", async () => {
  const port = await listenTo(async (socket) => {
    await greet(socket, "PIPELINING", "CHUNKING");
    await readUntil(socket, "RCPT TO:<a@example.com>\r\n");
    socket.write("250 ok\r\n550 5.1.1 unknown\r\n");
    const next = (await readUntil(socket, "RCPT TO:<b@example.com>\r\n")).join("");
    expect(next).toBe("RSET\r\nMAIL FROM:<bounce@sender.example>\r\nRCPT TO:<b@example.com>\r\n");
    socket.write("250 ok\r\n250 ok\r\n250 ok\r\n");
    await readUntil(socket, bodyOf("B"));
    socket.write("250 ok\r\n");
    await readUntil(socket, "QUIT\r\n");
    socket.end("221 bye\r\n");
  });
  const ended = await new Subject({ port }, [messageOf("A"), messageOf("B")]).ended;
  expect(describeEnd(ended)).toBe("A refused rcpt 550; B accepted");
  expect(ended.journaled).toEqual(["B"]);
});
