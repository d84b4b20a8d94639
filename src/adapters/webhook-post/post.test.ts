/** Endpoints as they are, and as somebody makes them who means harm. */
import { readFileSync } from "node:fs";
import { createServer as createHttp, type RequestListener, type Server } from "node:http";
import { createServer as createHttps } from "node:https";
import type { AddressInfo } from "node:net";
import { afterEach, describe, expect, it, test } from "vitest";

import { createWebhookPost, type PostOptions } from "./post.ts";

const fixture = (name: string) => readFileSync(new URL(`../../../test/fixtures/dane/${name}`, import.meta.url), "utf8");

const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

async function serve(answer: RequestListener, certificate: string | null = null): Promise<number> {
  const server =
    certificate === null
      ? createHttp(answer)
      : createHttps({ key: fixture(`${certificate}.key`), cert: fixture(`${certificate}.pem`) }, answer);
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return (server.address() as AddressInfo).port;
}

const LOCAL = ["127.0.0.1"];
const send = (url: string, allowed: readonly string[] = LOCAL, options: PostOptions = {}) =>
  createWebhookPost({ timeout: 5000, ...options })({
    url,
    headers: { "x-one": "1" },
    body: "{}",
    allowed,
    signal: new AbortController().signal,
  });

test("sends body and headers, and tells how the answer began", async () => {
  let got = "";
  const port = await serve((request, response) => {
    got = `${request.method} ${request.url} ${String(request.headers["x-one"])} ${request.headers["content-length"]}`;
    response.writeHead(202, { "retry-after": "3" }).end("thanks");
  });
  const result = await send(`http://127.0.0.1:${port}/hook?a=1`);
  expect(result).toMatchObject({ status: 202, error: null, retryAfter: "3", response: "thanks" });
  expect(got).toBe("POST /hook?a=1 1 2");
});

describe("an address that is nobody's business is refused before anything is sent", () => {
  it.each([
    "https://127.0.0.1/",
    "https://127.1/",
    "https://0x7f000001/",
    "https://2130706433/",
    "https://[::1]/",
    "https://[::ffff:127.0.0.1]/",
    "https://[64:ff9b::7f00:1]/",
    "https://0.0.0.0/",
    "https://10.1.2.3/",
    "https://192.168.1.1/",
    "https://172.16.0.1/",
    "https://100.64.0.1/",
    "https://169.254.169.254/latest/meta-data/",
    "https://[fe80::1]/",
    "https://[fd00:ec2::254]/",
  ])("%s", async (url) => {
    expect(await send(url, [])).toMatchObject({ status: null, error: expect.stringContaining("do not allow it") });
  });

  it("also behind a name", async () => {
    const resolve = () => Promise.resolve(["169.254.169.254", "10.0.0.1"]);
    const result = await send("https://metadata.example/", [], { resolve });
    expect(result.error).toContain("metadata.example is at 169.254.169.254, which is only valid on one link");
  });

  it("also without TLS", async () => {
    expect((await send("http://192.0.2.1/", [])).error).toContain("use https");
    expect((await send("http://hook.example/", ["other.example"])).error).toContain("use https");
  });
});

test("a name is asked for once, and the connection goes to what was checked", async () => {
  const port = await serve((_, response) => void response.writeHead(204).end());
  let asked = 0;
  // The second answer would be another one: rebinding.
  const resolve = () => Promise.resolve(++asked === 1 ? ["127.0.0.1"] : ["192.0.2.66"]);
  expect(await send(`http://hook.internal:${port}/`, ["hook.internal"], { resolve })).toMatchObject({ status: 204 });
  expect(asked).toBe(1);
});

test("of several addresses only those are used that may be", async () => {
  const port = await serve((_, response) => void response.writeHead(204).end(), "policy");
  const resolve = () => Promise.resolve(["10.9.9.9", "127.0.0.1"]);
  const options = { resolve, ca: fixture("root.pem") };
  const result = await send(`https://mta-sts.example.com:${port}/`, ["127.0.0.0/8"], options);
  expect(result).toMatchObject({ status: 204 });
});

test("a redirect is an answer, and nobody goes there", async () => {
  let visits = 0;
  const inner = await serve((_, response) => {
    visits++;
    response.end("secret");
  });
  const port = await serve(
    (_, response) => void response.writeHead(307, { location: `http://127.0.0.1:${inner}/` }).end(),
  );
  expect(await send(`http://127.0.0.1:${port}/`)).toMatchObject({ status: 307, response: "" });
  expect(visits).toBe(0);
});

test("a certificate that nobody vouches for is none", async () => {
  const port = await serve((_, response) => void response.end(), "policy");
  const resolve = () => Promise.resolve(["127.0.0.1"]);
  const result = await send(`https://mta-sts.example.com:${port}/`, LOCAL, { resolve });
  expect(result).toMatchObject({ status: null, error: expect.stringContaining("certificate") });
});

test("a certificate for another name neither", async () => {
  const port = await serve((_, response) => void response.end(), "policy");
  const resolve = () => Promise.resolve(["127.0.0.1"]);
  const options = { resolve, ca: fixture("root.pem") };
  expect((await send(`https://hook.example:${port}/`, LOCAL, options)).error).toContain("hook.example");
});

test("who says nothing is left after the time-out", async () => {
  const port = await serve(() => {});
  const result = await send(`http://127.0.0.1:${port}/`, LOCAL, { timeout: 100 });
  expect(result).toMatchObject({ status: null, error: "no answer within 0.1 s" });
});

test("a name server that says nothing holds nobody up", async () => {
  const resolve = () => new Promise<never>(() => {});
  const result = await send("https://hook.example/", [], { resolve, timeout: 100 });
  expect(result).toMatchObject({ status: null, error: "no answer within 0.1 s" });
});

test("an answer without end is read as far as it interests", async () => {
  const port = await serve((_, response) => {
    response.writeHead(200);
    const pour = () => {
      while (response.write("x".repeat(65_536)) && !response.destroyed);
    };
    response.on("drain", pour).on("error", () => {});
    pour();
  });
  const result = await send(`http://127.0.0.1:${port}/`);
  expect(result).toMatchObject({ status: 200, response: "x".repeat(1000) });
});

test("an answer whose text does not come counts all the same", async () => {
  const port = await serve((_, response) => void response.writeHead(200).write("begin"));
  expect(await send(`http://127.0.0.1:${port}/`, LOCAL, { timeout: 200 })).toMatchObject({ status: 200 });
});

test("a name without address, a port without server", async () => {
  const resolve = () => Promise.resolve([]);
  expect((await send("https://hook.example/", [], { resolve })).error).toBe("hook.example has no address");
  const port = await serve(() => {});
  for (const server of servers.splice(0)) await new Promise((resolve) => server.close(resolve));
  expect((await send(`http://127.0.0.1:${port}/`)).error).toContain("ECONNREFUSED");
});
