import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { createTransport } from "nodemailer";
import fc from "fast-check";
import { afterEach, describe, expect, test } from "vitest";

import type { LaterReport } from "./later.ts";
import { formatStats, type Sandbox, type SandboxMessage, type SandboxOptions, startSandbox } from "./server.ts";

let sandbox: Sandbox | undefined;
const messages: SandboxMessage[] = [];
const reports: LaterReport[] = [];
afterEach(async () => {
  await sandbox?.close();
  sandbox = undefined;
  messages.length = 0;
  reports.length = 0;
});

async function start(options: Partial<SandboxOptions> = {}): Promise<Sandbox> {
  sandbox = await startSandbox({
    profile: "internet",
    onMessages: (batch) => messages.push(...batch),
    onLater: (report) => reports.push(report),
    ...options,
  });
  return sandbox;
}

/** A client that knows nothing of SMTP: bytes out, text in. */
class RawClient {
  readonly socket: Socket;
  text = "";
  error: Error | undefined;
  readonly closed: Promise<unknown>;

  constructor(port: number) {
    this.socket = connect({ host: "127.0.0.1", port });
    this.socket.on("error", (error) => (this.error = error));
    this.socket.on("data", (chunk) => (this.text += chunk.toString("utf8")));
    this.closed = once(this.socket, "close");
  }

  async until(pattern: RegExp): Promise<string> {
    while (!pattern.test(this.text)) await once(this.socket, "data");
    return this.text;
  }

  /** Everything up to the end of the connection. */
  async rest(bytes: string | Buffer): Promise<string> {
    this.socket.write(bytes);
    await this.closed;
    return this.text;
  }
}

const HELLO = "EHLO client.example\r\nMAIL FROM:<news@brand.test>\r\n";
const CONTENT = "Subject: hello\r\nFrom: a@b.example\r\n\r\n..dot\r\nJ\u00f6rg\r\n.\r\n";
const codes = (text: string) =>
  text
    .split("\r\n")
    .filter((line) => /^\d{3} /.test(line))
    .map((line) => line.slice(0, 3));

describe("one segment", () => {
  test("commands, content and the next message in one segment", async () => {
    const client = new RawClient((await start()).port);
    const message = `RCPT TO:<anna@sandbox.test>\r\nDATA\r\n${CONTENT}`;
    const text = await client.rest(`${HELLO}${message}MAIL FROM:<news@brand.test>\r\n${message}QUIT\r\n`);
    expect(codes(text)).toEqual(["220", "250", "250", "250", "354", "250", "250", "250", "354", "250", "221"]);
    expect(text).toContain(
      "250-PIPELINING\r\n250-8BITMIME\r\n250-SMTPUTF8\r\n250-SIZE 52428800\r\n250 ENHANCEDSTATUSCODES",
    );
    expect(messages).toHaveLength(2);
    expect(messages[0]).toMatchObject({
      mailFrom: "news@brand.test",
      rcptTo: "anna@sandbox.test",
      domain: "sandbox.test",
    });
    expect(Buffer.from(messages[1]?.raw ?? []).toString()).toBe(
      "Subject: hello\r\nFrom: a@b.example\r\n\r\n.dot\r\nJ\u00f6rg\r\n",
    );
  });

  test("byte by byte is the same", async () => {
    const client = new RawClient((await start()).port);
    const script = Buffer.from(`${HELLO}RCPT TO:<anna@sandbox.test>\r\nDATA\r\n${CONTENT}QUIT\r\n`);
    client.socket.setNoDelay(true);
    for (const byte of script.subarray(0, -1)) await new Promise((done) => client.socket.write(Buffer.of(byte), done));
    expect(codes(await client.rest(script.subarray(-1)))).toEqual(["220", "250", "250", "250", "354", "250", "221"]);
    expect(Buffer.from(messages[0]?.raw ?? []).toString()).toContain("\r\n.dot\r\nJ\u00f6rg\r\n");
  });
});

describe("outcomes on the wire", () => {
  const send = async (recipient: string) => {
    const { port } = await start();
    return new RawClient(port).rest(`${HELLO}RCPT TO:<${recipient}>\r\nDATA\r\n${CONTENT}QUIT\r\n`);
  };
  test("drop amid content: 354, then the end", async () => {
    expect(codes(await send("drop-data@sandbox.test")).at(-1)).toBe("354");
    expect(messages).toHaveLength(0);
    expect(sandbox?.stats().dropped).toBe(1);
  });
  test("drop at the dot: no reply", async () => expect(codes(await send("drop-dot@x.test")).at(-1)).toBe("354"));
  test("garbage", async () => expect(await send("garbage-rcpt@x.test")).toMatch(/\?\?\r\n$/));
  test("421 closes, the pipelined rest is ignored without a reset", async () => {
    const client = new RawClient((await start()).port);
    const rest = "x".repeat(4_000_000);
    expect(codes(await client.rest(`${HELLO}RCPT TO:<rcpt-421-4.7.0@x.test>\r\nDATA\r\n${rest}`))).toEqual([
      "220",
      "250",
      "250",
      "421",
    ]);
    expect(client.error).toBeUndefined();
    expect(sandbox?.stats()).toMatchObject({ deferred: 1, accepted: 0 });
  });
  test("refused with the reply that was asked for", async () => {
    expect(await send("dot-554-5.7.1+tag@x.test")).toMatch(/\r\n554 5\.7\.1 /);
    expect(sandbox?.stats()).toMatchObject({ refused: 1, accepted: 0 });
  });
  test("slow: the reply waits, the client's next commands too", async () => {
    const before = performance.now();
    expect(codes(await send("slow-1s@x.test")).slice(-2)).toEqual(["250", "221"]);
    expect(performance.now() - before).toBeGreaterThanOrEqual(990);
    expect(messages).toHaveLength(1);
  });
});

describe("listeners", () => {
  test("a provider without enhanced codes on its own port", async () => {
    const { portFor } = await start();
    const text = await new RawClient(portFor("GMQ.example")).rest(`${HELLO}RCPT TO:<anna@gmq.example>\r\nQUIT\r\n`);
    expect(text).toMatch(/^220 mx\.gmq\.example ESMTP/);
    expect(text).not.toMatch(/ENHANCED|2\.1\.0/);
  });
  test("domains that refuse, drop or greet with garbage", async () => {
    const { portFor, port } = await start();
    expect(await new RawClient(portFor("connect-554.test")).rest("")).toMatch(/^554 5\.7\.1 /);
    expect(await new RawClient(portFor("connect-drop.test")).rest("")).toBe("");
    expect(await new RawClient(portFor("connect-garbage.test")).rest("")).toContain("??");
    expect(portFor("anything.example")).toBe(port);
  });
  test("routes name each provider and all others; profile accept has one listener", async () => {
    const first = await start();
    expect(first.routes()["gomail.example"]?.port).toBe(first.portFor("gomail.example"));
    expect(first.routes()["*"]).toEqual({ host: "127.0.0.1", port: first.port });
    const plain = await startSandbox({ profile: "accept" });
    expect(Object.keys(plain.routes())).toEqual(["*"]);
    await plain.close();
  });
  test("a port in use is said by name", async () => {
    const { port } = await start();
    await expect(startSandbox({ profile: "accept", port })).rejects.toThrow(`Port ${port}`);
  });
});

describe("an independent client", () => {
  test("nodemailer delivers, also UTF-8 addresses and several recipients, and sees refusals", async () => {
    const { port } = await start();
    const transport = createTransport({ host: "127.0.0.1", port, ignoreTLS: true, pool: true, maxConnections: 1 });
    const to = ["anna@sandbox.test", "j\u00f6rg@sandbox.test", "unknown@sandbox.test"];
    const info = await transport.sendMail({
      from: "news@brand.test",
      to,
      subject: "Gr\u00fc\u00dfe",
      text: ".\n..\nhello",
    });
    expect(info.accepted).toEqual(to.slice(0, 2));
    expect(info.rejected).toEqual(["unknown@sandbox.test"]);
    await expect(transport.sendMail({ from: "n@b.test", to: "dot-552-5.2.2@a.test", text: "x" })).rejects.toMatchObject(
      {
        responseCode: 552,
      },
    );
    transport.close();
    expect(messages.map((m) => m.rcptTo)).toEqual(to.slice(0, 2));
    expect(Buffer.from(messages[0]?.raw ?? []).toString()).toContain("\r\n.\r\n..\r\nhello");
  });
});

describe("later", () => {
  test("bounces go to the return path, complaints too, nothing to the empty one", async () => {
    const { port } = await start({ now: () => 1_000_000 });
    const to = (path: string, recipient: string) =>
      `MAIL FROM:<${path}>\r\nRCPT TO:<${recipient}>\r\nDATA\r\n${CONTENT}`;
    await new RawClient(port).rest(
      `EHLO a\r\n${to("b@brand.test", "bounce-later-7s@a.test")}${to("b@brand.test", "complain-later@a.test")}${to("", "bounce-later@a.test")}QUIT\r\n`,
    );
    expect(reports.map(({ dueAt, kind, mailFrom, rcptTo }) => ({ dueAt, kind, mailFrom, rcptTo }))).toEqual([
      { dueAt: 1_007_000, kind: "bounce", mailFrom: "", rcptTo: "b@brand.test" },
      { dueAt: 1_005_000, kind: "complaint", mailFrom: "fbl@mx.sandbox.test", rcptTo: "b@brand.test" },
    ]);
    expect(Buffer.from(reports[0]?.raw ?? []).toString()).toContain("Final-Recipient: rfc822; bounce-later-7s@a.test");
  });
});

describe("hostile input", () => {
  test("a line without end is cut off", async () => {
    const client = new RawClient((await start()).port);
    expect(await client.rest("x".repeat(5000))).toMatch(/500 5\.5\.2 Line too long\r\n$/);
  });
  test("content over the limit is refused at its end and not kept; the connection goes on", async () => {
    const client = new RawClient((await start()).port);
    client.socket.write(`${HELLO}RCPT TO:<anna@sandbox.test>\r\nDATA\r\n`);
    const megabyte = Buffer.alloc(1024 * 1024, "0123456789abcdef012345678901234567890123456789012345678901234\r\n");
    for (let i = 0; i < 51; i++) client.socket.write(megabyte);
    expect(codes(await client.rest("\r\n.\r\nNOOP\r\nQUIT\r\n")).slice(-4)).toEqual(["354", "552", "250", "221"]);
    expect(messages).toHaveLength(0);
  });
  test("random bytes and half commands never stop it", async () => {
    const { port } = await start();
    const piece = fc.oneof(
      fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes)),
      fc
        .constantFrom(HELLO, "RCPT TO:<a@b.test>\r\n", "DATA\r\n", ".\r\n", "\r\n.\r\n", "RSET\r\n", "\0", "QUIT")
        .map((s) => Buffer.from(s)),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(piece, { maxLength: 12 }), fc.boolean(), async (pieces, rude) => {
        const client = new RawClient(port);
        await once(client.socket, "connect");
        for (const bytes of pieces) client.socket.write(bytes);
        if (rude) client.socket.resetAndDestroy();
        else client.socket.end();
        await client.closed;
      }),
      { numRuns: 150 },
    );
    expect(codes(await new RawClient(port).rest("QUIT\r\n"))).toEqual(["220", "221"]);
  });
  test("a client that never reads is not read from without end", async () => {
    const { port } = await start();
    const [deaf, other] = [new RawClient(port), new RawClient(port)];
    await deaf.until(/^220/);
    deaf.socket.pause();
    // far more than the kernel's buffers hold on both sides, in commands and in replies
    deaf.socket.write("NOOP\r\n".repeat(4_000_000));
    let left = Number.POSITIVE_INFINITY;
    let still = 0;
    while (still < 50) {
      other.text = "";
      other.socket.write("NOOP\r\n");
      await other.until(/250 2\.0\.0 Ok\r\n$/);
      still = deaf.socket.writableLength === left ? still + 1 : 0;
      left = deaf.socket.writableLength;
    }
    expect(left).toBeGreaterThan(0);
    deaf.socket.destroy();
    await deaf.closed;
  });
});

test("statistics fit one line", async () => {
  const { stats } = await start();
  expect(formatStats(stats())).toBe(
    "accepted 0 · refused 0 · deferred 0 · dropped 0 · reports 0 · connections 0 (0 open) · 0.0 MB",
  );
});
