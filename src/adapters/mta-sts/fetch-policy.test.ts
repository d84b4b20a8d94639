import { readFileSync } from "node:fs";
import type { ServerResponse } from "node:http";
import { createServer, type Server } from "node:https";
import type { AddressInfo } from "node:net";

import { afterEach, describe, expect, test } from "vitest";

import { createFetchPolicy, type FetchOptions } from "./fetch-policy.ts";

const fixture = (name: string) => readFileSync(new URL(`../../../test/fixtures/dane/${name}`, import.meta.url), "utf8");
const TEXT = "version: STSv1\nmode: none\nmax_age: 1\n";

let server: Server | null = null;
afterEach(() => {
  server?.closeAllConnections();
  server?.close();
});

async function serve(
  answer: (response: ServerResponse) => void,
  { certificate = "policy", ...options }: Partial<FetchOptions> & { certificate?: string } = {},
) {
  const asked: string[] = [];
  server = createServer(
    { key: fixture(`${certificate}.key`), cert: fixture(`${certificate}.pem`) },
    (request, response) => {
      asked.push(`${request.method} https://${request.headers.host?.split(":")[0]}${request.url}`);
      answer(response);
    },
  ).listen(0, "127.0.0.1");
  await expect.poll(() => server?.listening).toBe(true);
  const fetch = createFetchPolicy({
    resolveAddresses: (host) =>
      Promise.resolve(
        host === "mta-sts.example.com"
          ? { kind: "found", addresses: ["127.0.0.1"] }
          : { kind: "no-address", detail: `${host} has no address` },
      ),
    port: (server.address() as AddressInfo).port,
    ca: fixture("root.pem"),
    timeout: 5_000,
    ...options,
  });
  return { fetch, asked };
}

const say = (status: number, headers: Record<string, string>, body: string) => (response: ServerResponse) =>
  void response.writeHead(status, headers).end(body);
const plain = { "content-type": "text/plain; charset=utf-8" };

test("the policy, from its well-known place", async () => {
  const { fetch, asked } = await serve(say(200, plain, TEXT));
  expect(await fetch("example.com")).toEqual({ kind: "text", text: TEXT });
  expect(asked).toEqual(["GET https://mta-sts.example.com/.well-known/mta-sts.txt"]);
});

describe("no policy", () => {
  test.each<[string, (response: ServerResponse) => void, string]>([
    ["a redirect", say(301, { location: "https://other.example/" }, ""), "answers 301"],
    ["nothing there", say(404, plain, TEXT), "answers 404"],
    ["a web page", say(200, { "content-type": "text/html" }, TEXT), "text/html, not text/plain"],
    ["no type", say(200, {}, TEXT), "of no type"],
    ["more than 64 kB", say(200, plain, "x".repeat(65_537)), "larger than 65536 bytes"],
    [
      "an answer that breaks off",
      (response) => {
        response.writeHead(200, { ...plain, "content-length": "100" }).write("version");
        setImmediate(() => response.destroy());
      },
      "aborted",
    ],
  ])("%s", async (_, answer, detail) => {
    const { fetch } = await serve(answer);
    expect(await fetch("example.com")).toEqual({ kind: "failed", detail: expect.stringContaining(detail) });
  });

  test("a server that is silent, or never ends", async () => {
    for (const answer of [() => {}, (response: ServerResponse) => void response.writeHead(200, plain).write("v")]) {
      const { fetch } = await serve(answer, { timeout: 300 });
      expect(await fetch("example.com")).toEqual({
        kind: "failed",
        detail: expect.stringContaining("no answer within"),
      });
      server?.closeAllConnections();
      server?.close();
    }
  });

  test.each<[string, string, Partial<FetchOptions>, string]>([
    ["of an authority that nobody knows", "policy", { ca: null }, "unable to verify"],
    ["for another name", "leaf", { ca: fixture("root.pem") + fixture("intermediate.pem") }, "does not match"],
    ["that names the server in the old way only", "nameless", {}, "does not list mta-sts.example.com as a DNS name"],
  ])("a certificate %s", async (_, certificate, options, detail) => {
    const { fetch, asked } = await serve(say(200, plain, TEXT), { certificate, ...options });
    expect(await fetch("example.com")).toEqual({ kind: "failed", detail: expect.stringContaining(detail) });
    expect(asked).toEqual([]);
  });

  test("no address that may be connected to", async () => {
    const { fetch } = await serve(say(200, plain, TEXT));
    expect(await fetch("other.example")).toEqual({ kind: "failed", detail: "mta-sts.other.example has no address" });
  });
});
