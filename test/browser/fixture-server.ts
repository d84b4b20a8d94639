/**
 * A stand-in for the web role, for tests of what the pages do: serves the built UI, the answers of fixture-answers.ts behind a
 * sign-in by cookie, and a stream that sends when the test says so.
 */
import { readFile } from "node:fs/promises";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { extname, join } from "node:path";

import { type Answer, problem } from "./fixture-answer.ts";
import { createAccount, invitationAnswer } from "./fixture-account.ts";
import { answer, COOKIE, makeWorld } from "./fixture-answers.ts";
import { destinationsOf, liveOf, type Stored } from "./fixture-data.ts";
import type { SendingWorld } from "./fixture-sending.ts";

const TYPES: Record<string, string> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript",
  ".css": "text/css",
  ".svg": "image/svg+xml",
};

export type Fixture = {
  url: string;
  /** Every request to the API, `METHOD /path?query`, in order. */
  calls: string[];
  /** Sends the present figures of a delivery to all who watch it. */
  tick: (id: string, change?: (stored: Stored) => void) => void;
  /** Changes what senders tell; pages ask for it every few seconds. */
  changeSending: (change: (sending: SendingWorld) => void) => void;
  /** Breaks the streams of a delivery; browsers connect again by themselves. */
  drop: (id: string) => void;
  /** Makes the server forget everything that tests have done; `empty` leaves it without any data. */
  reset: (empty?: boolean) => void;
  close: () => Promise<void>;
};

export async function startFixture(dist: string): Promise<Fixture> {
  let world = makeWorld(false);
  const calls: string[] = [];
  const watchers = new Map<string, Set<ServerResponse>>();

  const send = (stream: ServerResponse, event: string, data: unknown) =>
    stream.write(`event: ${event}\ndata: ${JSON.stringify(data)}\n\n`);
  const sendFigures = (stored: Stored, streams: Iterable<ServerResponse>) => {
    for (const stream of streams) {
      send(stream, "indicators", liveOf(stored));
      send(stream, "destinations", destinationsOf(stored));
    }
  };
  const watch = (id: string, response: ServerResponse) => {
    const stored = world.deliveries.find((each) => each.delivery.id === id);
    response.writeHead(200, { "content-type": "text/event-stream", "cache-control": "no-store" });
    const streams = watchers.get(id) ?? new Set();
    watchers.set(id, streams.add(response));
    response.on("close", () => streams.delete(response));
    if (stored !== undefined) sendFigures(stored, [response]);
  };

  const server: Server = createServer((request, response) => {
    void handle(request, response).catch((error: unknown) => response.writeHead(500).end(String(error)));
  });

  let account = createAccount();

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? "/", "http://fixture");
    if (!url.pathname.startsWith("/api/v1/")) return sendFile(response, dist, url.pathname);
    const path = url.pathname.slice("/api/v1".length);
    const method = request.method ?? "GET";
    calls.push(`${method} ${path}${url.search}`);
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const body = Buffer.concat(chunks).toString("utf8");
    const signedIn = request.headers.cookie?.includes(COOKIE) ?? false;
    if (path === "/session/password") return sendAnswer(response, invitationAnswer(body));
    const aboutAccount = account(path, method, body, request.headers.cookie ?? "");
    if (aboutAccount !== null) return sendAnswer(response, aboutAccount);
    if (!signedIn) return sendAnswer(response, problem(401, "unauthorized", "Not signed in", "Sign in first."));
    const events = /^\/deliveries\/(\d+)\/events$/.exec(path);
    if (events) return watch(events[1] ?? "", response);
    sendAnswer(response, answer(world, { method, path, query: url.searchParams, body, request }));
  }

  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    calls,
    tick: (id, change) => {
      const stored = world.deliveries.find((each) => each.delivery.id === id);
      if (stored === undefined) throw new Error(`no delivery ${id}`);
      change?.(stored);
      sendFigures(stored, watchers.get(id) ?? []);
    },
    changeSending: (change) => change(world.sending),
    drop: (id) => {
      for (const stream of watchers.get(id) ?? []) stream.destroy();
    },
    reset: (empty = false) => {
      account = createAccount();
      world = makeWorld(empty);
      calls.length = 0;
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function sendAnswer(response: ServerResponse, { status, body, text, headers }: Answer): void {
  response.writeHead(status, { "content-type": "application/json", ...headers });
  response.end(text ?? (body === undefined ? undefined : JSON.stringify(body)));
}

/** Files of the build; every other address is a page of the app, also one with a dot in it (`/domains/shop.example`). */
async function sendFile(response: ServerResponse, dist: string, path: string): Promise<void> {
  const name = extname(path) in TYPES ? path : "index.html";
  const content = await readFile(join(dist, name)).catch(() => null);
  response.writeHead(content === null ? 404 : 200, {
    "content-type": TYPES[extname(name)] ?? "application/octet-stream",
    // The names of built files change with what is in them, as those of the web role do.
    "cache-control": name.startsWith("/assets/") ? "public, max-age=31536000, immutable" : "no-cache",
  });
  response.end(content);
}
