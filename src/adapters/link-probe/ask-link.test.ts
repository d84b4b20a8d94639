/** Links as they are, and as somebody writes them who wants to look behind the fence. */
import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, describe, expect, it, test } from "vitest";

import { createLinkProbe, type ProbeOptions } from "./ask-link.ts";

const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

async function serve(answer: RequestListener): Promise<string> {
  const server = createServer(answer);
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const never = () => new AbortController().signal;
const ask = (url: string, options: ProbeOptions = {}) =>
  createLinkProbe({ allowed: ["127.0.0.1"], ...options })(url, never());

test("HEAD is enough where it is answered well, and nothing else is told than the address", async () => {
  const got: string[] = [];
  const base = await serve(({ method, url, headers }, response) => {
    got.push(`${method} ${url} ${headers.authorization ?? "nobody"}`);
    response.writeHead(200, { "content-length": 1_000_000 }).end();
  });
  expect(await ask(`${base.replace("//", "//me:secret@")}/a?b=1`)).toEqual({ kind: "answered", status: 200 });
  expect(got).toEqual(["HEAD /a?b=1 nobody"]);
});

test.each([405, 404, 403, 501])("HEAD answered by %i is no answer: one byte is asked for", async (refusal) => {
  const base = await serve(({ method, headers }, response) => {
    const isGet = method === "GET" && headers.range === "bytes=0-0";
    response.writeHead(isGet ? 206 : refusal).end(isGet ? "x" : undefined);
  });
  expect(await ask(base)).toEqual({ kind: "answered", status: 206 });
});

test("a server that hangs up at HEAD is asked by GET, and its page without end is not read", async () => {
  const base = await serve(({ method, socket }, response) => {
    if (method === "HEAD") return void socket.destroy();
    response.writeHead(410);
    response.write("x".repeat(100_000));
  });
  expect(await ask(base)).toEqual({ kind: "answered", status: 410 });
});

test("redirects are followed three times, and what comes last counts", async () => {
  const base = await serve(({ url = "" }, response) => {
    const left = Number(url.slice(1));
    response.writeHead(left === 0 ? 404 : 302, left === 0 ? {} : { location: `/${left - 1}` }).end();
  });
  expect(await ask(`${base}/3`)).toEqual({ kind: "answered", status: 404 });
  expect(await ask(`${base}/4`)).toMatchObject({ kind: "not-asked", why: "it leads on more than 3 times" });
});

describe("what is nobody's business is not asked", () => {
  it.each([
    "http://127.0.0.1/",
    "https://127.1/",
    "http://2130706433/",
    "http://[::1]/",
    "http://[::ffff:10.0.0.1]/",
    "http://169.254.169.254/latest/meta-data/",
    "http://192.168.1.1/",
  ])("%s", async (url) => {
    expect(await ask(url, { allowed: [] })).toMatchObject({ why: expect.stringContaining("do not allow it") });
  });

  it("behind a name", async () => {
    const resolve = () => Promise.resolve(["169.254.169.254"]);
    const answer = await ask("https://metadata.example/", { allowed: [], resolve });
    expect(answer).toMatchObject({ why: expect.stringContaining("which is only valid on one link") });
  });

  it("behind a redirect", async () => {
    const base = await serve((_, response) => void response.writeHead(301, { location: "http://10.1.2.3/" }).end());
    expect(await ask(base)).toMatchObject({
      why: expect.stringContaining("10.1.2.3 is at 10.1.2.3, which is private"),
    });
  });

  it("behind a redirect to what is no web page", async () => {
    const base = await serve((_, response) => void response.writeHead(301, { location: "file:///etc/passwd" }).end());
    expect(await ask(base)).toMatchObject({ why: "it leads to what is no web page" });
  });

  it("when the name says something else the second time", async () => {
    const base = await serve((_, response) => void response.end());
    let asked = 0;
    const resolve = () => Promise.resolve(++asked === 1 ? ["127.0.0.1"] : ["192.0.2.66"]);
    const url = base.replace("127.0.0.1", "shop.internal");
    expect(await ask(url, { allowed: ["shop.internal"], resolve })).toEqual({ kind: "answered", status: 200 });
    expect(asked).toBe(1);
  });
});

test("a name that does not exist is told from one that cannot be looked up now", async () => {
  const failing = (code: string) => () => Promise.reject(Object.assign(new Error(`queryA ${code}`), { code }));
  expect(await ask("https://gone.example/", { resolve: failing("ENOTFOUND") })).toEqual({
    kind: "no-such-host",
    host: "gone.example",
  });
  expect(await ask("https://later.example/", { resolve: failing("EAI_AGAIN") })).toMatchObject({ kind: "not-asked" });
});

test("who says nothing is left after the time-out; so is a name server", async () => {
  const base = await serve(() => {});
  expect(await ask(base, { timeout: 100 })).toMatchObject({ why: "no answer within 0.1 s" });
  const resolve = () => new Promise<never>(() => {});
  expect(await ask("https://slow.example/", { timeout: 100, resolve })).toMatchObject({
    why: "no answer within 0.1 s",
  });
});

test("after the end of it all nobody is asked any more", async () => {
  let visits = 0;
  const base = await serve((_, response) => {
    visits++;
    response.end();
  });
  const probe = createLinkProbe({ allowed: ["127.0.0.1"] });
  expect(await probe(base, AbortSignal.abort())).toMatchObject({ why: "all links together took too long" });
  expect(visits).toBe(0);
});
