/** The listener over real sockets: whom it takes, what it answers, and when. */
import { readFileSync } from "node:fs";
import { connect } from "node:net";
import { createTransport } from "nodemailer";
import { afterEach, expect, test } from "vitest";

import { createRates } from "./rates.ts";
import { type Listener, type ListenerOptions, type ReceivedMail, startListener } from "./smtp-listener.ts";

const pem = (name: string) => readFileSync(new URL(`../../../test/dialogues/tls/${name}.pem`, import.meta.url), "utf8");

let listener: Listener;
let kept: ReceivedMail[];
afterEach(() => listener.close());

async function start(changes: Partial<ListenerOptions> = {}): Promise<void> {
  kept = [];
  listener = await startListener({
    host: "127.0.0.1",
    port: 0,
    name: "mx.back.example",
    tls: { cert: pem("cert"), key: pem("key") },
    maxBytes: 100_000,
    isRecipient: (address) => Promise.resolve(address.endsWith("@back.example")),
    store: async (mail) => void kept.push(mail),
    onError: () => {},
    ...changes,
  });
}

function send(raw: string | Buffer, to: string | string[] = "bounces@back.example", options: object = {}) {
  const transport = createTransport({
    host: "127.0.0.1",
    port: listener.port,
    tls: { rejectUnauthorized: false },
    ...options,
  });
  return transport.sendMail({ envelope: { from: "", to }, raw });
}

const MAIL = "Subject: Undelivered\r\n\r\n.leading dot\r\n8-bit \xe9\r\n";

test("a mail over TLS is kept byte for byte, with its envelope, before it is answered for", async () => {
  await start();
  const { response } = await send(Buffer.from(MAIL, "latin1"), "bounces@back.example", { requireTLS: true });
  expect(response).toMatch(/^250/);
  expect(kept).toMatchObject([{ remote: "127.0.0.1", returnPath: "", recipients: ["bounces@back.example"] }]);
  expect(Buffer.from(kept[0]?.raw ?? []).toString("latin1")).toBe(MAIL);
});

test("without a certificate TLS is not offered", async () => {
  await start({ tls: null });
  await expect(send(MAIL, "bounces@back.example", { requireTLS: true })).rejects.toThrow(/STARTTLS|TLS/);
  expect((await send(MAIL, "bounces@back.example", { ignoreTLS: true })).response).toMatch(/^250/);
});

test("strangers are refused at RCPT", async () => {
  await start();
  await expect(send(MAIL, "ada@one.example")).rejects.toMatchObject({ responseCode: 550, command: "RCPT TO" });
  const { accepted, rejected } = await send(MAIL, ["ada@one.example", "b@back.example"]);
  expect({ accepted, rejected }).toEqual({ accepted: ["b@back.example"], rejected: ["ada@one.example"] });
  expect(kept.map(({ recipients }) => recipients)).toEqual([["b@back.example"]]);
});

test("what cannot be kept, or known, is to come again", async () => {
  await start({ store: () => Promise.reject(new Error("the database is away")) });
  await expect(send(MAIL)).rejects.toMatchObject({ responseCode: 451, command: "DATA" });
  await listener.close();
  await start({ isRecipient: () => Promise.reject(new Error("the database is away")) });
  await expect(send(MAIL)).rejects.toMatchObject({ responseCode: 451, command: "RCPT TO" });
});

test("a mail that is too large is refused, also when it does not say so before", async () => {
  await start();
  await expect(send(`${MAIL}${"x".repeat(70)}\r\n`.repeat(2000))).rejects.toMatchObject({ responseCode: 552 });
  const answer = await speak([
    "EHLO a.example",
    "MAIL FROM:<>",
    "RCPT TO:<b@back.example>",
    "DATA",
    `${"x".repeat(900)}\r\n`.repeat(200),
    ".",
  ]);
  expect(answer).toMatch(/^552[ -]/m);
  expect(kept).toEqual([]);
});

test("more at once than there is room for is to come again", async () => {
  await start({ limits: { bytes: 1000 } });
  await expect(send("x".repeat(5000))).rejects.toMatchObject({ responseCode: 452 });
  expect((await send(MAIL)).response).toMatch(/^250/);
});

test("one address can neither fill the server nor send without end", async () => {
  await start({ limits: { mailsPerMinute: 2 } });
  await send(MAIL);
  await send(MAIL);
  await expect(send(MAIL)).rejects.toMatchObject({ responseCode: 451 });
  await listener.close();
  await start({ limits: { connectionsEach: 0 } });
  await expect(send(MAIL)).rejects.toMatchObject({ responseCode: 421 });
});

test("rates: by address, by network of 64 bits in IPv6, until the time is over", () => {
  let now = 0;
  const rates = createRates({ connectionsEach: 1, mailsPerMinute: 2 }, 60, () => now);
  expect([1, 2, 3].map(() => rates.take("192.0.2.1"))).toEqual([true, true, false]);
  expect(rates.take("192.0.2.2")).toBe(true);
  expect(["::1", "::2", "::3"].map((end) => rates.take(`2001:db8:1:1${end}`))).toEqual([true, true, false]);
  expect(rates.take("2001:db8:1:2::1")).toBe(true);
  now = 60;
  expect(rates.take("192.0.2.1")).toBe(true);
  expect([rates.connect("192.0.2.1"), rates.connect("192.0.2.1")]).toEqual([true, false]);
  rates.leave("192.0.2.1");
  rates.leave("192.0.2.1");
  expect(rates.connect("192.0.2.1")).toBe(true);
});

/** One line after the other, each when the one before is answered; all that the server said. */
function speak(lines: readonly string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(listener.port, "127.0.0.1");
    const rest = [...lines];
    let said = "";
    socket.on("error", reject);
    socket.on("data", (data) => {
      said += data.toString();
      if (!/^\d{3} [^\n]*\n$/m.test(said.slice(said.lastIndexOf("\n", said.length - 2) + 1))) return;
      const next = rest.shift();
      // The text of a mail is answered for with its dot.
      if (next === undefined) socket.end();
      else socket.write(`${next}\r\n${next.length > 500 ? `${rest.shift()}\r\n` : ""}`);
    });
    socket.on("close", () => resolve(said));
  });
}
