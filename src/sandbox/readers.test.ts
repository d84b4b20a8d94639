import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { createServer as createTcpServer, type AddressInfo } from "node:net";
import { afterEach, beforeEach, expect, test } from "vitest";

import { MAIL_PROXY } from "../core/sandbox/agents.ts";
import { readingOf } from "../core/sandbox/reading.ts";
import { createReaders, type Readers } from "./readers.ts";

type Asked = { readonly line: string; readonly userAgent: string; readonly cookie: string; readonly body: string };

const asked: Asked[] = [];
let base = "";
let readers: Readers | undefined;
let clock = 0;

const server = createServer((request, response) => void answer(request, response));
/** A redirect leads away, as links of a campaign do; it must not be followed. */
async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  let body = "";
  for await (const chunk of request) body += String(chunk);
  const { "user-agent": userAgent = "", cookie = "" } = request.headers;
  asked.push({ line: `${request.method} ${request.url}`, userAgent, cookie, body });
  response.setHeader("set-cookie", "envoi_p=abc; Path=/; HttpOnly");
  response.writeHead(302, { location: `${base}/followed` }).end(() => server.emit("asked"));
}

beforeEach(async () => {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  clock = 0;
});
afterEach(async () => {
  await readers?.close();
  readers = undefined;
  server.closeAllConnections();
  server.close();
  await once(server, "close");
  asked.length = 0;
});

function letterTo(rcptTo: string, publicUrl = base) {
  const html = [
    `<p>Hello <a href="${publicUrl}/r/LINK1">one</a> <a href="${publicUrl}/r/LINK2">two</a>`,
    `<a style="display:none" href="${publicUrl}/r/BAIT">nobody</a><a href="http://127.0.0.2:1/r/AWAY">away</a>`,
    `<a href="${publicUrl}/u/OUT">out</a><a href="${publicUrl}/m/PAGE">page</a><img src="${publicUrl}/o/PIXEL"></p>`,
  ].join("\r\n");
  const raw = [
    `Message-ID: <1@brand.example>`,
    "Subject: letter",
    `List-Unsubscribe: <${publicUrl}/u/OUT>`,
    "List-Unsubscribe-Post: List-Unsubscribe=One-Click",
    "MIME-Version: 1.0",
    "Content-Type: text/html; charset=utf-8",
    "Content-Transfer-Encoding: base64",
    "",
    Buffer.from(html).toString("base64").replace(/.{76}/g, "$&\r\n"),
    "",
  ].join("\r\n");
  const domain = rcptTo.slice(rcptTo.lastIndexOf("@") + 1);
  return { at: 0, mailFrom: "news@brand.example", rcptTo, domain, raw: Buffer.from(raw) };
}

/** All that is asked for a recipient when everything is due; the messages of the last ones end the wait. */
async function readAll(count: number, ...recipients: string[]): Promise<readonly string[]> {
  readers ??= createReaders(base, () => clock);
  readers.add(recipients.map((recipient) => letterTo(recipient)));
  clock += 120_000;
  while (asked.length < count) await once(server, "asked");
  await readers.close();
  readers = undefined;
  return asked.map(({ line }) => line).toSorted();
}

test.each([
  ["open@x.test", ["GET /o/PIXEL"]],
  ["click@x.test", ["GET /o/PIXEL", "GET /r/LINK1"]],
  ["mirror@x.test", ["GET /m/PAGE", "GET /o/PIXEL"]],
  ["unsubscribe@x.test", ["GET /o/PIXEL", "POST /u/OUT"]],
  ["scanner@x.test", ["GET /m/PAGE", "GET /o/PIXEL", "GET /r/BAIT", "GET /r/LINK1", "GET /r/LINK2", "GET /u/OUT"]],
])("%s asks for %j", async (recipient, expected) => {
  expect(await readAll(expected.length, recipient)).toEqual(expected);
  const posts = asked.filter(({ line }) => line.startsWith("POST"));
  expect(posts.every(({ body }) => body === "List-Unsubscribe=One-Click")).toBe(true);
});

test("not before it is due", async () => {
  readers = createReaders(base, () => clock);
  readers.add([letterTo("mirror-3m@x.test"), letterTo("click-1m@x.test")]);
  expect(await readAll(2)).toEqual(["GET /o/PIXEL", "GET /r/LINK1"]);
});

test("a browser keeps its cookie from one page to the next", async () => {
  readers = createReaders(base, () => clock);
  readers.add([letterTo("click@x.test")]);
  clock = 4_000;
  await once(server, "asked");
  await readAll(2);
  expect(asked.map(({ cookie }) => cookie)).toEqual(["", "envoi_p=abc"]);
});

test("people at many providers: a quarter opens, machines call themselves what they are", async () => {
  const people = Array.from({ length: 60 }, (_, i) => `anna.${i}@gomail.example`);
  const read = people.filter((address) => readingOf(address, () => "<1@brand.example>").length > 0);
  const count = read.flatMap((address) => readingOf(address, () => "<1@brand.example>")).length;
  await readAll(count, ...people);
  expect(asked).toHaveLength(count);
  const opens = asked.filter(({ line }) => line === "GET /o/PIXEL");
  expect(opens).toHaveLength(read.length);
  expect(new Set(opens.map(({ userAgent }) => userAgent))).toEqual(new Set([MAIL_PROXY]));
});

test.each(["0.0.0.0", "[::ffff:127.0.0.1]", "127.0.0.1.brand.example"])(
  "public URL at %s, which is not loopback by its name: silent, even if it leads here",
  async (host) => {
    const publicUrl = base.replace("127.0.0.1", host);
    const silent = createReaders(publicUrl, () => clock);
    silent.add([letterTo("mirror@x.test", publicUrl)]);
    expect(await readAll(1, "open@x.test")).toEqual(["GET /o/PIXEL"]);
    await silent.close();
  },
);

test("nobody answers, or with nonsense: nothing is thrown, and others are read", async () => {
  const nonsense = createTcpServer((socket) => socket.on("error", () => {}).end("garbage\r\n\r\n"));
  nonsense.listen(0, "127.0.0.1");
  await once(nonsense, "listening");
  const noWeb = `http://127.0.0.1:${(nonsense.address() as AddressInfo).port}`;
  const away = createReaders(noWeb, () => clock);
  away.add([letterTo("scanner@x.test", noWeb), { ...letterTo("scanner@x.test"), raw: Buffer.from("\0\xff\r\n\r\n") }]);
  clock = 60_000;
  await once(nonsense, "connection");
  nonsense.close();
  away.add([letterTo("scanner@x.test", noWeb)]);
  expect(await readAll(1, "open@x.test")).toEqual(["GET /o/PIXEL"]);
  await away.close();
});

test("more than can be read in a minute is left unread", async () => {
  readers = createReaders(base, () => clock);
  readers.add(Array.from({ length: 7_000 }, (_, i) => letterTo(`open-1h+${i}@x.test`)));
  expect(readers.skipped()).toBe(1_000);
});

test("closed: what waits is forgotten", async () => {
  const gone = createReaders(base, () => clock);
  gone.add([letterTo("mirror@x.test")]);
  await gone.close();
  gone.add([letterTo("mirror@x.test")]);
  expect(await readAll(1, "open@x.test")).toEqual(["GET /o/PIXEL"]);
});
